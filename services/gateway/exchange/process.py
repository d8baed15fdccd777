"""The exchange as a running process: its lanes, and what keeps them going."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from chassis import parking, telemetry
from chassis.failures import Health, Outage, Perseverance, is_outage, patiently
from chassis.kafka import Lane, Publisher, Record, make_broker
from chassis.keys import KeyRing, MissingKey
from chassis.mongo import Client, connect, ensure_indexes
from chassis.parking import Parking
from chassis.retention import janitor
from chassis.sealing import Box, CannotOpen
from contracts.topics import Names
from services.gateway import store
from services.gateway.clients import Services, Unexpected
from services.gateway.exchange import agreements
from services.gateway.exchange.alerts import AlertDelivery
from services.gateway.exchange.connections import Connections
from services.gateway.exchange.copies import Copier
from services.gateway.exchange.delivery import Delivery, Undecodable
from services.gateway.exchange.intake import Intake, Rounds
from services.gateway.exchange.outgoing import Outgoing
from services.gateway.settings import Settings

LOAD, URGENT = 250, 50
"""Records per batch."""
REFRESH_SECONDS = 3
KEPT_HOURS, OUTCOMES_KEPT_HOURS = 72, 7 * 24

Take = Callable[[Sequence[Record]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Door:
    """One subscriber: what it does with a batch, and with a record that must be put aside."""

    lane: Lane
    take: Take
    again: Callable[[Record], Awaitable[None]]
    """Takes one record that was parked, whoever owns its partition now."""
    keyed: bool
    """Later records of a parked one's key wait behind it. Partners choose their keys freely: those bind nothing."""
    hold: Callable[[Record], Awaitable[None]] | None = None


