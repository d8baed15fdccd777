"""People over HTTPS: they repeat what was not answered, under the same Idempotency-Key, as a browser's page does."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from contracts import codes
from deploy.local.stack import Stack
from deploy.local.tokens import issue_token
from simulation.scenario import partner_messages
from simulation.scenario.partners import Client
from simulation.scenario.people import SimulatedPerson
from tests.system.chaos.receiving import CountingInbox
from tests.system.load import MISSION, SENDER

AT_ONCE = 40
"""Requests under way at most; beyond it people wait."""
TRY_AGAIN = 0.5
ASK_AGAIN = frozenset({401, 404, 429, 500, 502, 503, 504})
"""401 while a process's clock is wrong; 404 of what was announced, and of an outcome that is not there yet."""
COORDINATION, COORDINATOR = "KEMLU", "mgi_coordinator"


@dataclass
class Officers:
    """`waits`: what was asked, and the seconds until it was answered for good. `wrong`: answers nobody should get."""

    stack: Stack
    supply: Iterator[SimulatedPerson]
    copies: CountingInbox
    """Of the mission whose officers act."""
    registered: list[str] = field(default_factory=list)
    """The platform's answers: the id of each person, as KP2MI knows it."""
    taken: list[str] = field(default_factory=list)
    waits: list[tuple[str, float]] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    refusals: Counter[int] = field(default_factory=Counter)
    """Answers that told them to ask again, by status."""
    tries: int = 0
    round_id: str = ""
    _begun: int = 0
    _chosen: set[str] = field(default_factory=set)
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)
    _clients: dict[tuple[str, ...], Client] = field(default_factory=dict)

    async def open_round(self) -> None:
        """The assessment round that partners answer."""
        due = datetime.now(UTC) + timedelta(days=30)
        body = {"catalogue": "mgi-national", "year": due.year, "due_at": due.isoformat()}
        answer = await self._settled("open a round", (COORDINATION, "koordinator", COORDINATOR), "/v1/rounds", body)
        self.round_id = answer["id"]

    def questions(self, organisation: str) -> list[tuple[str, str]]:
        """What an institution answers: indicator and kind."""
        return [(one.code, one.kind) for one in codes.mgi_indicators().values() if one.lead_org == organisation]

    async def work(self) -> None:
        """One of each begins to do something, unless many still wait."""
        if len(self._under_way) < AT_ONCE:
            for doing in (self._register(), self._take_an_alert(), self._read_a_person()):
                self._begin(doing)

    def _begin(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def finish(self) -> None:
        """Everybody has an answer."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    async def stop(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        for client in self._clients.values():
            await client.__aexit__()

    async def _register(self) -> None:
        person = next(self.supply)
        body = json.loads(partner_messages.registration(SENDER, person, datetime.now(UTC) - timedelta(days=3)).value)
        who = (SENDER, "petugas", "registrar")
        answer = await self._settled("register", who, "/v1/persons", body)
        if answer:
            self.registered.append(answer["id"])

    async def _take_an_alert(self) -> None:
        """The first that nobody has taken."""
        alert = next((one for one in self.copies.alerts if one not in self._chosen), None)
        if alert is None:
            return
        self._chosen.add(alert)
        who = (MISSION, "petugas-piket", "duty_officer")
        seen = await self._read("read an alert", who, f"/v1/alerts/{alert}")
        if not seen:
            return
        version = {"if_match": f'"{seen["version"]}"'}
        if await self._settled("take an alert", who, f"/v1/alerts/{alert}/acknowledgement", None, version):
            self.taken.append(alert)

    async def _read_a_person(self) -> None:
        copies = self.copies.of_type("exchange.person.copied.v1")[-20:]
        if copies:
            await self._read(
                "read a person", (MISSION, "petugas", "protection_officer"), f"/v1/persons/{copies[0].body['person']}"
            )

    async def _read(self, what: str, who: tuple[str, ...], path: str) -> dict[str, Any]:
        began = time.monotonic()
        answer = await self._ask(who, "GET", path, None, {})
        return self._note(what, began, answer)

    async def _settled(
        self, what: str, who: tuple[str, ...], path: str, body: Any, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """What came of a write, however often it had to be repeated; empty when it was refused."""
        self._begun += 1
        headers = {"idempotency_key": f"{what}-{self._begun}", **(headers or {})}
        began = time.monotonic()
        answer = await self._ask(who, "POST", path, body, headers)
        outcome = answer.headers.get("location", "")
        while answer.is_success and answer.json()["result"] != "applied":
            await asyncio.sleep(TRY_AGAIN)
            answer = await self._ask(who, "GET", outcome, None, {})
        return self._note(what, began, answer)

    def _note(self, what: str, began: float, answer: httpx.Response) -> dict[str, Any]:
        self.waits.append((what, time.monotonic() - began))
        if answer.is_success:
            return dict(answer.json())
        self.wrong[f"{what}: {answer.status_code} {answer.json().get('code')}"] += 1
        return {}

    async def _ask(
        self, who: tuple[str, ...], method: str, path: str, body: Any, headers: Mapping[str, str]
    ) -> httpx.Response:
        """Again and again until it is answered."""
        while True:
            self.tries += 1
            try:
                answer = await self._client(who).ask(method, path, body, **headers)
            except httpx.TransportError:
                await asyncio.sleep(TRY_AGAIN)
                continue
            if answer.status_code not in ASK_AGAIN:
                return answer
            self.refusals[answer.status_code] += 1
            await asyncio.sleep(TRY_AGAIN)

    def _client(self, who: tuple[str, ...]) -> Client:
        if who not in self._clients:
            organisation, subject, *roles = who
            purpose = "consular_protection" if organisation == MISSION else None
            token = issue_token(self.stack.keys, organisation, subject, tuple(roles), purpose=purpose)
            self._clients[who] = Client(self.stack.url("gateway-api"), token)
        return self._clients[who]
