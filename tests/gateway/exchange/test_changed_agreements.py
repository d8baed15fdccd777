"""Agreements approved over the api while events stream: the next copies follow them, nothing lost and nothing twice."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from contracts import envelope as envelopes
from deploy.local import keys
from services.gateway import tokens
from services.gateway.app import create_api
from simulation.scenario.people import make_nik
from tests.eventually import eventually
from tests.gateway.agreements import agreement_body
from tests.gateway.exchange.installation import Installation
from tests.gateway.exchange.samples import DISTRESS, REGISTRATION, with_

REGISTER, ALERT = "partner.registration.submitted.v1", "partner.alert.reported.v1"
COPY, ALERT_COPY = "exchange.person.copied.v1", "exchange.alert.copied.v1"
REGION = "94.01"
"""Where no other test registers anybody."""
EVERYWHERE_SECONDS = 20.0
"""5 s are promised; a machine under test is given longer."""
_serials = count(1)

Officers = dict[str, httpx.AsyncClient]


@asynccontextmanager
async def an_api(running: Installation) -> AsyncIterator[Any]:
    """The api of the installation; gives a token's client by organisation."""
    folder = running.exchange.settings.keys.parent
    settings = running.exchange.settings.model_copy(
        update={
            "keys": folder / "gateway-api.json", "token_jwks": str(folder / keys.TOKEN_JWKS),
            "instance": "gateway-api-0", "kafka_user": f"{running.names.prefix}gateway-api",
            "kafka_password": SecretStr("secret-of-gateway-api"), "write_wait_seconds": 30.0,
        }
    )  # fmt: skip
    key = RSAKey.import_key((folder / keys.TOKEN_KEY).read_bytes())
    api: Any = create_api(settings)

    @asynccontextmanager
    async def as_(organisation: str) -> AsyncIterator[httpx.AsyncClient]:
        token = tokens.issue(
            key, issuer="https://simpul.local", audience="simpul", organisation=organisation,
            subject=f"dpo-{organisation}", roles=("data_protection_officer",),
        )  # fmt: skip
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(api), base_url="http://api", headers={"Authorization": f"Bearer {token}"}
        ) as client:
            yield client

    async with api.app.router.lifespan_context(api.app), as_("KP2MI") as probe:

        async def ready() -> bool:
            return (await probe.get("/readyz")).is_success

        await eventually(ready, timeout=120)
        yield as_


@pytest.fixture
async def officers(running: Installation) -> AsyncIterator[Officers]:
    """Data protection officers of KP2MI, KEMLU and BPS."""
    async with AsyncExitStack() as stack:
        as_ = await stack.enter_async_context(an_api(running))
        yield {code: await stack.enter_async_context(as_(code)) for code in ("KP2MI", "KEMLU", "BPS")}


async def agreed(officers: Officers, *parties: str, **terms: Any) -> None:
    answer = await officers[parties[0]].post("/v1/agreements", json=agreement_body(**terms))
    assert answer.status_code == 201, answer.text
    for code in parties:
        answer = await officers[code].post(f"/v1/agreements/{terms['id']}/versions/{terms.get('version', 1)}/approval")
        assert answer.status_code == 200, answer.text


async def everywhere(running: Installation, name: str) -> None:
    """Both exchanges know a version."""

    def known() -> bool:
        return all(
            name in {one.name for one in exchange.connections.routing.agreements}
            for exchange in (running.exchange, running.urgent)
        )

    await eventually(known, timeout=EVERYWHERE_SECONDS)


