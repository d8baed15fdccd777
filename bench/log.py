"""Filling and reading topics with plain aiokafka, as administrator, on the measured servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.local.stack import Stack
from simulation.scenario.partner_messages import PartnerMessage


@asynccontextmanager
async def producer(stack: Stack, linger_ms: int = 5) -> AsyncIterator[AIOKafkaProducer]:
    """An idempotent producer with large batches."""
    made = AIOKafkaProducer(
        **stack.kafka.client, acks="all", enable_idempotence=True, linger_ms=linger_ms, max_batch_size=262_144
    )
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


@asynccontextmanager
async def consumer(stack: Stack, topics: Sequence[str], *, at_end: bool = True) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group over the partitions of `topics`, by default from their ends."""
    made = AIOKafkaConsumer(**stack.kafka.client, enable_auto_commit=False)
    await made.start()
    try:
        metadata = await made._client.fetch_all_metadata()
        places = [TopicPartition(t, p) for t in topics for p in sorted(metadata.partitions_for_topic(t) or ())]
        made.assign(places)
        await (made.seek_to_end(*places) if at_end else made.seek_to_beginning(*places))
        for place in places:
            await made.position(place)
        yield made
    finally:
        await made.stop()


async def make_topics(stack: Stack, partitions: Mapping[str, int]) -> None:
    """Topics for a measurement's own use."""
    admin = AdminClient(stack.kafka.confluent)
    futures = admin.create_topics([NewTopic(name, count, 1) for name, count in partitions.items()])
    for future in futures.values():
        await asyncio.wrap_future(future)


async def fill(stack: Stack, topic: str, records: Iterable[PartnerMessage]) -> int:
    """Produce and wait for every acknowledgement; returns how many."""
    async with producer(stack) as out:
        pending = [await out.send(topic, record.value, headers=list(record.headers)) for record in records]
        await asyncio.gather(*pending)
    return len(pending)


async def collect(source: AIOKafkaConsumer, count: int, *, timeout: float, wanted: Any = None) -> list[Any]:
    """Records until `count` different ce_ids that `wanted(record)` accepts arrived. Raises TimeoutError."""
    distinct: dict[bytes, Any] = {}
    async with asyncio.timeout(timeout):
        while len(distinct) < count:
            for records in (await source.getmany(timeout_ms=100)).values():
                for record in records:
                    if wanted is None or wanted(record):
                        distinct.setdefault(dict(record.headers)["ce_id"], record)
    return list(distinct.values())


def is_copy(record: Any) -> bool:
    """True for a person's copy, false for receipts."""
    return dict(record.headers).get("ce_type") == b"exchange.person.copied.v1"
