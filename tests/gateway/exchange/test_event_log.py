"""The registry's events read by position from a broker, as the release of a day does."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka import TopicPartition

from chassis.messaging.retry import Outage
from services.gateway.exchange import event_log
from services.gateway.exchange.event_log import EventLog, Positions
from services.gateway.settings import Settings
from tests.gateway.exchange.samples import departed
from tests.gateway.exchange.test_daily_release import DAY, NEXT, NOON, PEOPLE, Log, Releasing
from tests.servers import KafkaServer


def a_log(kafka: KafkaServer, topic: str) -> EventLog:
    given: dict[str, Any] = {name.lower(): value for name, value in kafka.environment.items() if value}
    return EventLog(Settings(**given, mongo_url="mongodb://127.0.0.1:9", keys=Path("-"), instance="exchange-0"), topic)


async def append(kafka: KafkaServer, topic: str, values: Sequence[bytes], partition: int = 0) -> None:
    async with AIOKafkaProducer(**kafka.client) as producer:
        for sent in [await producer.send(topic, value, partition=partition) for value in values]:
            await sent


def delete_before(kafka: KafkaServer, topic: str, offset: int) -> None:
    place, admin = TopicPartition(topic, 0, offset), kafka.admin()  # its answers end with it
    admin.delete_records([place])[place].result(30)


async def offsets(log: EventLog, first: Positions, end: Positions) -> dict[int, list[int]]:
    """What is read, by partition in the order of reading."""
    read: dict[int, list[int]] = {}
    async for records in log.read(first, end):
        for record in records:
            read.setdefault(record.partition, []).append(record.offset)
    return read


async def test_a_topic_that_is_empty_or_missing_gives_no_event(kafka: KafkaServer, prefix: str) -> None:
    topic = f"{prefix}events"
    with pytest.raises(Outage):
        await a_log(kafka, topic).end()
    kafka.make_topics(topic, partitions=3)
    end = await a_log(kafka, topic).end()
    assert end == {0: 0, 1: 0, 2: 0}
    assert await offsets(a_log(kafka, topic), {}, end) == {}


async def test_every_partition_is_read_in_order_from_its_position_to_before_the_end(
    kafka: KafkaServer, prefix: str
) -> None:
    topic, many = f"{prefix}events", event_log.AT_ONCE + 500
    kafka.make_topics(topic, partitions=4)
    log = a_log(kafka, topic)
    for partition, count in ((0, many), (1, 20), (2, 3)):
        await append(kafka, topic, [b"event"] * count, partition)
    end = await log.end()
    for partition in range(4):
        await append(kafka, topic, [b"later"] * 10, partition)
    assert end == {0: many, 1: 20, 2: 3, 3: 0}
    read = await offsets(log, {0: 10, 2: 3}, end)
    assert read == {0: list(range(10, many)), 1: list(range(20))}, "a partition without a position from its head"


async def test_what_was_deleted_is_passed_over_and_the_rest_is_read(kafka: KafkaServer, prefix: str) -> None:
    topic = f"{prefix}events"
    kafka.make_topics(topic)
    log = a_log(kafka, topic)
    await append(kafka, topic, [b"event"] * 10)
    end = await log.end()
    delete_before(kafka, topic, 6)
    for first in ({}, {0: 3}):
        assert await offsets(log, first, end) == {0: [6, 7, 8, 9]}
    delete_before(kafka, topic, 10)
    assert await offsets(log, {0: 3}, end) == {}, "and comes to an end where nothing is left"


async def test_a_day_is_released_without_the_record_that_cannot_be_read(kafka: KafkaServer, prefix: str) -> None:
    topic = f"{prefix}events"
    kafka.make_topics(topic, partitions=2)
    releasing, written = Releasing(["BPS"], a_log(kafka, topic)), Log()
    await releasing.daily.run_due(NOON)
    for number, person in enumerate(PEOPLE[:3]):
        written.append(departed(person=person), NOON + timedelta(minutes=number))
    async with AIOKafkaProducer(**kafka.client) as producer:
        for number, event in enumerate(written.records):
            partition, headers = number % 2, list(event.headers)
            await producer.send_and_wait(topic, event.value, headers=headers, partition=partition)
            await producer.send_and_wait(topic, b"{", headers=headers, partition=partition)
            await producer.send_and_wait(topic, None, b"key", partition=partition)
    await releasing.daily.run_due(NEXT)
    assert len(releasing.sent_to("BPS")) == 3
    progress = releasing.store.progress["BPS/research-bps"]
    assert (progress.day > DAY, progress.next) == (True, {0: 6, 1: 3})
