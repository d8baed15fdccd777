"""What a domain service's process does beside its HTTP app: lanes, processor, parking, drain, retention and health."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from chassis import telemetry
from chassis.commands import outbox
from chassis.commands.decoding import Types, Undecodable, decoder, read_frame
from chassis.commands.policies import FollowUp, Policy, heard, message
from chassis.commands.processor import CommandProcessor, is_survivor
from chassis.commands.types import Command, Steps
from chassis.messaging import dead_letters
from chassis.messaging.consumer import GRACE, BatchConsumer, Record, make_broker, quietly
from chassis.messaging.dead_letters import DeadLetters
from chassis.messaging.priority import Gate, yield_to_loop
from chassis.messaging.publisher import Message, Publisher
from chassis.messaging.retention import janitor
from chassis.messaging.retry import BatchRunner, Health, Process, is_outage, retry_on_outage, watch
from chassis.mongo import Client, Database, Index, connect, ensure_indexes, transact
from chassis.security.keys import KeyRing
from chassis.security.sealing import LocalCipher
from chassis.settings import Settings
from contracts.topics import Names


class ServiceProcess:
    """Everything of one service process that runs beside its HTTP app."""

    def __init__(
        self,
        settings: Settings,
        service: str,
        types: Types,
        steps_of: Callable[[Database, KeyRing], Steps[Any, Any]],
        indexes: Sequence[Index],
        *,
        batch: int,
        bulk: bool,
        policy_of: Callable[[Database, KeyRing], Policy] | None = None,
    ) -> None:
        self.settings, self.service, self.indexes = settings, service, indexes
        self.names = Names(settings.topic_prefix)
        self.ring = KeyRing.load(settings.keys)
        self.client: Client = connect(settings)
        self.database: Database = self.client[settings.mongo_database]
        self.publisher = Publisher(settings, linger_ms=0 if not bulk else 2)
        self.processor: CommandProcessor[Any] = CommandProcessor(
            service, steps_of(self.database, self.ring),
            client=self.client, database=self.database, publisher=self.publisher, ring=self.ring,
            events_topic=self.names.events(service), outcomes_topic=self.names.outcomes(service),
        )  # fmt: skip
        self.decode = decoder(self.processor, types)
        self.parking = DeadLetters(self.database, LocalCipher(self.ring, "parking"))
        self.gate, self.health = Gate(), Health()
        self.broker = make_broker(settings)
        self.rule = policy_of(self.database, self.ring) if policy_of else None
        self.lanes = self._lanes(batch, bulk)
        self.started = False

    def _lanes(self, batch: int, bulk: bool) -> list[BatchConsumer]:
        group = self.names.group(self.service)
        lanes = [
            self._lane("commands", group, self.names.commands(self.service), min(batch, 100 if bulk else batch), True)
        ]
        if bulk:
            lanes.append(self._lane("bulk", group, self.names.registry_bulk, batch, False))
        if self.rule:
            topic = self.names.events(self.service)
            lanes.append(self._lane("follows", self.followers, topic, batch, False, self.follow))
        return lanes

    @property
    def followers(self) -> str:
        """The consumer group of the service's rule."""
        return self.names.group(f"{self.service}-follows")

    def _lane(
        self, name: str, group: str, topic: str, batch: int, urgent: bool, process: Process | None = None
    ) -> BatchConsumer:
        lane = BatchConsumer(name, group, max_records=batch)
        settle = process or (lambda records: self.process(topic, group, records))
        through = BatchRunner(settle, self._parker(group), self.probe, self.health, name)

        async def handle(records: Sequence[Record]) -> None:
            async with self.gate.turn(urgent=urgent):
                with telemetry.BATCH_SECONDS.labels(topic).time():
                    await through.run(records)

        lane.consuming.changed = self.parking.forget
        lane.subscribe(self.broker, handle, instance=self.settings.instance, topics=[topic])
        return lane

    async def process(self, topic: str, group: str, records: Sequence[Record]) -> None:
        """Settle one batch of raw records; what cannot be decoded, or waits behind a parked message, is parked."""
        commands: list[Command] = []
        if self.parking.stale or any(self.parking.holds(group, record) for record in records):
            await self.parking.load()  # another process may have parked, or replayed, messages of these keys
        for index, record in enumerate(records):
            await yield_to_loop(index)
            if self.parking.holds(group, record):
                await self._park(group, record, "behind a parked message")
                continue
            try:
                commands.append(self.decode(record))
            except Undecodable as error:
                await self._park(group, record, f"undecodable: {error}")
        traceparents = [c.envelope.traceparent for c in commands]
        spans = {
            c.id: telemetry.hop(f"settle {c.type}", c.envelope.traceparent) for c in commands if c.envelope.traceparent
        }
        try:
            with telemetry.batch_span(topic, group, traceparents):
                await self.processor.settle(commands, spans)
        finally:
            telemetry.end(spans.values())

    async def follow(self, records: Sequence[Record]) -> None:
        """Publish the commands that follow from a batch of events."""
        if self.rule:
            await self.ask(await self.rule.follow([heard(record) for record in records]))

    async def ask(self, asked: Sequence[FollowUp]) -> None:
        """Publish commands of the service's rule to the service itself."""
        if self.rule:
            topic, principal = self.names.commands(self.service), self.rule.principal
            await self.publisher.send_all([message(self.service, topic, one, principal) for one in asked])

    def _parker(self, group: str) -> Callable[[Record, BaseException | None], Coroutine[Any, Any, None]]:
        async def park(record: Record, error: BaseException | None) -> None:
            await self._park(group, record, telemetry.describe(error) if error else "behind a parked message")

        return park

    async def _park(self, group: str, record: Record, reason: str) -> None:
        await self.parking.put(group, record, reason)
        found = read_frame(record)
        if found is not None:
            envelope, frame = found
            held = self.processor.held(envelope.id, frame.digest, frame.reply_to, survivor=is_survivor(envelope))
            await self.publisher.send_all([held])

    async def probe(self) -> None:
        """A harmless transaction and an acknowledged message: raises when the servers are at fault."""

        async def write(session: Any) -> None:
            document = {"_id": "probe", "at": datetime.now(UTC)}
            await self.database["probes"].replace_one({"_id": "probe"}, document, upsert=True, session=session)

        await transact(self.client, write)
        probe = self.processor.held("00000000-0000-8000-8000-000000000000", "probe", None)
        await self.publisher.send_all([Message(probe.topic, probe.key, probe.value, probe.headers)])

    # -- life

    async def run(self) -> None:
        """Connect, drain, consume; then keep the house in order until cancelled."""
        await retry_on_outage(self._prepare, self.health, "starting")
        await retry_on_outage(self.broker.start, self.health, "starting")
        self.started = True
        await asyncio.gather(self._sweep(), self._retain(), watch(self.publisher.reachable, self.health, "broker"))

    async def _prepare(self) -> None:
        await ensure_indexes(self.database, [*self.indexes, *outbox.INDEXES, *dead_letters.INDEXES])
        await self.publisher.start()
        await self.parking.load()
        await self.processor.outbox.drain()

    async def _sweep(self) -> None:
        """Every 2 s, when idle, publish what a crash left in the outbox; now and then forget what is old."""
        beat = 0
        while True:
            await asyncio.sleep(2)
            beat += 1
            try:
                async with self.gate.turn(urgent=False):
                    await self.processor.outbox.drain()
                    if self.parking.stale or beat % 15 == 0:
                        await self.parking.load()
                if beat % 300 == 0:
                    await self.processor.outbox.forget(datetime.now(UTC))
                self.health.recovered("sweep")
            except (PyMongoError, KafkaError, OSError) as error:
                if not is_outage(error):
                    raise
                self.health.waiting("sweep")

    async def _retain(self) -> None:
        async def topics() -> Sequence[str]:
            own = [self.names.commands(self.service)]
            return [*own, self.names.registry_bulk] if self.service == "registry" else own

        await janitor(self.settings, topics, self.names.group(self.service), hours=72)

    async def stop(self) -> None:
        """Finish the batch in hand, leave the groups, disconnect."""
        await quietly(self.broker.stop(), GRACE)
        await self.publisher.stop()
        self.client.close()

    def ready(self) -> dict[str, bool]:
        """Consuming on every lane, and waiting for nothing."""
        return {f"consuming {lane.name}": lane.consuming.joined for lane in self.lanes} | {
            "started": self.started,
            "servers": self.health.well,
        }
