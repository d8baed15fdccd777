"""Reads a partner's own topic for it, by cursor, so that it needs no Kafka client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from chassis.messaging.consumer import Record, client_options
from chassis.messaging.retry import Outage
from chassis.settings import Settings
from contracts.outcomes import Refused
from contracts.topics import Names
from services.gateway.topics import Topics

AT_ONCE = 64
"""Readings at the same time; one more is refused `too_many_requests`."""
IDLE = 4
"""Connected consumers kept for the next reading."""


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
        self._busy = 0

    async def read(self, organisation: str, *, urgent: bool, cursor: str | None, limit: int, wait: float) -> Page:
        """What stands behind the cursor, or from the first record kept; waits up to `wait` seconds for one.

        Raises Refused: `cursor_expired`, `not_permitted` when the organisation is not connected; Outage.
        """
        topic = self._names.delivery(organisation, urgent=urgent)
        described = (await self._topics.find([topic])).get(topic)
        if described is None:
            raise Refused("not_permitted")
        try:
            async with self._consumer() as consumer:
                place = TopicPartition(topic, 0)
                consumer.assign([place])
                offset = await _start(consumer, place, _offset(cursor, described.id))
                consumer.seek(place, offset)
                found = await consumer.getmany(place, timeout_ms=int(wait * 1000), max_records=limit)
        except (KafkaError, OSError):
            raise Outage from None
        records = tuple(found.get(place, ()))
        return Page(records, f"{described.id}.{records[-1].offset + 1 if records else offset}")

    async def close(self) -> None:
        """Disconnect the idle consumers."""
        while self._idle:
            await self._idle.pop().stop()

    @asynccontextmanager
    async def _consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        """One that failed, or whose reading was broken off, is not used again."""
        if self._busy >= AT_ONCE:
            raise Refused("too_many_requests")
        self._busy += 1
        consumer = self._idle.pop() if self._idle else None
        try:
            if consumer is None:
                consumer = AIOKafkaConsumer(**client_options(self._settings), enable_auto_commit=False)
                await consumer.start()
            yield consumer
            consumer.pause(*consumer.assignment())
            if len(self._idle) < IDLE:
                self._idle.append(consumer)
                consumer = None
        finally:
            self._busy -= 1
            if consumer is not None:
                await asyncio.shield(consumer.stop())


def _offset(cursor: str | None, topic_id: str) -> int | None:
    if cursor is None:
        return None
    name, _, number = cursor.rpartition(".")
    if name != topic_id or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise Refused("cursor_expired")
    return int(number)


async def _start(consumer: AIOKafkaConsumer, place: TopicPartition, wanted: int | None) -> int:
    first = (await consumer.beginning_offsets([place]))[place]
    if wanted is None:
        return int(first)
    end = (await consumer.end_offsets([place]))[place]
    if not first <= wanted <= end:
        raise Refused("cursor_expired")
    return wanted
