"""What callers send, valid by default, and what they are told of a refusal."""

from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx

from tests.eventually import eventually
from tests.gateway.api.conftest import Gateway


def kp2mi(api: Gateway, **claims: Any) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    """An officer who registers workers, is on duty, and reads those whom KP2MI placed."""
    return api.as_("KP2MI", "registrar", "duty_officer", **({"purpose": "placement_and_protection"} | claims))


def registration(**changes: Any) -> dict[str, Any]:
    person = {"full_name": "Sulastri", "birth_date": "1996-04", "sex": "P", "home_regency": "33.07"} | changes
    return {
        "occurred_at": "2026-03-01T08:30:00+07:00",
        "person": person,
        "episode": {"destination": "MY", "scheme": "p_to_p"},
    }


def alert(**changes: Any) -> dict[str, Any]:
    given = {"occurred_at": "2026-03-01T08:30:00+08:00", "alert_type": "ALT-DISTRESS", "country": "MY"}
    return given | {"narrative": "Minta dijemput."} | changes


async def raised(api: Gateway, by: str = "KP2MI") -> str:
    async with api.as_(by, "duty_officer") as officer:
        answer = await officer.post("/v1/alerts", json=alert())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def whole_report(officer: httpx.AsyncClient, place: str) -> dict[str, Any]:
    """What stands there as soon as the registry answers in time."""

    async def complete() -> dict[str, Any] | None:
        answer = await officer.get(place)
        assert answer.status_code == 200, answer.text
        report: dict[str, Any] = answer.json()
        return None if report["incomplete"] else report

    return await eventually(complete, timeout=60)


def codes(answer: httpx.Response) -> tuple[int, list[tuple[str, str]]]:
    return answer.status_code, [(one["code"], one["pointer"]) for one in answer.json()["problems"]]


async def disclosed(api: Gateway, person: str) -> list[dict[str, Any]]:
    """What was put on record of a person."""
    groups = [group for document in await api.disclosures.find({}).to_list(None) for group in document["disclosed"]]
    return [group for group in groups if any(copy[2] == person for copy in group["copies"])]
