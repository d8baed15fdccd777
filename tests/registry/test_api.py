from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from chassis.mongo import Client
from chassis.security.principal import HEADER
from contracts.commands import Principal
from contracts.registry import Identifiers
from services.registry.api.persons import router
from services.registry.store import Store
from tests.domain_service import asking
from tests.registry.builders import (
    NIK,
    NOW,
    PASSPORT,
    command,
    command_id,
    departure,
    person,
    placement,
    registration,
)
from tests.registry.processes import apply

EXCHANGE = Principal(organisation="SIMPUL", roles=("exchange",))


@pytest.fixture
async def http(store: Store, rings: dict[str, Any]) -> AsyncIterator[httpx.AsyncClient]:
    """The gateway's client."""
    async with asking("registry", lambda verifier: [router(store, verifier)], rings) as ask:
        ask.http.auth = ask.as_(EXCHANGE)
        yield ask.http


@pytest.fixture
async def subject(client: Client, store: Store) -> str:
    """The id of a person who is registered and, as far as we know, departed without a placement."""
    return (await apply(client, store, [command(registration()), command(departure())]))[0].aggregate_id


async def test_whoever_is_not_the_gateway_is_turned_away(http: httpx.AsyncClient, subject: str) -> None:
    for signed in ("", "forged"):
        answer = await http.get(f"/persons/{subject}", headers={HEADER: signed}, auth=None)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_persons_are_read_in_one_call_and_missing_ones_are_absent(http: httpx.AsyncClient, subject: str) -> None:
    wanted = {"persons": [{"id": subject, "at_least": 2}, {"id": command_id(1), "at_least": 0}]}
    (found,) = (await http.post("/persons/read", json=wanted)).json()["persons"]
    assert (found["person"], found["version"], found["episode"]) == (subject, 2, 1)
    assert (found["facets"]["status"], found["facets"]["home_regency"]) == ("P1_DEPARTED", "33.07")
    assert found["flags"] == [
        {"code": "nik_unverified", "missing": ["IDENTITY"]},
        {"code": "non_procedural", "missing": ["PLACEMENT"]},
    ]
    assert (found["personal"]["full_name"], found["personal"]["nik"]) == ("Sulastri", NIK)
    assert datetime.fromisoformat(found["asof"]) == NOW + timedelta(milliseconds=1)


async def test_identifiers_lead_to_the_person_who_carries_them(http: httpx.AsyncClient, subject: str) -> None:
    async def resolved(**given: str) -> str | None:
        found: str | None = (await http.post("/persons/resolve", json=given)).json()["person"]
        return found

    assert await resolved(nik=NIK) == await resolved(passport=PASSPORT) == subject
    assert await resolved(nik=NIK, passport="Z9999999") == subject
    assert await resolved(passport="Z9999999") is None
    assert await resolved() is None


async def test_an_identifier_of_two_persons_leads_to_both_and_to_neither_alone(
    http: httpx.AsyncClient, client: Client, store: Store, subject: str
) -> None:
    other = person(passport="Z0000002", birth_date="1980-01-01", sex="L")
    (second,) = await apply(client, store, [command(registration(), other)])
    candidates = [subject, second.aggregate_id]
    assert (await http.post("/persons/resolve", json={"nik": NIK})).json() == {
        "person": None, "candidates": candidates
    }  # fmt: skip
    both = {"nik": NIK, "passport": PASSPORT}
    assert (await http.post("/persons/resolve", json=both)).json() == {"person": subject}


async def test_a_list_needs_something_to_go_by(http: httpx.AsyncClient) -> None:
    answer = await http.get("/persons")
    assert (answer.status_code, answer.json()["code"], answer.json()["pointer"]) == (
        422,
        "missing_value",
        "/query/home_regency",
    )


async def test_a_list_tells_no_personal_values(http: httpx.AsyncClient, subject: str) -> None:
    answer = await http.get("/persons", params={"home_regency": "33.07", "status": "P1_DEPARTED"})
    page = answer.json()
    assert ([one["person"] for one in page["persons"]], page["after"]) == ([subject], None)
    assert page["persons"][0]["flags"] == ["nik_unverified", "non_procedural"]
    assert not [secret for secret in (NIK, PASSPORT, "Sulastri") if secret in answer.text]


async def test_a_list_goes_on_after_its_cursor(http: httpx.AsyncClient, client: Client, store: Store) -> None:
    anonymous = person(nik=None, passport=None)
    applied = await apply(client, store, [command(registration(home_regency="52.01"), anonymous) for _ in range(5)])
    seen: list[str] = []
    after: str | None = None
    while True:
        params = {"home_regency": "52.01", "limit": "2"} | ({"after": after} if after else {})
        page = (await http.get("/persons", params=params)).json()
        seen += [one["person"] for one in page["persons"]]
        if (after := page["after"]) is None:
            break
    assert seen == sorted(one.aggregate_id for one in applied)


async def test_a_person_is_told_as_known_on_a_date(
    http: httpx.AsyncClient, client: Client, store: Store, subject: str
) -> None:
    await apply(client, store, [command(placement())])
    now = (await http.get(f"/persons/{subject}")).json()
    then = (
        await http.get(f"/persons/{subject}", params={"asof": (NOW + timedelta(milliseconds=1)).isoformat()})
    ).json()
    first = (await http.get(f"/persons/{subject}", params={"asof": NOW.isoformat()})).json()
    before = await http.get(f"/persons/{subject}", params={"asof": (NOW - timedelta(days=1)).isoformat()})
    assert [flag["code"] for flag in now["flags"]] == ["nik_unverified"]
    assert [flag["code"] for flag in then["flags"]] == ["nik_unverified", "non_procedural"]
    assert (first["facets"]["status"], "version" in first, now["version"]) == ("C1_REGISTERED", False, 4)
    assert before.status_code == 404


async def test_a_time_at_which_something_may_still_be_recorded_is_not_answered(
    http: httpx.AsyncClient, subject: str
) -> None:
    for asof in (datetime.now(UTC).isoformat(), "2026-01-01T00:00:00"):
        answer = await http.get(f"/persons/{subject}", params={"asof": asof})
        assert (answer.status_code, answer.json()["code"], answer.json()["pointer"]) == (
            422,
            "invalid_value",
            "/query/asof",
        )


async def test_a_history_says_who_said_what_and_names_personal_values_only(
    http: httpx.AsyncClient, client: Client, store: Store, subject: str
) -> None:
    await apply(client, store, [command(departure("2026-03"), Identifiers(nik=NIK))])
    answer = await http.get(f"/persons/{subject}/history")
    actions = answer.json()["actions"]
    assert [(one["kind"], one["owner"], one["occurred"]["precision"]) for one in actions] == [
        ("REGISTRATION", "KP2MI", "instant"),
        ("DEPARTURE", "KEMENIMIPAS", "month"),
        ("DEPARTURE", "KEMENIMIPAS", "instant"),
    ]
    assert actions[1]["personal"] == ["nik"]
    assert not [secret for secret in (NIK, PASSPORT, "Sulastri") if secret in answer.text]


async def test_an_unknown_person_is_not_found(http: httpx.AsyncClient) -> None:
    for path in (f"/persons/{command_id(1)}", f"/persons/{command_id(1)}/history"):
        answer = await http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
