"""Three classes of failure (outage, lost race, poison), and how long each is waited for."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum, auto
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

T = TypeVar("T")
NO_SPACE = (14031, 12, 28)
TRANSIENT_LABELS = ("TransientTransactionError", "UnknownTransactionCommitResult", "RetryableWriteError")


class Outage(Exception):
    """A part of the platform does not answer; raised by clients of other services."""


class OddAnswer(Exception):
    """One of our own services answered what nobody can use. That others pass proves nothing: they may not need it."""


class LostRace(Exception):
    """Somebody else was first, or what was read is too old to act on: read and decide again."""


class TooSlow(LostRace):
    """The race was lost to the clock: a transaction aged out, or what was fetched is too old to send.

    Fewer records at once may be in time; a single one that is too slow twice tells of an outage.
    """


class Failure(Enum):
    """What is done about an error: wait, try again, or look for the record that causes it."""

    OUTAGE = auto()
    LOST_RACE = auto()
    POISON = auto()


def classify(error: BaseException) -> Failure:
    """The class of an error that a handler raised."""
    if isinstance(error, LostRace):
        return Failure.LOST_RACE
    return Failure.OUTAGE if is_outage(error) else Failure.POISON


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


Pause = Callable[[int], Awaitable[None]]
"""How long to sleep before the next try, by the number of this one."""


async def backoff(attempt: int) -> None:
    """Sleep 0.1 s · 2^attempt, at most 5 s, with jitter."""
    await asyncio.sleep(min(0.1 * 2 ** min(attempt, 10), 5.0) * random.uniform(0.75, 1.25))


class Waiting:
    """One wait for something that is away: not ready meanwhile, logged now and then."""

    def __init__(self, health: Health, reason: str, pause: Pause = backoff) -> None:
        self.health, self.reason, self.pause, self.attempt = health, reason, pause, 0

    async def after(self, error: BaseException) -> None:
        """Sleep before the next try."""
        if self.attempt in (0, 5, 20) or self.attempt % 100 == 0:
            telemetry.log.warning("waiting", reason=self.reason, attempt=self.attempt, error=telemetry.describe(error))
        self.health.waiting(self.reason)
        await self.pause(self.attempt)
        self.attempt += 1

    def over(self) -> None:
        """It is back."""
        self.health.recovered(self.reason)


async def retry_on_outage(work: Callable[[], Awaitable[T]], health: Health, reason: str, pause: Pause = backoff) -> T:
    """Repeat `work` for as long as it fails by outage; any other error goes up."""
    waiting = Waiting(health, reason, pause)
    while True:
        try:
            result = await work()
        except Exception as error:
            if not is_outage(error):
                raise
            await waiting.after(error)
        else:
            waiting.over()
            return result


async def failure_of(work: Awaitable[object]) -> Exception | None:
    """The error by which `work` failed, for whoever goes on with the next item; None when it succeeded."""
    try:
        await work
    except Exception as error:
        return error
    return None


async def every(seconds: float, work: Callable[[], Awaitable[object]], health: Health, reason: str) -> None:
    """Repeat `work` until cancelled. No error ends it: not ready, logged, and tried again."""
    waiting = Waiting(health, reason)
    while True:
        await asyncio.sleep(seconds)
        error = await failure_of(work())
        if error is None:
            waiting.over()
            waiting.attempt = 0
        else:
            await waiting.after(error)


async def watch(reachable: Callable[[], Awaitable[bool]], health: Health, reason: str) -> None:
    """Ask every 2 s, until cancelled: an idempotent producer waits for its broker silently, however long it is away.

    Whoever cannot be asked, for whatever reason, is away.
    """
    while True:
        try:
            answers = await reachable()
        except Exception as error:
            telemetry.log.warning("watch_failed", reason=reason, error=telemetry.describe(error))
            answers = False
        if answers:
            health.recovered(reason)
        else:
            health.waiting(reason)
        await asyncio.sleep(2)
