"""Deletes from intake topics what lies a fixed time behind the committed offset, and measures the lag of a group."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from chassis import telemetry
from chassis.messaging.kafka import client_options, quietly
from chassis.messaging.retry import failure_of, is_outage
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


async def partitions_of(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> list[TopicPartition]:
    """Those of the topics that exist."""
    described = await admin.describe_topics(list(topics)) if topics else []
    return [TopicPartition(topic["topic"], part["partition"]) for topic in described for part in topic["partitions"]]


async def _committed(admin: AIOKafkaAdminClient, group: str, topics: Sequence[str]) -> dict[TopicPartition, int]:
    offsets = await admin.list_consumer_group_offsets(group)
    return {place: data.offset for place, data in offsets.items() if place.topic in topics and data.offset >= 0}


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
        first_young = young.get(place)
        limit = min(offset, first_young.offset) if first_young is not None else offset
        if limit > first[place]:
            limits[place] = limit
    return limits


class Lag(NamedTuple):
    """What a group has not acknowledged of a topic: how many records, and the age of the first by its timestamp."""

    records: int
    seconds: float


async def lag(settings: Settings, topics: Sequence[str], group: str) -> dict[str, Lag]:
    """By topic, from the start of the log where `group` never acknowledged any; the age is that of the worst partition.

    The age is a minimum: where the first record could not be read within 10 s, it counts as 0.
    """
    admin = AIOKafkaAdminClient(**client_options(settings))
    consumer = AIOKafkaConsumer(**client_options(settings), enable_auto_commit=False, max_partition_fetch_bytes=65_536)
    try:
        await admin.start()
        await consumer.start()
        places = await partitions_of(admin, topics)
        first, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        committed = await _committed(admin, group, topics)
        starts = {place: max(committed.get(place, 0), first[place]) for place in places}
        behind = {place: start for place, start in starts.items() if ends[place] > start}
        ages = await _ages(consumer, behind) if behind else {}
        lags = dict.fromkeys(topics, Lag(0, 0.0))
        for place, start in behind.items():
            so_far = lags[place.topic]
            lags[place.topic] = Lag(so_far.records + ends[place] - start, max(so_far.seconds, ages.get(place, 0.0)))
        return lags
    finally:
        await quietly(consumer.stop())
        await quietly(admin.close())


async def _ages(consumer: AIOKafkaConsumer, starts: dict[TopicPartition, int]) -> dict[TopicPartition, float]:
    """Seconds since the timestamp of the record at, or next behind, each offset."""
    consumer.assign(list(starts))
    for place, offset in starts.items():
        consumer.seek(place, offset)
    ages: dict[TopicPartition, float] = {}
    deadline = time.monotonic() + 10
    while len(ages) < len(starts) and time.monotonic() < deadline:
        for place, records in (await consumer.getmany(timeout_ms=500, max_records=1)).items():
            ages[place] = max(0.0, time.time() - records[0].timestamp / 1000)
            consumer.pause(place)
    return ages


async def janitor(
    settings: Settings, topics: Callable[[], Awaitable[Sequence[str]]], group: str, *, hours: float
) -> None:
    """At once and every minute report the lag; every ten minutes delete what is done with. Only cancelling ends it."""
    for minute in itertools.count():
        error = await failure_of(_keep_house(settings, topics, group, hours if minute % 10 == 9 else None))
        if error is not None:
            log = telemetry.log.info if is_outage(error) else telemetry.log.error
            log("janitor_waits", error=telemetry.describe(error))
        await asyncio.sleep(60)


async def _keep_house(
    settings: Settings, topics: Callable[[], Awaitable[Sequence[str]]], group: str, hours: float | None
) -> None:
    names = await topics()
    await _finished(_report(settings, names, group))
    if hours is not None:
        await _finished(delete_behind(settings, names, group, hours=hours))


async def _report(settings: Settings, topics: Sequence[str], group: str) -> None:
    for topic, behind in (await lag(settings, topics, group)).items():
        telemetry.LAG.labels(topic).set(behind.records)
        telemetry.LAG_SECONDS.labels(topic).set(behind.seconds)


async def _finished(work: Coroutine[Any, Any, Any]) -> None:
    """Also when cancelled, within 5 s: aiokafka's clients leave connections open when cancelled while they connect."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await quietly(_done(task), 5)
        raise


async def _done(task: asyncio.Task[Any]) -> None:
    await task
