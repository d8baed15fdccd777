"""A topic read whole at start and followed from then on, without a group: what every process has to know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from chassis import telemetry
from chassis.messaging.kafka import client_options, quietly
from chassis.messaging.record import Record
from chassis.messaging.retention import partitions_of
from chassis.messaging.retry import Outage, backoff
from chassis.settings import Settings


class TopicView:
    """Hands every record to `apply`, in the order of its partition; some come twice after an outage.

    `ready` while everything was applied that stood in the topic when it was last connected. `apply` raises nothing.
    """

    def __init__(self, settings: Settings, topic: str, apply: Callable[[Record], None]) -> None:
        self._settings, self._topic, self._apply = settings, topic, apply
        self._positions: dict[TopicPartition, int] = {}
        self._ready = asyncio.Event()

    @property
    def ready(self) -> bool:
        """Whether it stands where the topic ended when it was last connected, or further."""
        return self._ready.is_set()

    async def wait(self) -> None:
        """Return once it is ready."""
        await self._ready.wait()

    async def run(self) -> None:
        """Read until cancelled. After an outage it goes on where it stood."""
        attempt = 0
        while True:
            try:
                await self._read()
            except (KafkaError, OSError, Outage) as error:
                telemetry.log.warning("view_waits", topic=self._topic, error=telemetry.describe(error))
                await backoff(attempt)
                attempt += 1
            finally:
                self._ready.clear()

    async def _read(self) -> None:
        options = client_options(self._settings)
        consumer = AIOKafkaConsumer(**options, enable_auto_commit=False, auto_offset_reset="earliest")
        try:
            await consumer.start()
            ends = await self._position(consumer, await self._partitions())
            while True:
                if not self.ready and all(self._positions[partition] >= end for partition, end in ends.items()):
                    self._ready.set()
                for partition, records in (await consumer.getmany(timeout_ms=500)).items():
                    for record in records:
                        self._apply(record)
                    self._positions[partition] = records[-1].offset + 1
        finally:
            await quietly(consumer.stop())

    async def _partitions(self) -> list[TopicPartition]:
        """Raises Outage where there is no such topic."""
        admin = AIOKafkaAdminClient(**client_options(self._settings))
        try:
            await admin.start()
            partitions = await partitions_of(admin, [self._topic])
        finally:
            await quietly(admin.close())
        if not partitions:
            raise Outage("the topic does not exist yet")
        return partitions

    async def _position(
        self, consumer: AIOKafkaConsumer, partitions: list[TopicPartition]
    ) -> dict[TopicPartition, int]:
        """Go on where it stood, or at the start of a topic that was made anew; returns where each partition ends."""
        consumer.assign(partitions)
        first, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        for partition in partitions:
            position = self._positions.get(partition, 0)
            if not first[partition] <= position <= ends[partition]:
                position = first[partition]
            self._positions[partition] = position
            consumer.seek(partition, position)
        return dict(ends)
