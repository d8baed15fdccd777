"""The Kafka side: login, broker, and batch subscribers on raw bytes with manual acknowledgement, static members."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER, KafkaAckableMessage
from faststream.security import BaseSecurity, SASLScram512

from chassis import telemetry
from chassis.messaging.record_batches import read_any_batch
from chassis.settings import Settings


class Record(Protocol):
    """A consumed record: aiokafka's ConsumerRecord on raw bytes. `timestamp` in ms since 1970."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


MAX_MESSAGE = 1_000_000
"""Largest message the broker takes, in bytes."""
GRACE = 20
"""Seconds a stop may take: the batch in hand has five fewer."""


def security(settings: Settings) -> BaseSecurity | None:
    """SCRAM-SHA-512 login over the configured transport."""
    if settings.kafka_security == "PLAINTEXT":
        return None
    context = None
    if settings.kafka_security == "SASL_SSL":
        context = ssl.create_default_context(cafile=str(settings.kafka_ca) if settings.kafka_ca else None)
    password = settings.kafka_password.get_secret_value() if settings.kafka_password else ""
    return SASLScram512(settings.kafka_user or "", password, ssl_context=context, use_ssl=context is not None)


def client_options(settings: Settings) -> dict[str, Any]:
    """The same login as keyword arguments of aiokafka's own clients."""
    options: dict[str, Any] = {"bootstrap_servers": settings.kafka_url.split(","), "client_id": settings.instance}
    if settings.kafka_security == "PLAINTEXT":
        return options
    found = security(settings)
    return options | {
        "security_protocol": settings.kafka_security,
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": settings.kafka_user,
        "sasl_plain_password": settings.kafka_password.get_secret_value() if settings.kafka_password else "",
        "ssl_context": found.ssl_context if found else None,
    }


def make_broker(settings: Settings) -> KafkaBroker:
    """The FastStream broker of one process. It only consumes; publication goes through Publisher."""
    read_any_batch()
    return KafkaBroker(
        settings.kafka_url.split(","),
        client_id=settings.instance,
        security=security(settings),
        allow_auto_create_topics=False,
        graceful_timeout=GRACE - 5,
        logger=None,
        metadata_max_age_ms=5_000,
        retry_backoff_ms=200,
    )


async def quietly(stop: Coroutine[Any, Any, None], within: float = 2) -> None:
    """Run an aiokafka `stop` for so many seconds at most: while brokers are away it fails, hangs or cancels us."""
    stopping = asyncio.create_task(stop)
    await asyncio.wait([stopping], timeout=within)
    if not stopping.done():
        stopping.cancel()
    elif not stopping.cancelled() and (error := stopping.exception()) is not None:
        telemetry.log.debug("client_dropped", error=telemetry.describe(error))


@dataclass
class Consuming(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Whether one subscriber has its partitions, as told by rebalances; `changed` is called after each."""

    joined: bool = False
    partitions: set[TopicPartition] = field(default_factory=set)
    rebalances: int = 0
    changed: Callable[[], None] = lambda: None

    def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """A rebalance began."""
        self.joined = False
        self.rebalances += 1
        self.partitions = set()

    def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """A rebalance ended; no partition at all is a fine result for a spare process."""
        self.joined = True
        self.partitions = set(assigned)
        self.changed()


Handle = Callable[[Sequence[Record]], Awaitable[None]]


SMALL = 50
"""A lane of at most so many records per batch is one that people or alerts wait for: it looks for news more often."""


class BatchConsumer:
    """One batch subscriber. Acknowledges a batch when `handle` returned; `handle` waits out outages and parks."""

    def __init__(self, name: str, group: str, *, max_records: int) -> None:
        self.name, self.group, self.max_records = name, group, max_records
        self.consuming = Consuming()
        self.subscriber: Any = None

    def subscribe(
        self,
        broker: KafkaBroker,
        handle: Handle,
        *,
        instance: str,
        topics: Sequence[str] = (),
        pattern: str | None = None,
    ) -> None:
        """Register with the broker; consumption begins at its start, from the earliest record not acknowledged."""
        urgent = self.max_records <= SMALL
        self.subscriber = broker.subscriber(
            *topics,
            pattern=pattern,
            group_id=self.group,
            group_instance_id=f"{instance}-{self.name}",
            batch=True,
            max_records=self.max_records,
            batch_timeout_ms=5 if urgent else 20,  # FastStream sleeps as long again when nothing came
            fetch_max_wait_ms=20 if urgent else 100,
            max_partition_fetch_bytes=2 * MAX_MESSAGE,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=1_000,
            max_poll_interval_ms=600_000,
            partition_assignment_strategy=(RangePartitionAssignor,),
            listener=self.consuming,
            parser=_tolerant,
            decoder=_undecoded,
        )

        async def on_batch(message: KafkaMessage) -> None:
            records: Any = message.raw_message
            taken = self.consuming.rebalances
            try:
                await handle(records)
            except Exception as error:
                await self._end_process(error)
            if taken == self.consuming.rebalances:
                await self.acknowledge(records)

        self.subscriber(on_batch)

    async def _end_process(self, error: Exception) -> None:
        """FastStream would drop the batch and go on, and the next acknowledgement would pass over it: stop for good."""
        telemetry.log.critical("lane_failed", lane=self.name, error=telemetry.describe(error))
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    def owns(self, record: Record) -> bool:
        """True while the record's partition is still ours."""
        return TopicPartition(record.topic, record.partition) in self.consuming.partitions

    async def acknowledge(self, records: Sequence[Record]) -> None:
        """Commit the offsets of exactly these records. A lost partition is no error: its next owner reads on.

        Not after a rebalance: whoever got the partition then, and be it us again, reads from the last commit, and what
        was left undone because the partition was not ours for a moment would be passed over.
        """
        offsets: dict[TopicPartition, int] = {}
        for record in records:
            place = TopicPartition(record.topic, record.partition)
            if place in self.consuming.partitions:
                offsets[place] = max(offsets.get(place, 0), record.offset + 1)
        if not offsets or self.subscriber.consumer is None:
            return
        try:
            await self.subscriber.consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError) as error:
            telemetry.log.info("commit_lost", group=self.group, error=type(error).__name__)
        except KafkaError as error:
            telemetry.log.warning("commit_failed", group=self.group, error=type(error).__name__)


async def _undecoded(message: Any) -> None:
    """FastStream would parse every record a second time."""
    return None


async def _tolerant(raw: Any, original: Any) -> KafkaAckableMessage:
    """Takes records as they are: FastStream's own parser fails for ever on a header that is not UTF-8."""
    return KafkaAckableMessage(
        body=b"", headers={}, raw_message=raw, message_id=str(raw[0].offset), correlation_id="-", consumer=FAKE_CONSUMER
    )
