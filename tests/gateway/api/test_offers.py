"""Somebody registers a person of another office's: told that it waits, seen and decided by the owner."""

from datetime import date
from random import Random
from typing import Any

import httpx

from services.gateway.domain.receiver_ids import person_of
from simulation.population.constructed_numbers import Numbers, make_nik
from tests.gateway.api.bodies import codes, disclosed
from tests.gateway.api.conftest import Gateway

OWNER, AUTHOR = ("KP2MI", "registrar"), ("33.07-DISNAKER", "registrar")
_RNG = Random(20260412)
_NUMBERS = Numbers(_RNG)
BORN = date(1991, 5, 4)


async def registers(officer: httpx.AsyncClient, nik: str, **changes: str) -> httpx.Response:
    person = {"full_name": "Wartinah", "birth_date": BORN.isoformat(), "sex": "P", "nik": nik, "home_regency": "33.07"}
    plan = {"destination": "MY", "scheme": "p_to_p"}
    body = {"occurred_at": "2026-03-01T08:30:00+07:00", "person": person | changes, "episode": plan}
    return await officer.post("/v1/persons", json=body)


async def offered(api: Gateway) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A woman of KP2MI's, registered again by the office of her regency; her NIK, and both answers."""
    nik = make_nik("33.07", BORN, "P", _RNG.randrange(100, 9000))
    async with api.as_(*OWNER) as owner, api.as_(*AUTHOR) as author:
        first = await registers(owner, nik, phone=_NUMBERS.phone())
        second = await registers(author, nik, full_name="Dewi", home_regency="52.01")
    assert (first.status_code, second.status_code) == (201, 201), second.text
    return nik, first.json(), second.json()


async def waiting(client: httpx.AsyncClient, side: str, person: str) -> list[dict[str, Any]]:
    answer = await client.get("/v1/offers", params={"side": side, "limit": "200"})
    assert answer.status_code == 200, answer.text
    return [offer for offer in answer.json()["offers"] if offer["person"] == person]


async def test_a_second_registration_is_answered_that_it_waits_and_shows_nothing_of_her(api: Gateway) -> None:
    nik, first, second = await offered(api)
    assert (first["warnings"], second["warnings"]) == ([], ["waits_for_owner"])
    assert not [secret for secret in (nik, "Wartinah", "KP2MI") if secret in str(second)]
    async with api.as_(*AUTHOR) as author:
        assert codes(await author.get(f"/v1/persons/{second['id']}"))[0] in (403, 404)
        (own,) = await waiting(author, "author", second["id"])
        assert (await author.get(f"/v1/offers/{own['offer']}")).json()["differs"] == []
        assert await waiting(author, "owner", second["id"]) == []


async def test_the_owner_sees_what_differs_and_lets_it_take_effect(api: Gateway) -> None:
    _, first, _ = await offered(api)
    async with api.as_(*OWNER) as owner:
        (listed,) = await waiting(owner, "owner", first["id"])
        shown = await owner.get(f"/v1/offers/{listed['offer']}")
        assert shown.json()["differs"] == ["full_name", "home_regency", "phone"]
        recorded = [row["fields"] for row in await disclosed(api, person_of(api.ring, OWNER[0], first["id"]))]
        assert ["offer"] in recorded
        assert ["offer", "differs.full_name", "differs.home_regency", "differs.phone"] in recorded
        place = f"/v1/offers/{listed['offer']}/decision"
        accepted = {"decision": "accepted", "reason": "moved"}
        stale = await owner.post(place, json=accepted, headers={"If-Match": '"1"'})
        assert codes(stale) == (409, [("version_conflict", "")])
        answer = await owner.post(place, json=accepted, headers={"If-Match": shown.headers["ETag"]})
        assert (answer.status_code, answer.json()["id"]) == (200, listed["offer"]), answer.text
        decided = (await owner.get(f"/v1/offers/{listed['offer']}")).json()
        assert (decided["status"], decided["reason"], decided["owner"]) == ("accepted", "moved", "KP2MI")
        again = await owner.post(place, json=accepted, headers={"If-Match": f'"{decided["version"]}"'})
        assert codes(again) == (409, [("state_conflict", "")])


async def test_whom_it_does_not_concern_finds_no_offer(api: Gateway) -> None:
    _, first, second = await offered(api)
    async with api.as_(*OWNER) as owner:
        (listed,) = await waiting(owner, "owner", first["id"])
    place = f"/v1/offers/{listed['offer']}"
    rejected = {"decision": "rejected", "reason": "not_confirmed"}
    async with api.as_("33-DISNAKERTRANS", "registrar") as stranger:
        assert codes(await stranger.get(place)) == (404, [("not_found", "")])
        assert codes(await stranger.post(f"{place}/decision", json=rejected)) == (404, [("not_found", "")])
    async with api.as_(*AUTHOR) as author:
        assert codes(await author.post(f"{place}/decision", json=rejected)) == (403, [("not_permitted", "")])
    async with api.as_("KEMLU", "duty_officer") as officer:
        assert codes(await officer.get("/v1/offers"))[0] == 403
        assert codes(await officer.get("/v1/offers?side=steward"))[0] == 403
    async with api.as_("KP2MI", "identity_steward") as steward:
        assert (await steward.get("/v1/offers?side=steward")).json()["offers"] == [], "nothing is five working days old"
        assert (await steward.post(f"{place}/decision", json=rejected)).status_code == 200
    async with api.as_(*AUTHOR) as author:
        assert (await author.get(place)).json()["status"] == "rejected"
        assert second["id"] not in str(await waiting(author, "author", second["id"]))
