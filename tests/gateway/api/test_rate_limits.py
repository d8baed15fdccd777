"""Whoever asks too often is told so, and when to ask again; nobody else waits for it."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from fastapi import Depends, FastAPI
from hypothesis import given
from hypothesis import strategies as st

from chassis.web.app import problem_response
from contracts.outcomes import Refused
from services.gateway.api.rate_limits import Policy, RateLimitHeaders, RateLimits, Shares, within_limits
from services.gateway.tokens import Caller

PERSON, ORGANISATION = Policy("person", per_second=2, burst=4), Policy("organisation", per_second=5, burst=10)
OFFICER = Caller("KP2MI", "officer", (), "", "person", time.time() + 60, issuer="https://issuer.test")
COLLEAGUE = replace(OFFICER, subject="colleague")
SYSTEM = replace(OFFICER, subject="system", kind="system")
STRANGER = replace(OFFICER, organisation="BPS", subject="stranger")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def taken(limits: RateLimits, caller: Caller, times: int) -> list[int]:
    return [limits.take(caller).remaining for _ in range(times)]


def test_a_person_has_a_burst_and_then_a_rate() -> None:
    clock = Clock()
    limits = RateLimits(PERSON, ORGANISATION, clock)
    assert taken(limits, OFFICER, 5) == [3, 2, 1, 0, -1]
    clock.now = 0.5
    assert taken(limits, OFFICER, 2) == [0, -1]
    clock.now = 1000.0
    assert taken(limits, OFFICER, 5) == [3, 2, 1, 0, -1]


def test_people_of_one_organisation_share_what_it_has_and_nobody_elses() -> None:
    limits = RateLimits(PERSON, ORGANISATION, Clock())
    assert taken(limits, OFFICER, 4)[-1] == 0
    assert taken(limits, COLLEAGUE, 4)[-1] == 0
    assert taken(limits, SYSTEM, 3) == [1, 0, -1]
    assert taken(limits, replace(OFFICER, subject="third"), 1) == [-1]
    assert taken(limits, STRANGER, 1) == [3]


@given(st.lists(st.floats(0, 5), max_size=60))
def test_no_timing_gives_more_than_the_burst_and_the_rate(pauses: list[float]) -> None:
    clock = Clock()
    limits, granted = RateLimits(PERSON, ORGANISATION, clock), 0
    for pause in pauses:
        clock.now += pause
        granted += limits.take(OFFICER).remaining >= 0
    assert granted <= PERSON.burst + PERSON.per_second * clock.now + 1e-6


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """Every request is the officer's."""

    async def officer() -> Caller:
        return OFFICER

    app = FastAPI(telemetry={"auto_configure": False})
    app.add_exception_handler(Refused, lambda _, error: problem_response(error.problems))
    identify = within_limits(officer, RateLimits(PERSON, ORGANISATION, Clock()))
    app.add_api_route("/v1/me", lambda: {}, dependencies=[Depends(identify)])
    app.add_middleware(RateLimitHeaders)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        yield client


async def test_every_answer_says_how_much_is_left_and_a_refusal_when_to_come_back(client: httpx.AsyncClient) -> None:
    answers = [await client.get("/v1/me") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    assert answers[0].headers["RateLimit"] == '"person";r=3;t=1'
    assert answers[0].headers["RateLimit-Policy"] == '"person";q=4;w=2'
    assert "Retry-After" not in answers[3].headers
    assert (answers[4].headers["RateLimit"], answers[4].headers["Retry-After"]) == ('"person";r=0;t=1', "1")
    assert answers[4].json()["code"] == "too_many_requests"


def test_one_organisation_cannot_take_all_and_what_is_urgent_finds_a_place() -> None:
    shares = Shares(total=6, each=3, reserved=2)
    for _ in range(3):
        shares.take("BNPB")
    refused(shares, "BNPB")
    refused(shares, "BNPB", urgent=True)
    shares.take("BPS")
    refused(shares, "BPS")
    shares.take("BPS", urgent=True)
    shares.take("KP2MI", urgent=True)
    refused(shares, "KP2MI", urgent=True)
    shares.give_back("BNPB")
    with shares.taken("BASARNAS", urgent=True):
        refused(shares, "BASARNAS", urgent=True)
    assert shares.held == {"BNPB": 2, "BPS": 2, "KP2MI": 1}


def refused(shares: Shares, holder: str, *, urgent: bool = False) -> None:
    with pytest.raises(Refused, match="too_many_requests"):
        shares.take(holder, urgent=urgent)