class Stream:
    """Registrations of women of one region, sent one after the other."""

    def __init__(self, running: Installation) -> None:
        self.running, self.sent = running, 0

    async def send(self, events: int = 3) -> list[str]:
        """The names of those that were registered."""
        names = []
        for _ in range(events):
            self.sent += 1
            nik = make_nik(REGION, date(1995, 3, 7) + timedelta(days=self.sent), "P", next(_serials))
            born = (date(1995, 3, 7) + timedelta(days=self.sent)).isoformat()
            body: Any = REGISTRATION
            for path, value in (
                ("nik", nik), ("full_name", f"Changing {self.sent}"), ("home_regency", REGION), ("birth_date", born),
                ("passport", None), ("phone", None), ("mother_name", None),
            ):  # fmt: skip
                body = with_(body, f"person.{path}", value)
            names.append(f"Changing {self.sent}")
            await self.running["KP2MI"].send(REGISTER, body, id=f"changing-{self.sent}")
        return names

    async def settled(self) -> None:
        """Every registration has its receipt, and so each of its copies went out before."""
        wanted = [f"changing-{number}" for number in range(1, self.sent + 1)]
        await eventually(lambda: all(self.running["KP2MI"].receipts(one) for one in wanted), timeout=60)


def given(running: Installation, purpose: str) -> Counter[str]:
    """By name, how many copies KEMLU got for one purpose, each copy once."""
    copies = running["KEMLU"].copies(COPY)
    return Counter(
        str(copy.get("personal", {}).get("clear", {}).get("full_name"))
        for copy in copies
        if any(name.startswith(f"{purpose.replace('_', '-')}/") for name in copy["agreements"])
    )


async def test_copies_follow_what_is_approved_while_events_stream(running: Installation, officers: Officers) -> None:
    stream = Stream(running)
    terms: dict[str, Any] = {
        "id": "trial-stream", "purpose": "trial_stream", "receiver": {"organisation": "KEMLU"},
        "filter": {"region": [REGION]}, "personal": {"full_name": "clear"},
    }  # fmt: skip
    before = await stream.send()
    await stream.settled()
    await agreed(officers, "KP2MI", "KEMLU", **terms)
    await stream.send()
    await everywhere(running, "trial-stream/1")
    under_first = await stream.send()
    await eventually(lambda: set(under_first) <= set(given(running, "trial_stream")), timeout=60)

    await agreed(officers, "KP2MI", "KEMLU", **terms | {"version": 2, "personal": {}})
    await everywhere(running, "trial-stream/2")
    under_second = await stream.send()
    await stream.settled()

    def copied_under_second() -> list[dict[str, Any]]:
        found = [one for one in running["KEMLU"].copies(COPY) if one["agreements"] == ["trial-stream/2"]]
        return found if len(found) >= len(under_second) else []

    second = await eventually(copied_under_second, timeout=60)
    assert all("personal" not in copy for copy in second)
    names = given(running, "trial_stream")
    assert set(before).isdisjoint(names)
    assert set(under_second).isdisjoint(names)
    assert all(names[name] == 1 for name in under_first)
    everybody = {f"Changing {number}": 1 for number in range(1, stream.sent + 1)}
    await eventually(lambda: told_to_mission(running) == everybody, timeout=60)


def told_to_mission(running: Installation) -> dict[str, int]:
    """How many copies the mission got of each, under the agreement that nobody touched."""
    copies = [one for one in running["KBRI_KUL"].copies(COPY) if one["agreements"] == ["mission-destination/1"]]
    names = Counter(str(copy.get("personal", {}).get("clear", {}).get("full_name")) for copy in copies)
    return {name: number for name, number in names.items() if name.startswith("Changing ")}


async def test_alerts_follow_what_is_approved(running: Installation, officers: Officers) -> None:
    """In the process of its own that alerts go through."""

    def purposes() -> set[str | None]:
        return {envelopes.read(one.headers).purpose for one in running["KEMLU"].inbox}

    terms: dict[str, Any] = {
        "id": "trial-emergency", "purpose": "trial_emergency", "receiver": {"recipient": True}, "stated_in": "all",
        "events": ["alerts.alert.raised.v1"], "facts": [],
    }  # fmt: skip
    assert "trial_emergency" not in purposes()
    await agreed(officers, "KP2MI", "KEMLU", **terms)
    await everywhere(running, "trial-emergency/1")
    await running["KP2MI"].send(ALERT, with_(DISTRESS, "person", None), id="changing-alert", urgent=True)
    await eventually(lambda: "trial_emergency" in purposes(), timeout=60)
    await agreed(officers, "KP2MI", "KEMLU", **terms | {"version": 2, "events": []})
    await everywhere(running, "trial-emergency/2")
