"""Fills the feed: one reader per process over the events of the stream, without a group."""

import hashlib
from collections.abc import Iterable
from typing import Annotated

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from pydantic import Field, TypeAdapter, ValidationError

from chassis import telemetry
from chassis.messaging.kafka import client_options, quietly
from chassis.messaging.record import Record
from chassis.messaging.retry import Outage, backoff
from chassis.settings import Settings
from contracts import envelope
from contracts.outcomes import Refused
from contracts.topics import Names
from services.gateway.api.feed import Feed
from services.gateway.api.visibility import Event
from services.gateway.topics import Topics

STREAMED = ("indicators", "alerts")
"""Services whose events are streamed; those of the registry are about persons."""
REREAD_EVENTS = 400
"""Events per partition that are read again at start, so that listeners can resume across a restart."""

_EVENTS: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])


class TopicReader:
    """`ready` once the feed stands at the end of every topic."""

    def __init__(self, settings: Settings, names: Names, topics: Topics) -> None:
        self._settings, self._topics = settings, topics
        self._names = tuple(sorted(names.events(service) for service in STREAMED))
        self._feed: Feed | None = None
        self.ready = False

    @property
    def feed(self) -> Feed:
        """Raises Refused `unavailable` until it was positioned for the first time."""
        if self._feed is None:
            raise Refused("unavailable")
        return self._feed

    async def run(self) -> None:
        """Read until cancelled. After an outage it goes on where it stood, so that listeners miss nothing."""
        attempt = 0
        while True:
            try:
                await self._read()
            except (KafkaError, OSError, Outage) as error:
                telemetry.log.warning("stream_waits", error=telemetry.describe(error))
                await backoff(attempt)
                attempt += 1
            finally:
                self.ready = False

    async def _read(self) -> None:
        options = client_options(self._settings)
        consumer = AIOKafkaConsumer(**options, enable_auto_commit=False, auto_offset_reset="earliest")
        try:
            await consumer.start()
            partitions, ends = await self._position(consumer)
            numbers = {partition: number for number, partition in enumerate(partitions)}
            while True:
                self.ready = self.ready or self.feed.reached(ends)
                for partition, records in (await consumer.getmany(timeout_ms=500)).items():
                    for record in records:
                        _append(self.feed, record, numbers[partition])
        finally:
            await quietly(consumer.stop())

    async def _position(self, consumer: AIOKafkaConsumer) -> tuple[list[TopicPartition], list[int]]:
        described = await self._topics.find(self._names)
        if len(described) < len(self._names):
            raise Outage("the topics of events do not exist yet")
        partitions = [TopicPartition(name, number) for name in self._names for number in described[name].partitions]
        consumer.assign(partitions)
        first, end = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        if self._feed is None:
            generation = _generation(described[name].id for name in self._names)
            starts = [max(first[partition], end[partition] - REREAD_EVENTS) for partition in partitions]
            self._feed = Feed(generation, starts)
        for partition, position in zip(partitions, self._feed.positions, strict=True):
            consumer.seek(partition, position)
        return partitions, [end[partition] for partition in partitions]


def _append(feed: Feed, record: Record, partition: int) -> None:
    """An event that this version does not know is passed over: the stream is a view, not a consumer."""
    try:
        event = _EVENTS.validate_json(record.value or b"")
        version = envelope.read(record.headers).sequence
    except (ValidationError, envelope.BadEnvelope):
        feed.move_to(partition, record.offset + 1)
    else:
        feed.append(event, version, partition=partition, offset=record.offset)


def _generation(ids: Iterable[str]) -> str:
    return hashlib.sha256(" ".join(ids).encode()).hexdigest()[:12]
