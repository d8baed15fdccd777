"""One Kafka consumer of one subscription: batches of raw records, acknowledged by hand, as a static group member."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER, KafkaAckableMessage

from chassis import telemetry
from chassis.messaging.aiokafka_internals import coordination_ended
from chassis.messaging.kafka import GRACE, MAX_MESSAGE, quietly
from chassis.messaging.record import Record

WAIT_MS, EAGER_WAIT_MS = 250, 100
"""How long the broker may keep a fetch that finds nothing. It answers as soon as there is a record, so none waits for
that unless its partition was being handled when the fetch for all others went out. Each fetch costs the process and the
broker about a millisecond of CPU, at rest too."""
IDLE_MS = 1000
"""How long one look for records takes when there are none."""

OnBatch = Callable[[Sequence[Record]], Awaitable[None]]


@dataclass
class Assignment(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Which partitions one consumer has, as told by rebalances; `changed` is called after each."""

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


class BatchConsumer:
    """Hands batches to `on_batch` and acknowledges each when that returned and everything handled is `settled`."""

    def __init__(
        self,
        name: str,
        group: str,
        *,
        max_records: int,
        eager: bool = False,
        settled: Callable[[], bool] = lambda: True,
        waits: Callable[[str], bool] | None = None,
    ) -> None:
        self.name, self.group, self.max_records, self.eager = name, group, max_records, eager
        self.settled, self.waits = settled, waits
        self._withheld: tuple[int, list[Record]] = (0, [])
        self.assignment = Assignment()
        self.subscriber: Any = None
        self._reviving = False

    def subscribe(
        self,
        broker: KafkaBroker,
        on_batch: OnBatch,
        *,
        instance: str,
        topics: Sequence[str] = (),
        pattern: str | None = None,
    ) -> None:
        """Register with the broker; consumption begins at its start, from the earliest record not acknowledged."""
        self.subscriber = broker.subscriber(
            *topics,
            pattern=pattern,
            group_id=self.group,
            group_instance_id=f"{instance}-{self.name}",
            batch=True,
            max_records=self.max_records,
            fetch_max_wait_ms=EAGER_WAIT_MS if self.eager else WAIT_MS,
            max_partition_fetch_bytes=2 * MAX_MESSAGE,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=1_000,
            max_poll_interval_ms=600_000,
            partition_assignment_strategy=(RangePartitionAssignor,),
            listener=self.assignment,
            parser=_tolerant,
            decoder=_undecoded,
        )

        self.subscriber.get_msg = self._next_batch

        async def handle(message: KafkaMessage) -> None:
            records: Any = message.raw_message
            taken = self.assignment.rebalances
            try:
                await on_batch(records)
            except Exception as error:
                await self._end_process(error)
            if taken == self.assignment.rebalances:
                await self.acknowledge_settled(records)

        self.subscriber(handle)

    async def _next_batch(self, consumer: AIOKafkaConsumer) -> Sequence[Record]:
        """The next records, as soon as there are any: FastStream sleeps after each look that found none."""
        if self.waits is None:
            records = await consumer.getmany(timeout_ms=IDLE_MS, max_records=self.max_records)
        else:
            records = await self._unless_waiting(consumer, self.waits)
        return tuple(chain.from_iterable(records.values()))

    async def _unless_waiting(
        self, consumer: AIOKafkaConsumer, waits: Callable[[str], bool]
    ) -> dict[TopicPartition, list[Record]]:
        """The next records of topics that do not wait; each look asks anew, and goes on where a topic stopped.

        What a rebalance handed out unasked, or came just before its topic had to wait, is put back.
        """
        for partition in consumer.assignment():
            if waits(partition.topic):
                consumer.pause(partition)
            elif partition in consumer.paused():
                consumer.resume(partition)
        records: dict[TopicPartition, list[Record]] = await consumer.getmany(
            timeout_ms=IDLE_MS, max_records=self.max_records
        )
        for partition in [partition for partition in records if waits(partition.topic)]:
            offset = records.pop(partition)[0].offset
            if partition in consumer.assignment():
                consumer.seek(partition, offset)
        return records

    async def _end_process(self, error: Exception) -> None:
        """FastStream would drop the batch and go on, and the next acknowledgement would pass over it: stop for good."""
        telemetry.log.critical("consumer_failed", consumer=self.name, error=telemetry.describe(error))
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    @property
    def is_dead(self) -> bool:
        """True when it will never consume again: aiokafka's coordination ended by itself, as it does when a connection
        breaks in the wrong moment; FastStream then asks it every 5 s, for ever."""
        if self._reviving:
            return True
        return coordination_ended(self.subscriber.consumer)

    async def revive(self) -> None:
        """A new client in the place of a dead one; the batch in hand, if any, is read again. Raises KafkaError while no
        broker answers: call it again then."""
        self._reviving = True
        self.assignment.on_partitions_revoked([])
        telemetry.log.error("consumer_revived", consumer=self.name, group=self.group)
        await quietly(self.subscriber.stop(), GRACE)
        await self.subscriber.start()
        self._reviving = False

    def owns(self, record: Record) -> bool:
        """True while the record's partition is still ours."""
        return TopicPartition(record.topic, record.partition) in self.assignment.partitions

    async def acknowledge_settled(self, records: Sequence[Record] = ()) -> None:
        """Acknowledge what was handled and not yet acknowledged, unless some of it may not be: then all is withheld."""
        rebalances, withheld = self._withheld
        kept = [*withheld, *records] if rebalances == self.assignment.rebalances else list(records)
        self._withheld = (self.assignment.rebalances, [])
        if self.settled():
            await self.acknowledge(kept)
        else:
            newest = {(record.topic, record.partition): record for record in kept}
            self._withheld = (self.assignment.rebalances, list(newest.values()))

    async def acknowledge(self, records: Sequence[Record]) -> None:
        """Commit the offsets of exactly these records. A lost partition is no error: its next owner reads on.

        After a rebalance nothing is committed: the new owner, perhaps this process again, reads from the last commit,
        and a commit here would skip records that were left undone because the partition was not ours for a moment.
        """
        offsets: dict[TopicPartition, int] = {}
        for record in records:
            partition = TopicPartition(record.topic, record.partition)
            if partition in self.assignment.partitions:
                offsets[partition] = max(offsets.get(partition, 0), record.offset + 1)
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
    """Takes records as they are: FastStream's own parser fails for ever on a header that is null or not UTF-8."""
    return KafkaAckableMessage(
        body=b"", headers={}, raw_message=raw, message_id=str(raw[0].offset), correlation_id="-", consumer=FAKE_CONSUMER
    )
