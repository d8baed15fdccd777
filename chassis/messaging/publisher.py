"""Publication: messages in order, acknowledged by every replica, or an error that says to send them again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Collection, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError, UnknownTopicOrPartitionError
from aiokafka.producer.message_accumulator import BatchBuilder

from chassis import telemetry
from chassis.messaging import aiokafka_internals
from chassis.messaging.kafka import MAX_MESSAGE, client_options, quietly
from chassis.messaging.message import Message
from chassis.messaging.priority import in_slices
from chassis.messaging.retry import Outage
from chassis.settings import Settings

SEND_SECONDS = 20.0
"""For a whole batch; an idempotent producer by itself waits for its broker for ever."""
METADATA_SECONDS = 3.0
"""For a topic that the broker does not know: one that was just made takes a moment."""

IN_BATCHES = 20
"""Messages from which on it is worth making the batches ourselves."""

TopicFault = (UnknownTopicOrPartitionError, TopicAuthorizationFailedError)


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

    async def send_all(self, messages: Sequence[Message], *, within: float = SEND_SECONDS) -> None:
        """Publish in order and return when the broker has acknowledged every message.

        Raises KafkaError, or Outage after `within` seconds; what was sent may then stand in the log, so send all of it
        again: a duplicate is harmless. What was not sent by then never will be.
        """
        for fault in (await self.send_each(messages, within=within)).values():
            raise fault

    async def send_each(self, messages: Sequence[Message], *, within: float = SEND_SECONDS) -> dict[str, KafkaError]:
        """As `send_all`, but a topic that is missing or not ours to write stops no other: the errors by topic."""
        if not messages:
            return {}
        try:
            async with asyncio.timeout(max(within, 0.0)):
                await self.start()
                producer = self.producer
                faults = await _send(producer, messages)
        except TimeoutError:
            await self._abandon(self.producer)
            raise Outage("the broker does not acknowledge") from None
        except KafkaError:
            await self._abandon(self.producer)
            raise
        if faults:
            await self._abandon(producer)  # its sequence numbers for those topics are of no use
        for topic, count in Counter(message.topic for message in messages).items():
            if topic not in faults:
                telemetry.PUBLISHED.labels(topic).inc(count)
        return faults

    async def reachable(self) -> bool:
        """True when a broker answers within 3 s."""
        try:
            await self.start()
            producer: Any = self.producer
            return bool(await asyncio.wait_for(producer.client.force_metadata_update(), 3))
        except (KafkaError, TimeoutError):
            return False

    async def _abandon(self, producer: Any) -> None:
        """Drop a producer with all that it has not sent, so that nothing goes out later than its sender believes.

        One that failed may also have a gap in its sequence: the next try takes a new one.
        """
        if producer is None:
            return
        if producer is self.producer:
            self.producer = None
        await aiokafka_internals.stop_sending(producer)
        await quietly(producer.client.close())
        aiokafka_internals.fail_all(producer, KafkaError("abandoned"))
        await quietly(producer.stop())


Pending = list[tuple[str, "asyncio.Future[Any]"]]
"""By topic, what the broker has still to acknowledge."""
Places = Mapping[str, Sequence[int]]
"""The partitions of each topic."""


async def _send(producer: Any, messages: Sequence[Message]) -> dict[str, KafkaError]:
    places, faults = await _places(producer, {message.topic for message in messages})
    existing = [message for message in messages if message.topic in places]
    send = _send_singly if len(messages) < IN_BATCHES else _send_in_batches
    pending = await send(producer, existing, places, faults)
    for topic, sent in pending:
        try:
            await sent
        except TopicFault as error:
            faults[topic] = error
    return faults


async def _send_singly(producer: Any, messages: Sequence[Message], _: Places, faults: dict[str, KafkaError]) -> Pending:
    """The producer puts those of several callers into one batch."""
    pending: Pending = []
    for message in messages:
        sending = producer.send(
            message.topic, message.value, message.key, headers=message.headers, timestamp_ms=message.timestamp_ms
        )
        await _submit(message.topic, sending, pending, faults)
    return pending


async def _send_in_batches(
    producer: Any, messages: Sequence[Message], places: Places, faults: dict[str, KafkaError]
) -> Pending:
    """One batch for each partition, more only where one is full: that costs a fraction of a `send` for each message."""
    pending: Pending = []
    for (topic, partition), batches in (await _packed(producer, messages, places)).items():
        for batch in batches:
            batch.close()
            await _submit(topic, producer.send_batch(batch, topic, partition=partition), pending, faults)
    return pending


async def _packed(
    producer: Any, messages: Sequence[Message], places: Places
) -> dict[tuple[str, int], list[BatchBuilder]]:
    """Raises MessageSizeTooLargeError for one that no broker takes."""
    batches: dict[tuple[str, int], list[BatchBuilder]] = {}
    async for message in in_slices(messages):
        aiokafka_internals.check_size(producer, message)
        place = message.topic, aiokafka_internals.partition_of(producer, message, places[message.topic])
        own = batches.get(place)
        if own is None:
            own = batches[place] = [producer.create_batch()]
        if not _added(own[-1], message):
            own.append(producer.create_batch())
            _added(own[-1], message)
    return batches


def _added(batch: BatchBuilder, message: Message) -> bool:
    """False when the batch is full; an empty one takes any message."""
    added = batch.append(timestamp=message.timestamp_ms, key=message.key, value=message.value, headers=message.headers)
    return added is not None


async def _submit(
    topic: str, sending: Awaitable[asyncio.Future[Any]], pending: Pending, faults: dict[str, KafkaError]
) -> None:
    try:
        sent = await sending
    except TopicFault as error:
        faults[topic] = error
    else:
        sent.add_done_callback(_retrieved)
        pending.append((topic, sent))


def _retrieved(sent: asyncio.Future[Any]) -> None:
    """Its error, if any, is known or of no interest any more."""
    if not sent.cancelled():
        sent.exception()


async def _places(producer: Any, topics: Collection[str]) -> tuple[Places, dict[str, KafkaError]]:
    """Of those topics that can be written, and why others cannot, found at once: several take no longer than one."""
    partitions = await asyncio.gather(*(_partitions(producer, topic) for topic in topics))
    places = {topic: own for topic, own in zip(topics, partitions, strict=True) if not isinstance(own, KafkaError)}
    return places, {topic: own for topic, own in zip(topics, partitions, strict=True) if isinstance(own, KafkaError)}


async def _partitions(producer: Any, topic: str) -> Sequence[int] | KafkaError:
    """Or the fault, known soon, where aiokafka would hold up the whole batch for its time-out."""
    try:
        return sorted(await asyncio.wait_for(producer.partitions_for(topic), METADATA_SECONDS))
    except TopicFault as error:
        return error
    except TimeoutError:
        if not await producer.client.force_metadata_update():
            raise Outage("the broker does not answer") from None
        return UnknownTopicOrPartitionError(topic)
