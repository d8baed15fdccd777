"""What we do with aiokafka beyond its public interface, and why. Tests notice when a new version loses it.

`record_batches` replaces how it reads what it fetched; everything else of that kind stands here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.messaging.message import Message


async def stop_sending(producer: Any) -> None:
    """Its public stop sends everything that waits first, however long the broker is away."""
    if producer._sender is not None and producer._sender.sender_task is not None:
        producer._sender.sender_task.cancel()


def fail_all(producer: Any, error: Exception) -> None:
    """Whoever waits for an acknowledgement gets this error; a producer that sends no more would let them wait.

    A batch that was sent before and is to be sent again is in the list of neither; when it fails, aiokafka takes it out
    of that of the batches on their way, which is a KeyError in the log. So it is put there first.
    """
    accumulator = producer._message_accumulator
    for batches in accumulator._batches.values():
        accumulator._pending_batches |= {batch for batch in batches if batch.retry_count}
    accumulator.fail_all(error)


def check_size(producer: Any, message: Message) -> None:
    """Raises MessageSizeTooLargeError, as its `send` does and a batch of one's own does not."""
    producer._serialize(message.key, message.value, message.headers)


def partition_of(producer: Any, message: Message, partitions: Sequence[int]) -> int:
    """Where its `send` would put a message. Of one partition it asks nothing: hashing takes as long as all else."""
    return partitions[0] if len(partitions) == 1 else int(producer._partitioner(message.key, partitions, partitions))


def coordination_ended(consumer: Any) -> bool:
    """Whether a consumer will never consume again: its coordination ended by itself. It tells nobody of it."""
    coordination = getattr(getattr(consumer, "_coordinator", None), "_coordination_task", None)
    return coordination is not None and coordination.done()
