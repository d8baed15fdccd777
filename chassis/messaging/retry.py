"""Outage or poison: an outage is waited out, a record that fails alone is parked, and nothing else stops a stream."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)

from chassis import telemetry
from chassis.messaging.consumer import Record

T = TypeVar("T")
NO_SPACE = (14031, 12, 28)
TRANSIENT_LABELS = ("TransientTransactionError", "UnknownTransactionCommitResult", "RetryableWriteError")


class Outage(Exception):
    """A part of the platform does not answer; raised by clients of other services."""


def is_outage(error: BaseException) -> bool:
    """True for a server that is away (unreachable, timeout, not primary, no space), False for a record that is bad."""
    if isinstance(error, Outage | TimeoutError | ConnectionError | OSError):
        return True
    if isinstance(error, KafkaError):
        return not isinstance(error, MessageSizeTooLargeError)
    if isinstance(error, AutoReconnect | ConnectionFailure | ExecutionTimeout | NotPrimaryError | WTimeoutError):
        return True
    if isinstance(error, PyMongoError) and any(error.has_error_label(label) for label in TRANSIENT_LABELS):
        return True
    return isinstance(error, OperationFailure) and error.code in NO_SPACE


@dataclass
class Health:
    """Whether this process gets on with its work; part of /readyz."""

    reasons: set[str] = field(default_factory=set)

    def waiting(self, reason: str) -> None:
        """Something it needs is away."""
        self.reasons.add(reason)
        telemetry.WAITING.set(1)

    def recovered(self, reason: str) -> None:
        """It is back."""
        self.reasons.discard(reason)
        telemetry.WAITING.set(1 if self.reasons else 0)

    @property
    def well(self) -> bool:
        """True when nothing is waited for."""
        return not self.reasons


async def backoff(attempt: int) -> None:
    """Sleep 0.1 s · 2^attempt, at most 5 s, with jitter."""
    await asyncio.sleep(min(0.1 * 2 ** min(attempt, 10), 5.0) * random.uniform(0.75, 1.25))


async def retry_on_outage(work: Callable[[], Awaitable[T]], health: Health, reason: str) -> T:
    """Repeat `work` for as long as it fails by outage; any other error goes up."""
    attempt = 0
    while True:
        try:
            result = await work()
        except Exception as error:
            if not is_outage(error):
                raise
            if attempt in (0, 5, 20) or attempt % 100 == 0:
                telemetry.log.warning("waiting", reason=reason, attempt=attempt, error=telemetry.describe(error))
            health.waiting(reason)
            await backoff(attempt)
            attempt += 1
        else:
            health.recovered(reason)
            return result


async def watch(reachable: Callable[[], Awaitable[bool]], health: Health, reason: str) -> None:
    """Ask every 2 s, until cancelled: an idempotent producer waits for its broker silently, however long it is away."""
    while True:
        if await reachable():
            health.recovered(reason)
        else:
            health.waiting(reason)
        await asyncio.sleep(2)


Place = tuple[str, int, int]


def place(record: Record) -> Place:
    """Topic, partition, offset."""
    return record.topic, record.partition, record.offset


Process = Callable[[Sequence[Record]], Awaitable[None]]
Park = Callable[[Record, BaseException | None], Awaitable[None]]


@dataclass
class BatchRunner:
    """How one consumer gets through every batch.

    `process` does the work of a batch, all or nothing; `park` puts a record aside for good (sealed, until replayed);
    `probe` raises unless the servers take a harmless write; `key` says which records must keep their order.
    """

    process: Process
    park: Park
    probe: Callable[[], Awaitable[None]]
    health: Health
    name: str
    key: Callable[[Record], bytes | None] = lambda record: record.key

    async def run(self, records: Sequence[Record]) -> None:
        """Returns when every record has been processed or parked, however long it takes. Raises nothing."""
        failing = f"{self.name}: every record fails"
        for attempt in itertools.count():
            if await self._succeeds(self._all_at_once, records) or await self._succeeds(self._one_by_one, records):
                self.health.recovered(failing)
                return
            self.health.waiting(failing)
            await backoff(attempt)

    async def _succeeds(self, way: Callable[[Sequence[Record]], Awaitable[bool]], records: Sequence[Record]) -> bool:
        """An error that escaped would leave the batch behind unacknowledged, and the next one would acknowledge it."""
        try:
            return await way(records)
        except Exception as error:
            telemetry.log.error("batch_failed", lane=self.name, records=len(records), error=telemetry.describe(error))
            return False

    async def _all_at_once(self, records: Sequence[Record]) -> bool:
        await retry_on_outage(lambda: self.process(records), self.health, self.name)
        return True

    async def _one_by_one(self, records: Sequence[Record]) -> bool:
        """Bisect. False when not one record passed and the fault is therefore ours: nothing is parked then."""
        trial = _Trial(self)
        await trial.bisect(records)
        if not trial.failed:
            return True
        if not trial.passed:
            if sum(error is not None for _, error in trial.failed.values()) > 1:
                return False
            await retry_on_outage(self.probe, self.health, self.name)
        for _, (record, error) in sorted(trial.failed.items(), key=lambda item: item[0]):
            await self._park(record, error)
        return True

    async def _park(self, record: Record, error: BaseException | None) -> None:
        await retry_on_outage(lambda: self.park(record, error), self.health, self.name)


class _Trial:
    """One bisection: which records passed, which failed alone, and which wait behind a failed one of their key."""

    def __init__(self, perseverance: BatchRunner) -> None:
        self.perseverance = perseverance
        self.passed = 0
        self.failed: dict[Place, tuple[Record, BaseException | None]] = {}
        self.blocked: set[bytes] = set()

    async def bisect(self, records: Sequence[Record]) -> None:
        """Process what can be processed, in order."""
        p = self.perseverance
        behind = [r for r in records if p.key(r) in self.blocked]
        self.failed |= {place(r): (r, None) for r in behind}
        rest = [r for r in records if p.key(r) not in self.blocked]
        if not rest:
            return
        try:
            await retry_on_outage(lambda: p.process(rest), p.health, p.name)
        except Exception as error:
            if len(rest) == 1:
                self._fail(rest[0], error)
                return
            middle = len(rest) // 2
            await self.bisect(rest[:middle])
            await self.bisect(rest[middle:])
        else:
            self.passed += len(rest)

    def _fail(self, record: Record, error: BaseException) -> None:
        self.failed[place(record)] = (record, error)
        key = self.perseverance.key(record)
        if key is not None:
            self.blocked.add(key)
