"""Deletes from intake topics what lies a fixed time behind the committed offset, and measures the lag of a group."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import KafkaError

from chassis import telemetry
from chassis.failures import is_outage
from chassis.kafka import client_options, quietly
from chassis.settings import Settings

HOUR_MS = 3_600_000


async def delete_behind(
    settings: Settings, topics: Sequence[str], group: str, *, hours: float
) -> dict[TopicPartition, int]:
    """Delete records that are both acknowledged by `group` and older than `hours`. Returns the new first offsets."""
    admin = AIOKafkaAdminClient(**client_options(settings))
    consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)
    try:
        await admin.start()
        await consumer.start()
        committed = await _committed(admin, group, topics)
        before = int(time.time() * 1000) - int(hours * HOUR_MS)
        limits = await _limits(consumer, committed, before)
        if limits:
            await admin.delete_records({place: RecordsToDelete(offset) for place, offset in limits.items()})
        return limits
    finally:
        await quietly(consumer.stop())
        await quietly(admin.close())


async def _places(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> list[TopicPartition]:
    described = await admin.describe_topics(list(topics)) if topics else []
    return [TopicPartition(topic["topic"], part["partition"]) for topic in described for part in topic["partitions"]]


async def _committed(admin: AIOKafkaAdminClient, group: str, topics: Sequence[str]) -> dict[TopicPartition, int]:
    found = await admin.list_consumer_group_offsets(group)
    return {place: data.offset for place, data in found.items() if place.topic in topics and data.offset >= 0}


async def _limits(
    consumer: AIOKafkaConsumer, committed: dict[TopicPartition, int], before: int
) -> dict[TopicPartition, int]:
    """Per partition: the committed offset, or the first record not old enough yet, whichever is lower."""
    if not committed:
        return {}
    first = await consumer.beginning_offsets(list(committed))
    young = await consumer.offsets_for_times(dict.fromkeys(committed, before))
    limits = {}
    for place, offset in committed.items():
        found = young.get(place)
        limit = min(offset, found.offset) if found is not None else offset
        if limit > first[place]:
            limits[place] = limit
    return limits


async def lag(settings: Settings, topics: Sequence[str], group: str) -> dict[str, int]:
    """Records that `group` has not acknowledged yet, by topic; all of them where it never acknowledged any."""
    admin = AIOKafkaAdminClient(**client_options(settings))
    consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False)
    try:
        await admin.start()
        await consumer.start()
        places = await _places(admin, topics)
        first, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        committed = await _committed(admin, group, topics)
        found = dict.fromkeys(topics, 0)
        for place in places:
            found[place.topic] += max(0, ends[place] - max(committed.get(place, 0), first[place]))
        return found
    finally:
        await quietly(consumer.stop())
        await quietly(admin.close())


async def janitor(
    settings: Settings, topics: Callable[[], Awaitable[Sequence[str]]], group: str, *, hours: float
) -> None:
    """Every ten minutes: delete what is done with, and report the lag. Runs until cancelled."""
    while True:
        await asyncio.sleep(600)
        try:
            names = await topics()
            await delete_behind(settings, names, group, hours=hours)
            for topic, behind in (await lag(settings, names, group)).items():
                telemetry.LAG.labels(topic).set(behind)
        except (KafkaError, OSError) as error:
            if not is_outage(error):
                raise
            telemetry.log.info("janitor_waits", error=telemetry.describe(error))
