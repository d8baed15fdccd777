"""A subscription: what one consumer reads, who handles its batches, and what is said of records that are put aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from chassis.messaging.priority import Gate
from chassis.messaging.record import Place, Record

Owns = Callable[[Record], bool]


@dataclass(frozen=True, slots=True)
class Batch:
    """Records to handle together, in their order.

    `again`: an earlier try failed, and what it did may have been committed. `owns` tells whether a record's partition
    is still this process's own.
    """

    records: Sequence[Record]
    again: bool = False
    owns: Owns = lambda _: True


class Unreadable(Exception):
    """A handler cannot read these records, whatever it tries; it has done nothing yet. `reasons` by place."""

    def __init__(self, reasons: Mapping[Place, str]) -> None:
        super().__init__(f"{len(reasons)} records")
        self.reasons = reasons


class Postponed(Exception):
    """These records, by place, need something that is away, and the others do not; nothing was done yet.

    They are kept and tried again every few seconds; their sender is told nothing, for nothing is wrong.
    """

    def __init__(self, reasons: Mapping[Place, str]) -> None:
        super().__init__(f"{len(reasons)} records")
        self.reasons = reasons


class Abandoned(Exception):
    """The batch's partitions belong to another process now, which reads it from the last commit."""


class Handler(Protocol):
    """What a service does with the records of one subscription."""

    async def handle(self, batch: Batch) -> None:
        """All of it or nothing; repeating it is harmless. Raises Unreadable or Postponed before anything is done, an
        outage, LostRace, or whatever a bad record causes."""

    async def hold(self, record: Record) -> None:
        """Tell the sender that the platform keeps this record."""

    async def give_up(self, record: Record) -> None:
        """Tell the sender that an operator ended this record."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """`urgent`: it goes first at the gate. `eager`: somebody waits for what it reads, so that its fetches are
    shorter (chassis/messaging/consumer.py).

    `keyed`: records of one key keep their order, so that those behind a dead letter wait. `gate` admits one batch at a
    time among the subscriptions that share it. `settled` is False while something handled may not be acknowledged yet:
    other batches are handled meanwhile, and after a restart all of it is read again. `waits` tells of a topic that
    what stands in it waits, unread.
    """

    name: str
    group: str
    handler: Handler
    max_records: int
    topics: tuple[str, ...] = ()
    pattern: str | None = None
    keyed: bool = True
    urgent: bool = False
    eager: bool = False
    gate: Gate | None = None
    settled: Callable[[], bool] = lambda: True
    waits: Callable[[str], bool] | None = None

    def key(self, record: Record) -> bytes | None:
        """What a record's order depends on; None for nothing."""
        return record.key if self.keyed else None

    def turn(self, *, urgent: bool) -> AbstractAsyncContextManager[None]:
        """A turn at the gate; at once where there is none."""
        return self.gate.turn(urgent=urgent) if self.gate else nullcontext()
