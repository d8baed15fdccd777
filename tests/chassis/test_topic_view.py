"""A topic that is read whole at start and followed: nothing of it is missed, in the order of each partition."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import astuple
from pathlib import Path

from chassis.messaging.kafka import end
from chassis.messaging.message import Message
from chassis.messaging.publisher import Publisher
from chassis.messaging.topic_view import TopicView
from deploy.local.kafka import Kafka
from tests.chassis.counting import Place, a_place
from tests.eventually import eventually
from tests.servers import KafkaServer


class Viewed:
    """What a view was told of, by key."""

    def __init__(self, place: Place, topic: str) -> None:
        self.values: dict[str, list[int]] = {}
        self.view = TopicView(place.settings, topic, lambda record: self.take(record.key, record.value))

    def take(self, key: bytes | None, value: bytes | None) -> None:
        self.values.setdefault((key or b"").decode(), []).append(int(value or b"0"))


@asynccontextmanager
async def viewing(place: Place, topic: str) -> AsyncIterator[Viewed]:
    viewed = Viewed(place, topic)
    reading = asyncio.create_task(viewed.view.run())
    try:
        yield viewed
    finally:
        await end(reading)


def three(numbers: list[int]) -> dict[str, list[int]]:
    """The same under each key."""
    return dict.fromkeys("abc", numbers)


async def publish(place: Place, topic: str, *numbers: int) -> None:
    """Each under three keys."""
    publisher = Publisher(place.settings)
    await publisher.start()
    await publisher.send_all(
        [Message(topic, key.encode(), str(number).encode(), []) for number in numbers for key in ("a", "b", "c")]
    )
    await publisher.stop()


async def test_all_that_stands_there_is_known_before_it_is_ready_and_what_comes_later_follows(place: Place) -> None:
    topic = place.names.events("counter")
    await publish(place, topic, 1, 2)
    async with viewing(place, topic) as viewed:
        await asyncio.wait_for(viewed.view.wait(), 60)
        assert viewed.values == three([1, 2])
        await publish(place, topic, 3)
        await eventually(lambda: viewed.values == three([1, 2, 3]))
    assert not viewed.view.ready


async def test_a_topic_that_is_made_later_is_waited_for(place: Place, kafka: KafkaServer) -> None:
    topic = f"{place.names.prefix}made.later.v1"
    async with viewing(place, topic) as viewed:
        assert not viewed.view.ready
        kafka.make_topics(topic, partitions=2)
        await asyncio.wait_for(viewed.view.wait(), 60)
        await publish(place, topic, 1)
        await eventually(lambda: viewed.values == three([1]))


async def test_after_its_broker_was_away_it_goes_on_where_it_stood(
    mongo: str, database_name: str, tmp_path: Path, mortal_broker: Kafka
) -> None:
    place = a_place(KafkaServer(*astuple(mortal_broker.login)), "viewed.", mongo, database_name, tmp_path)
    topic = place.names.events("counter")
    async with viewing(place, topic) as viewed:
        await publish(place, topic, 1)
        await eventually(lambda: viewed.values == three([1]))
        mortal_broker.kill()
        await mortal_broker.start()
        await publish(place, topic, 2)
        await eventually(lambda: [numbers[-1] for numbers in viewed.values.values()] == [2, 2, 2], timeout=60)
        assert {key: list(dict.fromkeys(numbers)) for key, numbers in viewed.values.items()} == three([1, 2])
