"""Reads a partner's own topic for it, by cursor, so that it needs no Kafka client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from chassis.messaging.kafka import client_options, quietly
from chassis.messaging.record import Record
from chassis.messaging.retry import Outage
from chassis.settings import Settings
from contracts.outcomes import Refused
from contracts.topics import Names
from services.gateway.api.rate_limits import Shares
from services.gateway.topics import Topics

MAX_READINGS, OF_ONE, FOR_URGENT = 64, 8, 16
"""Readings at the same time: of all, of one organisation, and of all those kept for urgent ones. One more is refused
`too_many_requests`."""
MAX_IDLE = 4
"""Connected consumers kept for the next reading."""
FETCH_SECONDS = 5.0
"""How long records that are known to be there may take to come."""


@dataclass(frozen=True, slots=True)
class Page:
    """Records in order, and the cursor behind the last of them."""

    records: tuple[Record, ...]
    cursor: str


class Mailbox:
    """A small stock of consumers without a group: each reading borrows one."""

    def __init__(self, settings: Settings, names: Names, topics: Topics) -> None:
        self._settings, self._names, self._topics = settings, names, topics
        self._idle: list[AIOKafkaConsumer] = []
        self._shares = Shares(MAX_READINGS, OF_ONE, FOR_URGENT)

    async def read(self, organisation: str, *, urgent: bool, cursor: str | None, limit: int, wait: float) -> Page:
        """What stands behind the cursor, or from the first record kept; waits up to `wait` seconds for one.

        Raises Refused: `cursor_expired`, `not_connected`, `too_many_requests`; Outage.
        """
        with self._shares.taken(organisation, urgent=urgent):
            return await self._read(organisation, cursor, limit, wait, urgent=urgent)

    async def _read(self, organisation: str, cursor: str | None, limit: int, wait: float, *, urgent: bool) -> Page:
        topic = self._names.delivery(organisation, urgent=urgent)
        described = (await self._topics.find([topic])).get(topic)
        if described is None:
            raise Refused("not_connected")
        wanted = _offset(cursor, described.id)
        try:
            async with self._consumer() as consumer:
                start, records = await _fetch(consumer, TopicPartition(topic, 0), wanted, limit, wait)
        except (KafkaError, OSError):
            raise Outage from None
        if wanted not in (None, start):
            raise Refused("cursor_expired")
        return Page(records, f"{described.id}.{records[-1].offset + 1 if records else start}")

    async def close(self) -> None:
        """Disconnect the idle consumers."""
        while self._idle:
            await self._idle.pop().stop()

    @asynccontextmanager
    async def _consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        """One that failed, or whose reading was broken off, is not used again."""
        consumer = self._idle.pop() if self._idle else None
        try:
            if consumer is None:
                consumer = AIOKafkaConsumer(**client_options(self._settings), enable_auto_commit=False)
                await consumer.start()
            yield consumer
            consumer.pause(*consumer.assignment())
            if len(self._idle) < MAX_IDLE:
                self._idle.append(consumer)
                consumer = None
        finally:
            if consumer is not None:
                await asyncio.shield(quietly(consumer.stop()))


def _offset(cursor: str | None, topic_id: str) -> int | None:
    """None without a cursor, and for an empty one."""
    if not cursor:
        return None
    name, _, number = cursor.rpartition(".")
    if name != topic_id or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Refused("cursor_expired")
    return int(number)


async def _fetch(
    consumer: AIOKafkaConsumer, partition: TopicPartition, wanted: int | None, limit: int, wait: float
) -> tuple[int, tuple[Record, ...]]:
    """Where the reading began, and what was there; of a `wanted` offset that is not kept only where it could begin."""
    consumer.assign([partition])
    first, end = (
        (await consumer.beginning_offsets([partition]))[partition],
        (await consumer.end_offsets([partition]))[partition],
    )
    start = first if wanted is None else wanted
    if not first <= start <= end:
        return first, ()
    consumer.seek(partition, start)
    seconds = wait if start == end else max(wait, FETCH_SECONDS)
    batches = await consumer.getmany(partition, timeout_ms=int(seconds * 1000), max_records=limit)
    return start, tuple(batches.get(partition, ()))
