"""GET /v1/disclosures: for the data protection officer, of the own organisation and its own persons alone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from bson import CodecOptions

from services.gateway.audit.sequencer import Sequencer
from services.gateway.domain.receiver_ids import person_of
from services.gateway.store.disclosure_index import DisclosureIndex
from services.gateway.store.transparency import TransparencyStore
from tests.gateway.api.bodies import codes, disclosed, registration
from tests.gateway.api.conftest import Gateway

OFFICER = "KP2MI", "data_protection_officer"


@asynccontextmanager
async def officer(api: Gateway, *who: str) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever asks, after everything recorded is in the log and in its index, as the exchange does it."""
    client = api.disclosures.database.client
    database = api.disclosures.database.with_options(codec_options=CodecOptions(tz_aware=True))
    sequencer, index = Sequencer(TransparencyStore(client, database), bytes(32), "test"), DisclosureIndex(database)
    while await sequencer.sequence() or await index.fill(50):
        pass
    async with api.as_(*who) as http:
        yield http


async def listed(officer: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        answer = await officer.get("/v1/disclosures", params=query | after)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["disclosures"]
        if "after" not in page:
            return found
        after = {"after": page["after"]}


async def test_a_data_protection_officer_sees_who_read_its_person_and_no_other_organisations_officer_does(
    api: Gateway,
) -> None:
    async with api.as_("KP2MI", "registrar", purpose="placement_and_protection") as registrar:
        token = (await registrar.post("/v1/persons", json=registration())).json()["id"]
        assert (await registrar.get(f"/v1/persons/{token}")).status_code == 200
    async with officer(api, *OFFICER) as http:
        (shown,) = await listed(http, person=token)
        assert (shown["receiver"], shown["kind"], shown["person"]) == ("KP2MI", "reading", token)
        assert "facts.destination" in shown["fields"]
        assert await listed(http, person=token, receiver="KP2MI", purpose=shown["purpose"]) == [shown]
        assert await listed(http, person=token, receiver="BPS") == []
        assert await listed(http, person=token, until=shown["at"]) == []
        assert await listed(http, person=token, since=shown["at"], limit="1") == [shown]
        assert shown in await listed(http)
    rows = await disclosed(api, person_of(api.ring, "KP2MI", token))
    assert {"disclosures"} in [set(row["fields"]) for row in rows]

    async with officer(api, "BPS", "data_protection_officer") as other:
        assert await listed(other, person=token) == []
        assert not [row for row in await listed(other) if row["receiver"] == "KP2MI"]


async def test_whoever_has_not_the_role_is_refused(api: Gateway) -> None:
    for who in (("KP2MI", "registrar"), ("KP2MI",)):
        async with api.as_(*who) as http:
            assert codes(await http.get("/v1/disclosures")) == (403, [("not_permitted", "")])


async def test_a_cursor_that_is_none_is_told(api: Gateway) -> None:
    async with api.as_(*OFFICER) as http:
        for cursor in ("1", "a.b", "1.1.1", "-1.0"):
            answer = await http.get("/v1/disclosures", params={"after": cursor})
            assert codes(answer) == (422, [("invalid_value", "/query/after")]), answer.text


async def test_a_moment_that_no_clock_shows_is_told(api: Gateway) -> None:
    async with api.as_(*OFFICER) as http:
        for moment in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
            answer = await http.get("/v1/disclosures", params={"since": moment})
            assert codes(answer) == (422, [("invalid_value", "/query/since")]), answer.text
