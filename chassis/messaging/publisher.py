"""Publication: messages in order, acknowledged by every replica, or an error that says to send them again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from chassis import telemetry
from chassis.messaging.consumer import MAX_MESSAGE, client_options, quietly
from chassis.messaging.priority import yield_to_loop
from chassis.settings import Settings


class Message(NamedTuple):
    """One message to publish."""

    topic: str
    key: bytes | None
    value: bytes
    headers: list[tuple[str, bytes]]


class Publisher:
    """An idempotent producer with acks=all. `linger_ms` 0 for people and alerts, 5 for loads."""

    def __init__(self, settings: Settings, *, linger_ms: int = 5) -> None:
        self.options = client_options(settings) | {
            "acks": "all",
            "enable_idempotence": True,
            "linger_ms": linger_ms,
            "max_batch_size": 262_144,
            "max_request_size": MAX_MESSAGE,
            "request_timeout_ms": 10_000,
            "retry_backoff_ms": 100,
            "metadata_max_age_ms": 30_000,
        }
        self.producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Connect. Raises KafkaError while no broker answers."""
        async with self._starting:
            if self.producer is None:
                producer = AIOKafkaProducer(**self.options)
                try:
                    await producer.start()
                except BaseException:
                    await quietly(producer.stop())
                    raise
                self.producer = producer

    async def stop(self) -> None:
        """Send what is buffered and disconnect."""
        if self.producer is not None:
            producer, self.producer = self.producer, None
            await quietly(producer.stop())

    async def send_all(self, messages: Sequence[Message]) -> None:
        """Publish in order and return when the broker has acknowledged every message.

        Raises KafkaError; what was sent may then stand in the log, so send all of it again: a duplicate is harmless.
        """
        if not messages:
            return
        await self.start()
        producer = self.producer
        try:
            await _send(producer, messages)
        except KafkaError:
            await self._drop(producer)
            raise
        for topic, count in Counter(message.topic for message in messages).items():
            telemetry.PUBLISHED.labels(topic).inc(count)

    async def reachable(self) -> bool:
        """True when a broker answers within 3 s."""
        try:
            await self.start()
            producer: Any = self.producer
            return bool(await asyncio.wait_for(producer.client.force_metadata_update(), 3))
        except (KafkaError, TimeoutError):
            return False

    async def _drop(self, producer: Any) -> None:
        """A producer that failed may have a gap in its sequence: the next attempt takes a new one."""
        if producer is self.producer:
            self.producer = None
        await quietly(producer.stop())


async def _send(producer: Any, messages: Sequence[Message]) -> None:
    pending: list[asyncio.Future[Any]] = []
    try:
        for index, message in enumerate(messages):
            await yield_to_loop(index)
            sent = await producer.send(message.topic, message.value, message.key, headers=message.headers)
            pending.append(sent)
    finally:
        results = await asyncio.gather(*pending, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
