"""What a delivery works with, in memory: it answers at once, may die at any step, and keeps what was done."""

import asyncio
from collections.abc import Awaitable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from chassis.messaging.message import Message
from chassis.messaging.publisher import SEND_SECONDS, Publisher
from chassis.messaging.retry import Outage, TooSlow
from contracts import indicators, notifications, registry
from contracts.notifications.reads import ReportWithIdentifiers
from services.gateway.calls import Unexpected
from services.gateway.clients import Services
from services.gateway.domain.copies import CopyBuilder, Disclosure
from services.gateway.exchange.alert_copies import AlertCopies
from services.gateway.exchange.copy_sender import CopySender
from services.gateway.exchange.events import Event, decode
from services.gateway.exchange.person_copies import PersonCopies
from services.gateway.exchange.receivers import Receivers
from services.gateway.exchange.release import Release
from services.gateway.store import NotRecorded, PendingEnrichment, Store
from services.gateway.store.held_back import HeldBack, HeldBackStore
from tests.gateway.exchange.samples import NAMES, NOW, RING, envelope, record, selection, state

RECEIVER = "KBRI_KUL"


class Died(BaseException):
    """The process ended here: nobody catches it."""


class Around(Services, Store, Publisher):
    """The services, the store and the broker around a delivery.

    `away`: the database is; `hanging`: it never answers. `silent`: the services are. `slow`: the first record of
    disclosures takes 6 s. `unheard`: the broker acknowledges nothing. `odd`: persons about whom the registry answers
    nonsense; more persons than `at_most` take it too long. `alerts`: those that exist. `dies_before`: at which step,
    counted from 0, the process ends. `faulty`: topics that take nothing.
    """

    def __init__(self) -> None:
        self.done: list[str] = []
        self.sent: list[Message] = []
        self.disclosed: list[str] = []
        self.pending: dict[str, PendingEnrichment] = {}
        self.withins: list[float] = []
        self.faulty, self.odd = frozenset[str](), frozenset[str]()
        self.at_most = 1000
        self.alerts = frozenset[str]()
        self.away = self.hanging = self.silent = self.slow = self.unheard = False
        self.seconds, self.reads, self.steps = 0.0, 0, 0
        self.dies_before: int | None = None

    def step(self, *done: str) -> None:
        """One write; raises Died instead of making it."""
        self.steps += 1
        if self.dies_before == self.steps - 1:
            raise Died
        self.done += done

    async def read_persons(self, versions: Mapping[str, int], **_: Any) -> dict[str, registry.PersonState]:
        if self.silent:
            raise Outage("the registry is away")
        if self.odd & versions.keys():
            raise Unexpected("registry", "500")
        if len(versions) > self.at_most:
            raise TooSlow
        self.reads += bool(versions)
        return {person: state(person=person, personal={"full_name": f"read {self.reads}"}) for person in versions}

    async def read_reports(self, alerts: Sequence[str], **_: Any) -> dict[str, ReportWithIdentifiers]:
        return {alert: ReportWithIdentifiers(alert=alert, asof=NOW, narrative="Terkunci") for alert in alerts}

    async def find_alerts(self, alerts: Collection[str]) -> frozenset[str]:
        if self.silent:
            raise Outage("the alerts service is away")
        return self.alerts & set(alerts)

    async def reached(self) -> None:
        """The database."""
        if self.away:
            raise NotRecorded
        if self.hanging:
            await asyncio.Event().wait()

    async def disclose(self, disclosures: Iterable[Disclosure]) -> None:
        made = list(disclosures)
        if made:
            await self.reached()
        self.step(*(f"disclose {one.receiver}" for one in made))
        self.disclosed += [one.copy for one in made]
        if self.slow:
            self.seconds, self.slow = self.seconds + 6, False

    async def send_each(self, messages: Sequence[Message], *, within: float = SEND_SECONDS) -> dict[str, KafkaError]:
        if self.unheard:
            raise Outage("the broker does not acknowledge")
        free = [message for message in messages if message.topic not in self.faulty]
        self.step(*("send" for _ in free))
        self.sent += free
        self.withins.append(within)
        return {topic: TopicAuthorizationFailedError(topic) for topic in self.faulty}

    async def put_pending(self, pending: Sequence[PendingEnrichment]) -> None:
        if not pending:
            return
        await self.reached()
        self.step("note")
        self.pending = {one.event: one for one in pending} | self.pending

    async def list_pending(self) -> list[PendingEnrichment]:
        await self.reached()
        return list(self.pending.values())

    async def postpone_pending(self, event: str) -> None:
        """The next list is the same."""

    async def remove_pending(self, event: str) -> None:
        self.step("done")
        self.pending.pop(event, None)


class Kept(HeldBackStore):
    """What is held back, in memory. `late` is kept while somebody reads for whom something is."""

    def __init__(self) -> None:
        self.kept: list[HeldBack] = []
        self.late: Awaitable[None] | None = None
        self.forgotten: list[datetime] = []
        self.spared: list[set[str]] = []
        self._places = 0

    async def put(self, kept: Iterable[HeldBack]) -> None:
        for held in kept:
            if held.id not in {other.id for other in self.kept if other.receiver == held.receiver}:
                self._places += 1
                self.kept.append(replace(held, place=self._places))

    async def receivers(self) -> set[str]:
        receivers = {one.receiver for one in self.kept}
        await self._meanwhile()
        return receivers

    async def _meanwhile(self) -> None:
        if self.late is not None:
            late, self.late = self.late, None
            await late

    async def close(self, receiver: str) -> bool:
        empty = not await self.first(receiver, 1)
        await self._meanwhile()
        return empty

    async def first(self, receiver: str, limit: int, behind: int = 0) -> list[HeldBack]:
        return [one for one in self.kept if one.receiver == receiver and one.place > behind][:limit]

    async def remove(self, sent: Iterable[HeldBack]) -> None:
        gone = {(one.receiver, one.id) for one in sent}
        self.kept = [one for one in self.kept if (one.receiver, one.id) not in gone]

    async def forget(self, before: datetime, without: Collection[str] = ()) -> int:
        self.forgotten.append(before)
        self.spared.append(set(without))
        return 0


def told(event: registry.Event | notifications.Event | indicators.Event, offset: int = 0, **changes: Any) -> Event:
    """The event as it comes from its topic."""
    found = record(
        event.model_dump_json(exclude_none=True).encode(), envelope(event, **changes).headers(), offset=offset
    )
    return decode(found.headers, found.value, found)


def persons(around: Around, *receivers: str, kept: Kept | None = None) -> PersonCopies:
    chosen = selection(*(receivers or (RECEIVER,)))
    return PersonCopies(CopyBuilder(RING, NAMES), around, around, Receivers(around, kept or Kept()), lambda: chosen)


def alerts(around: Around, kept: Kept | None = None) -> AlertCopies:
    receivers = Receivers(around, kept or Kept())
    return AlertCopies(CopyBuilder(RING, NAMES), around, around, receivers, lambda: selection(RECEIVER))


async def release(around: Around, kept: Kept, copies: CopySender, *connected: str) -> None:
    """One pass over what is held back."""
    await Release(around, kept, copies._receivers, copies.redeliver).release(connected.__contains__)