class Exchange:
    """Everything of the exchange process that runs beside its HTTP app. Raises ValueError for a wrong agreement."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.names = settings, Names(settings.topic_prefix)
        self.ring = KeyRing.load(settings.keys)
        self.client: Client = connect(settings)
        self.database = self.client[settings.mongo_database]
        self.store = store.Store(self.database)
        self.parking = Parking(self.database, Box(self.ring, "parking"))
        self.services = Services(settings.services, self.ring)
        self.connections = Connections(settings, self.names, agreements.load())
        self.publishers = {False: Publisher(settings), True: Publisher(settings, linger_ms=0)}
        self.alerts = AlertDelivery(self._copier, self.services, self.store, self.publishers[True], self._selection)
        self.health, self.broker, self.started = Health(), make_broker(settings), False
        rounds = Rounds(self.services)
        self.doors = [
            door for urgent in (False, True) for door in (self._way_in(urgent, rounds), self._way_out(urgent))
        ]
        for door in self.doors:
            self._open(door)

    @property
    def _copier(self) -> Copier:
        return Copier(self.ring, self.names)

    def _selection(self) -> agreements.Selection:
        return self.connections.selection

    def _group(self, urgent: bool) -> str:
        return self.names.group("gateway-exchange-urgent" if urgent else "gateway-exchange")

    def _way_in(self, urgent: bool, rounds: Rounds) -> Door:
        intake = Intake(self.ring, self.names, self.publishers[urgent], self.services, rounds)
        lane = Lane(f"intake{'-urgent' * urgent}", self._group(urgent), max_records=URGENT if urgent else LOAD)

        async def take(records: Sequence[Record]) -> None:
            await intake.take(records, urgent=urgent)

        async def again(record: Record) -> None:
            await intake.take([record], urgent=urgent)

        async def hold(record: Record) -> None:
            await intake.hold(record, urgent=urgent)

        return Door(lane, take, again, keyed=False, hold=hold)

    def _way_out(self, urgent: bool) -> Door:
        publisher = self.publishers[urgent]
        delivery = (
            self.alerts if urgent else Delivery(self._copier, self.services, self.store, publisher, self._selection)
        )
        outgoing = Outgoing(self.ring, self.names, publisher, delivery)
        lane = Lane(f"outgoing{'-urgent' * urgent}", self._group(urgent), max_records=URGENT if urgent else LOAD)

        async def take(records: Sequence[Record]) -> None:
            await outgoing.take(records, lane.owns)

        async def again(record: Record) -> None:
            await outgoing.take([record], lambda _: True)

        return Door(lane, take, again, keyed=True)

    def _open(self, door: Door) -> None:
        lane, urgent = door.lane, door.lane.name.endswith("-urgent")
        through = Perseverance(
            lambda records: self._process(door, records),
            lambda record, error: self._park(door, record, telemetry.describe(error) if error else "behind another"),
            self._probe,
            self.health,
            lane.name,
            (lambda record: record.key) if door.keyed else (lambda _: None),
        )

        async def handle(records: Sequence[Record]) -> None:
            with telemetry.BATCH_SECONDS.labels(lane.name).time():
                await through.through(records)

        instance = self.settings.instance
        if door.hold:
            lane.subscribe(self.broker, handle, instance=instance, pattern=self.names.intake_pattern(urgent=urgent))
        else:
            lane.subscribe(self.broker, handle, instance=instance, topics=self._spoken(urgent))

    def _spoken(self, urgent: bool) -> list[str]:
        """Topics on which the services of one lane speak."""
        services = ("notifications",) if urgent else ("registry", "indicators")
        return [topic for service in services for topic in (self.names.outcomes(service), self.names.events(service))]

    async def _process(self, door: Door, records: Sequence[Record]) -> None:
        free = []
        for record in records:
            if door.keyed and self.parking.holds(door.lane.group, record):
                await self._park(door, record, "behind another")
            else:
                free.append(record)
        traceparents = [_traceparent(record) for record in free]
        with telemetry.batch_span(door.lane.name, door.lane.group, traceparents):
            await door.take(free)

    async def _park(self, door: Door, record: Record, reason: str) -> None:
        kept = record if door.keyed else replace(record, key=None)  # type: ignore[type-var]  # aiokafka is untyped
        await self.parking.put(door.lane.group, kept, reason)
        if door.hold:
            await door.hold(record)

    async def _probe(self) -> None:
        """Raises unless the database takes a write and the broker answers."""
        document = {"_id": "probe", "at": datetime.now(UTC)}
        await self.database["probes"].replace_one({"_id": "probe"}, document, upsert=True)
        await self.connections.refresh()

    async def replay(self) -> dict[str, int]:
        """Process again what is parked, in order of key; what fails again stays, and what is of its key behind it."""
        replayed, failed = 0, set[str]()
        for parked_id, group, record in await self.parking.records():
            key = bytes(record.key or b"").hex() or parked_id
            if key not in failed and await self._replayed(self._door_of(group, record), record):
                await self.parking.remove(parked_id)
                replayed += 1
            else:
                failed.add(key)
        return {"replayed": replayed, "keys_still_parked": len(failed)}

    def _door_of(self, group: str, record: Record) -> Door:
        outgoing = record.topic in self._spoken(False) + self._spoken(True)
        return next(door for door in self.doors if door.lane.group == group and door.keyed == outgoing)

    async def _replayed(self, door: Door, record: Record) -> bool:
        try:
            await door.again(record)
        except (Undecodable, CannotOpen, MissingKey, Unexpected) as error:
            telemetry.log.error("replay_failed", topic=record.topic, error=telemetry.describe(error))
            return False
        return True

    # -- life

    async def run(self) -> None:
        """Connect and consume; then keep the house in order until cancelled."""
        await patiently(self._prepare, self.health, "starting")
        await patiently(self.broker.start, self.health, "starting")
        self.started = True
        await asyncio.gather(
            self._again(REFRESH_SECONDS, self.connections.refresh, "broker"),
            self._again(1, self.alerts.complete, "completing alerts"),
            self._again(30, self.parking.load, "parking"),
            *self._janitors(),
        )

    async def _prepare(self) -> None:
        await ensure_indexes(self.database, [*store.INDEXES, *parking.INDEXES])
        await self.parking.load()
        for publisher in self.publishers.values():
            await publisher.start()
        await self.connections.refresh()

    async def _again(self, seconds: float, work: Callable[[], Awaitable[None]], reason: str) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await work()
                self.health.recovered(reason)
            except (PyMongoError, KafkaError, OSError, Outage, Unexpected) as error:
                if not is_outage(error):
                    telemetry.log.error("upkeep_failed", of=reason, error=telemetry.describe(error))
                self.health.waiting(reason)

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
        await self.broker.stop()
        for publisher in self.publishers.values():
            await publisher.stop()
        await self.connections.close()
        await self.services.close()
        self.client.close()

    def ready(self) -> dict[str, bool]:
        """Consuming on every lane, and waiting for nothing."""
        return {f"consuming {door.lane.name}": door.lane.consuming.joined for door in self.doors} | {
            "started": self.started,
            "servers": self.health.well,
        }


def _traceparent(record: Record) -> str | None:
    for name, value in record.headers:
        if name == "traceparent":
            return telemetry.clean_traceparent(bytes(value).decode("ascii", "replace"))
    return None
