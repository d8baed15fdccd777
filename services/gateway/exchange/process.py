"""The exchange as a running process: its lanes, and what keeps them going."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from chassis import telemetry
from chassis.messaging import dead_letters
from chassis.messaging.consumer import GRACE, BatchConsumer, Record, make_broker, quietly
from chassis.messaging.dead_letters import DeadLetters
from chassis.messaging.priority import Breathe, Courtesy
from chassis.messaging.publisher import Publisher
from chassis.messaging.retention import janitor
from chassis.messaging.retry import BatchRunner, Health, retry_on_outage, watch
from chassis.mongo import Client, connect, ensure_indexes
from chassis.security.keys import KeyRing
from chassis.security.sealing import LocalCipher
from chassis.web.operations import replay_each
from contracts.outcomes import Refused
from contracts.topics import Names
from services.gateway import store
from services.gateway.clients import Services
from services.gateway.domain import agreements
from services.gateway.domain.copies import CopyBuilder
from services.gateway.exchange.alerts import AlertDelivery
from services.gateway.exchange.connections import Connections
from services.gateway.exchange.delivery import Delivery
from services.gateway.exchange.intake import Intake, Rounds
from services.gateway.exchange.outgoing import Outgoing
from services.gateway.settings import Settings

LOAD, URGENT = 250, 50
"""Records per batch."""
REFRESH_SECONDS = 3
KEPT_HOURS, OUTCOMES_KEPT_HOURS = 72, 7 * 24

BEHIND = "behind a parked message"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscriber, and the room behind it that takes its batches and knows what to do with what is put aside."""

    lane: BatchConsumer
    room: Intake | Outgoing
    urgent: bool


