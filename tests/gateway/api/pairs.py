"""Two registrations that might be of one woman: written alike, each with a number of its own."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import httpx

from simulation.population.constructed_numbers import Numbers, make_nik
from tests.gateway.api.conftest import Gateway

_RNG = Random(20260301)
_NUMBERS = Numbers(_RNG)
_SYLLABLES = ("wa", "ti", "nur", "sri", "mar", "yu", "lin", "kar", "su", "ning", "las", "tri", "ro", "mi", "en", "dah")


@dataclass(frozen=True, slots=True)
class Pair:
    """Who they are to the institution that registered them, the one who was known first coming first."""

    duplicate: str
    persons: tuple[str, str]
    secrets: tuple[str, ...]
    """What of them may stand in no list, log or address."""


async def a_pair(api: Gateway) -> Pair:
    """Registered by KP2MI, and left to a steward because both have an NIK."""
    born = date(1990, 1, 1) + timedelta(days=_RNG.randrange(3000))
    name, mother, phone = _name(), _name(), _NUMBERS.phone()
    about = {"birth_date": born.isoformat(), "sex": "P", "home_regency": "33.07", "phone": phone, "mother_name": mother}
    numbers = [make_nik("33.07", born, "P", serial) for serial in (3, 58)]  # twins have neighbouring ones
    async with api.as_("KP2MI", "registrar") as officer:
        one = await _registered(officer, about | {"full_name": name.upper(), "nik": numbers[0]})
        other = await _registered(officer, about | {"full_name": name, "nik": numbers[1]})
    async with api.as_("KP2MI", "identity_steward", purpose="identity_stewardship") as steward:
        review = next(row["duplicate"] for row in await queue(steward) if set(row["persons"]) == {one, other})
    return Pair(review, (one, other), (name, name.upper(), mother, phone, born.isoformat(), *numbers))


async def queue(steward: httpx.AsyncClient, *, limit: int = 200, **query: str) -> list[dict[str, Any]]:
    """Every review of a list, page by page."""
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        answer = await steward.get("/v1/duplicates", params={"limit": str(limit)} | query | after)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["duplicates"]
        if page["after"] is None:
            return found
        after = {"after": page["after"]}


async def _registered(officer: httpx.AsyncClient, person: dict[str, str]) -> str:
    plan = {"destination": "MY", "scheme": "p_to_p"}
    body = {"occurred_at": "2026-03-01T08:30:00+07:00", "person": person, "episode": plan}
    answer = await officer.post("/v1/persons", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _name() -> str:
    return " ".join("".join(_RNG.choices(_SYLLABLES, k=3)).capitalize() for _ in range(3))
