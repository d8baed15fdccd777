"""Publication on a real broker: all of it, in order, or an error that says so."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, UnknownTopicOrPartitionError

from chassis.messaging import aiokafka_internals
from chassis.messaging.kafka import MAX_MESSAGE
from chassis.messaging.message import Message
from chassis.messaging.publisher import IN_BATCHES, METADATA_SECONDS, Publisher
from chassis.messaging.retry import Outage
from deploy.local.kafka import Kafka
from tests.chassis.counting import SERVICE, Place, a_place, ids, read_topic
from tests.eventually import eventually
from tests.servers import KafkaServer


def a_message(topic: str, size: int = 10) -> Message:
    return Message(topic, ids(1)[0].encode(), b"x" * size, [])


@pytest.mark.parametrize(("bad", "count"), [(0, 5), (1, 5), (4, 5), (0, IN_BATCHES), (IN_BATCHES, IN_BATCHES + 1)])
async def test_an_error_of_any_of_several_messages_raises(place: Place, bad: int, count: int) -> None:
    good, narrow = place.names.commands(SERVICE), f"{place.names.prefix}narrow"
    place.kafka.make_topics(narrow, config={"max.message.bytes": "500"})
    publisher = Publisher(place.settings)
    messages = [a_message(narrow, 5000) if n == bad else a_message(good) for n in range(count)]
    try:
        with pytest.raises(KafkaError):
            await publisher.send_all(messages)
        await publisher.send_all([a_message(good), a_message(narrow)])
    finally:
        await publisher.stop()
    assert len(await place.read(narrow)) == 1


async def test_what_was_not_acknowledged_in_time_never_goes_out(tmp_path: Path, mortal_broker: Kafka) -> None:
    """An hour's outage must not send what is an hour old when the broker returns."""
    own = KafkaServer(*astuple(mortal_broker.login))
    own.make_topics("late")
    publisher = Publisher(a_place(own, "late.", "mongodb://127.0.0.1:1", "none", tmp_path).settings)
    await publisher.send_all([a_message("late")])
    mortal_broker.kill()
    with pytest.raises(Outage):
        await publisher.send_all([a_message("late") for _ in range(3)], within=1)
    await mortal_broker.start()
    await eventually(publisher.reachable, 30)
    await publisher.send_all([a_message("late")])
    await publisher.stop()
    assert len(await read_topic(own, "late")) == 2


@pytest.mark.parametrize("size", [2_000_000, 100_000])
async def test_one_that_is_too_large_for_any_broker_raises_before_anything_goes_out(place: Place, size: int) -> None:
    topic, publisher = place.names.commands(SERVICE), Publisher(place.settings)
    messages = [*(a_message(topic) for _ in range(IN_BATCHES)), a_message(topic, size)]
    try:
        if size > MAX_MESSAGE:
            with pytest.raises(MessageSizeTooLargeError):
                await publisher.send_all(messages)
        else:
            await publisher.send_all(messages)
    finally:
        await publisher.stop()
    assert len(await place.read(topic)) == (0 if size > MAX_MESSAGE else len(messages))


async def test_many_at_once_stand_in_order_where_each_alone_would(place: Place) -> None:
    """More than one batch holds, of one key beside others."""
    topic, publisher = place.names.commands(SERVICE), Publisher(place.settings)
    keys = [f"key-{n}" for n in range(5)]  # fixed: of five chosen at random all may stand in one partition
    many = [Message(topic, keys[n % 7 % 5].encode(), f"{n} {'x' * 600}".encode(), []) for n in range(3000)]
    try:
        await publisher.send_all(many)
        for key in keys:
            await publisher.send_all([Message(topic, key.encode(), b"alone", [])])
    finally:
        await publisher.stop()
    records = await place.read(topic)
    assert len({record.partition for record in records}) > 1
    for key in keys:
        own = [record for record in records if record.key == key.encode()]
        assert [record.value for record in own] == [m.value for m in many if m.key == key.encode()] + [b"alone"]
        assert len({record.partition for record in own}) == 1


@pytest.mark.parametrize("count", [1, IN_BATCHES])
async def test_a_topic_that_is_missing_stops_no_other(place: Place, count: int) -> None:
    good, missing = place.names.commands(SERVICE), f"{place.names.prefix}missing"
    publisher = Publisher(place.settings)
    try:
        messages = [a_message(topic) for _ in range(count) for topic in (good, missing, good)]
        faults = await publisher.send_each(messages)
        assert {topic: type(error) for topic, error in faults.items()} == {missing: UnknownTopicOrPartitionError}
        place.kafka.make_topics(missing)
        assert await publisher.send_each([a_message(missing)]) == {}
    finally:
        await publisher.stop()
    assert len(await place.read(good)) == 2 * count


async def test_several_topics_that_are_missing_take_no_longer_than_one(place: Place) -> None:
    """Else a handful of partners that are gone would use up the seconds in which what was fetched must be sent."""
    good, missing = place.names.commands(SERVICE), {f"{place.names.prefix}missing-{n}" for n in range(8)}
    publisher = Publisher(place.settings)
    try:
        messages = [a_message(topic) for topic in (*missing, good)]
        assert set(await publisher.send_each(messages, within=3 * METADATA_SECONDS)) == missing
    finally:
        await publisher.stop()
    assert len(await place.read(good)) == 1


@pytest.fixture
async def noise() -> AsyncIterator[list[dict[str, Any]]]:
    """What the event loop, which later tests share, would log of errors that nobody awaited."""
    loop, contexts = asyncio.get_running_loop(), list[dict[str, Any]]()
    before = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: contexts.append(context))
    yield contexts
    loop.set_exception_handler(before)


async def test_a_producer_is_abandoned_without_an_error_in_the_log(place: Place, noise: list[dict[str, Any]]) -> None:
    """One message waits to be sent again, after an attempt that failed; another was never tried."""
    tried, new = place.names.commands(SERVICE), place.names.events(SERVICE)
    publisher = Publisher(place.settings)
    await publisher.start()
    noise.clear()
    producer: Any = publisher.producer
    await producer.partitions_for(tried)
    await producer.partitions_for(new)
    await aiokafka_internals.stop_sending(producer)
    waiting = [await producer.send(topic, b"x", partition=0) for topic in (tried, new)]
    accumulator = producer._message_accumulator
    accumulator.reenqueue(accumulator._pop_batch(TopicPartition(tried, 0)))
    await publisher._abandon(producer)
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(answer) for answer in answers] == [KafkaError, KafkaError]
    assert noise == []
    assert publisher.producer is None
    assert await place.read(tried) == await place.read(new) == []
