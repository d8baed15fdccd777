"""The log of the registry's events, read by position: without a group, and as often as one likes."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.messaging.kafka import client_options, quietly
from chassis.messaging.record import Record
from chassis.messaging.retry import Outage
from chassis.settings import Settings
from services.gateway.topics import Topics

Positions = Mapping[int, int]
"""By partition, the offset of the next event."""
AT_ONCE = 2000


class EventLog:
    """Every method raises KafkaError, or Outage, while the broker is away."""

    def __init__(self, settings: Settings, topic: str) -> None:
        self._options, self._topic, self._topics = client_options(settings), topic, Topics(settings)

    async def end(self) -> Positions:
        """Behind the newest event."""
        described = await self._topics.find([self._topic])
        if self._topic not in described:
            raise Outage("the topic of events does not exist yet")
        async with self._consumer() as consumer:
            partitions = [TopicPartition(self._topic, number) for number in described[self._topic].partitions]
            offsets = await consumer.end_offsets(partitions)
            return {place.partition: offset for place, offset in offsets.items()}

    async def read(self, first: Positions, end: Positions) -> AsyncIterator[list[Record]]:
        """The events from `first` to before `end`, in order within each partition."""
        waiting = {number: offset for number, offset in end.items() if first.get(number, 0) < offset}
        if not waiting:
            return
        async with self._consumer() as consumer:
            partitions = {number: TopicPartition(self._topic, number) for number in waiting}
            consumer.assign(list(partitions.values()))
            for number, partition in partitions.items():
                consumer.seek(partition, first.get(number, 0))
            while partitions:
                batches = await consumer.getmany(*partitions.values(), timeout_ms=500, max_records=AT_ONCE)
                for partition, records in batches.items():
                    yield [record for record in records if record.offset < waiting[partition.partition]]
                for number, partition in list(partitions.items()):
                    if await consumer.position(partition) >= waiting[number]:
                        consumer.pause(partitions.pop(number))

    @asynccontextmanager
    async def _consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(**self._options, enable_auto_commit=False, auto_offset_reset="earliest")
        try:
            await consumer.start()
            yield consumer
        finally:
            await quietly(consumer.stop())