class Exchange:
    """Everything of the exchange process that runs beside its HTTP app. Raises ValueError for a wrong agreement."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.names = settings, Names(settings.topic_prefix)
        self.ring = KeyRing.load(settings.keys)
        self.client: Client = connect(settings)
        self.database = self.client[settings.mongo_database]
        self.store = store.Store(self.database)
        self.parking = DeadLetters(self.database, LocalCipher(self.ring, "parking"))
        self.services = Services(settings.services, self.ring)
        self.connections = Connections(settings, self.names, agreements.load())
        self.publishers: list[Publisher] = []
        self.copier = CopyBuilder(self.ring, self.names)
        self.health, self.broker, self.started = Health(), make_broker(settings), False
        self.courtesy = Courtesy()
        rounds, told = Rounds(self.services), (self.copier, self.services, self.store)
        selection, breathe = self._selection, self.courtesy.breathe
        self.alerts = AlertDelivery(*told, self._publisher(urgent=True), selection)
        self.doors = [
            self._way_in(rounds, urgent=False),
            self._way_in(rounds, urgent=True),
            self._way_out(Delivery(*told, self._publisher(urgent=False), selection, breathe), urgent=False),
            self._way_out(self.alerts, urgent=True),
        ]

    def _selection(self) -> agreements.Routing:
        return self.connections.selection

    def _group(self, urgent: bool) -> str:
        return self.names.group("gateway-exchange-urgent" if urgent else "gateway-exchange")

    def _publisher(self, *, urgent: bool) -> Publisher:
        """One for each room: when one lane's is replaced after a failure, no other lane is in the middle of a batch."""
        self.publishers.append(Publisher(self.settings, linger_ms=0 if urgent else 5))
        return self.publishers[-1]

    def _way_in(self, rounds: Rounds, *, urgent: bool) -> Subscription:
        room = Intake(
            self.ring, self.names, self._publisher(urgent=urgent), self.services, rounds,
            urgent=urgent, trace_ratio=self.settings.trace_ratio, breathe=self._breathe(urgent),
        )  # fmt: skip
        door = self._door("intake", room, urgent)
        self._subscribe(door, pattern=self.names.intake_pattern(urgent=urgent))
        return door

    def _way_out(self, delivery: Delivery | AlertDelivery, *, urgent: bool) -> Subscription:
        publisher, breathe = self._publisher(urgent=urgent), self._breathe(urgent)
        room = Outgoing(self.ring, self.names, publisher, delivery, breathe)
        door = self._door("outgoing", room, urgent)
        self._subscribe(door, topics=self._spoken(urgent))
        return door

    def _breathe(self, urgent: bool) -> Breathe:
        return _never_pausing if urgent else self.courtesy.breathe

    def _door(self, name: str, room: Intake | Outgoing, urgent: bool) -> Subscription:
        lane = BatchConsumer(f"{name}{'-urgent' * urgent}", self._group(urgent), max_records=URGENT if urgent else LOAD)
        lane.consuming.changed = self.parking.forget
        return Subscription(lane, room, urgent)

    def _subscribe(self, door: Subscription, **topics: Any) -> None:
        through = BatchRunner(
            lambda records: self._process(door, records),
            lambda record, error: self._park(door, record, telemetry.describe(error) if error else BEHIND),
            self._probe,
            self.health,
            door.lane.name,
            (lambda record: record.key) if door.room.keyed else (lambda _: None),
        )

        async def handle(records: Sequence[Record]) -> None:
            with telemetry.BATCH_SECONDS.labels(door.lane.name).time():
                await through.run(records)

        door.lane.subscribe(self.broker, handle, instance=self.settings.instance, **topics)

    def _spoken(self, urgent: bool) -> list[str]:
        """Topics on which the services of one lane speak."""
        services = ("alerts",) if urgent else ("registry", "indicators")
        return [topic for service in services for topic in (self.names.outcomes(service), self.names.events(service))]

    async def _process(self, door: Subscription, records: Sequence[Record]) -> None:
        if isinstance(door.room, Intake) and not self.connections.topics.issuperset(record.topic for record in records):
            await self.connections.refresh()  # who has just connected is told of what comes after the first record
        free = await self._free(door, records) if door.room.keyed else records
        traceparents = [_traceparent(record) for record in free]
        first = self.courtesy.urgently() if door.urgent else nullcontext()
        with telemetry.batch_span(door.lane.name, door.lane.group, traceparents), first:
            await door.room.take(free, door.lane.owns)
        if door.urgent and door.room.keyed:
            self.courtesy.arrived()
        elif door.urgent:
            self.courtesy.expect()

    async def _free(self, door: Subscription, records: Sequence[Record]) -> list[Record]:
        """Those that follow no parked message of their key; the others are parked behind it."""
        group = door.lane.group
        if self.parking.stale or any(self.parking.holds(group, record) for record in records):
            await self.parking.load()  # another process may have parked, or replayed, messages of these keys
        free = []
        for record in records:
            if self.parking.holds(group, record):
                await self._park(door, record, BEHIND)
            else:
                free.append(record)
        return free

    async def _park(self, door: Subscription, record: Record, reason: str) -> None:
        kept = record if door.room.keyed else replace(record, key=None)  # type: ignore[type-var]  # aiokafka is untyped
        await self.parking.put(door.lane.group, kept, reason)
        await door.room.hold(record)

    async def _probe(self) -> None:
        """Raises unless the database takes a write and the broker answers."""
        document = {"_id": "probe", "at": datetime.now(UTC)}
        await self.database["probes"].replace_one({"_id": "probe"}, document, upsert=True)
        await self.connections.refresh()

    async def replay(self) -> dict[str, int]:
        """Process again what is parked, in order of key; what fails again stays, and what is of its key behind it."""

        async def again(group: str, record: Record) -> None:
            await self._door_of(group, record).room.take([record], lambda _: True)

        return await replay_each(self.parking, again, nullcontext)

    def _door_of(self, group: str, record: Record) -> Subscription:
        outgoing = record.topic in self._spoken(False) + self._spoken(True)
        return next(door for door in self.doors if door.lane.group == group and door.room.keyed == outgoing)

    async def give_up(self, parked_id: str) -> None:
        """End one parked message for good; a partner is told so. Raises Refused `not_found`."""
        for found_id, group, record in await self.parking.records():
            if found_id == parked_id:
                await self._door_of(group, record).room.end(record)
                await self.parking.remove(parked_id)
                return
        raise Refused("not_found")

    # -- life

    async def run(self) -> None:
        """Connect and consume; then keep the house in order until cancelled."""
        await retry_on_outage(self._prepare, self.health, "starting")
        await retry_on_outage(self.broker.start, self.health, "starting")
        self.started = True
        await asyncio.gather(
            watch(self.publishers[0].reachable, self.health, "broker"),
            self._again(REFRESH_SECONDS, self.connections.refresh, "connections"),
            self._again(1, self.alerts.complete, "completing alerts"),
            self._again(30, self.parking.load, "parking"),
            *self._janitors(),
        )

    async def _prepare(self) -> None:
        await ensure_indexes(self.database, [*store.INDEXES, *dead_letters.INDEXES])
        await self.parking.load()
        for publisher in self.publishers:
            if publisher.producer is None:
                await publisher.start()
        await self.connections.refresh()

    async def _again(self, seconds: float, work: Callable[[], Awaitable[None]], reason: str) -> None:
        while True:
            await asyncio.sleep(seconds)
            await retry_on_outage(work, self.health, reason)

    def _janitors(self) -> list[Awaitable[None]]:
        return [self._janitor(urgent, outcomes) for urgent in (False, True) for outcomes in (False, True)]

    def _janitor(self, urgent: bool, outcomes: bool) -> Awaitable[None]:
        async def topics() -> Sequence[str]:
            if outcomes:
                return [topic for topic in self._spoken(urgent) if topic.endswith(".outcomes.v1")]
            return self.connections.intake_topics(urgent=urgent)

        hours = OUTCOMES_KEPT_HOURS if outcomes else KEPT_HOURS
        return janitor(self.settings, topics, self._group(urgent), hours=hours)

    async def stop(self) -> None:
        """Finish the batches in hand, leave the groups, disconnect."""
        await quietly(self.broker.stop(), GRACE)
        await asyncio.gather(*(publisher.stop() for publisher in self.publishers))
        await self.connections.close()
        await self.services.close()
        self.client.close()

    def ready(self) -> dict[str, bool]:
        """Consuming on every lane, and waiting for nothing."""
        return {f"consuming {door.lane.name}": door.lane.consuming.joined for door in self.doors} | {
            "started": self.started,
            "servers": self.health.well,
        }


async def _never_pausing(_: int) -> None:
    """Urgent batches are small and wait for nobody."""


def _traceparent(record: Record) -> str | None:
    for name, value in record.headers:
        if name == "traceparent":
            return telemetry.clean_traceparent(bytes(value).decode("ascii", "replace"))
    return None
