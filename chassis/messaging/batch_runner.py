"""How one subscription gets through every batch: one loop, and what each class of failure means in it."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from chassis import telemetry
from chassis.messaging.dead_letters import DeadLetters, State
from chassis.messaging.record import Place, Record, place
from chassis.messaging.retry import (
    Failure,
    Health,
    OddAnswer,
    Pause,
    TooSlow,
    Waiting,
    backoff,
    classify,
    failure_of,
    retry_on_outage,
)
from chassis.messaging.subscription import Abandoned, Batch, Owns, Postponed, Subscription, Unreadable
from chassis.messaging.throttle import Throttle
from chassis.messaging.trial import Failed, Line, Trial

BEHIND = "behind a dead letter"
CONFLICTS_BEFORE_HALVING = 3
MAX_CONFLICTS = 40
"""Lost races of one record before it counts as bad: what always conflicts is no race."""
ROUNDS_ALIKE = 5
"""So many times the same records fail in the same way before they are put aside although none passed."""

Probe = Callable[[BaseException], Awaitable[None]]
"""Raises unless the servers take a harmless write, and whoever answered this error answers a harmless question."""


@dataclass
class BatchRunner:
    """Gets every batch of one subscription through.

    An *outage* is waited out, not ready meanwhile, and nothing is put aside. A *lost race* is tried again, with fewer
    records after a while. Any other error is *poison*: the batch is bisected. A record that fails alone is put aside
    when others of its batch passed; else the fault may be ours: alone from the start it is put aside once a probe
    passed; of several, once they failed alike five times, as many an hour as the throttle lets. The gate is held
    while the handler works, and free during every wait.
    """

    subscription: Subscription
    dead_letters: DeadLetters
    probe: Probe
    health: Health
    owns: Owns = lambda _: True
    throttle: Throttle = field(default_factory=Throttle)
    pause: Pause = backoff

    @property
    def name(self) -> str:
        """Of the subscription."""
        return self.subscription.name

    @property
    def _failing(self) -> str:
        return f"{self.name}: every record fails"

    async def run(self, records: Sequence[Record]) -> None:
        """Returns when every record was handled or put aside, however long that takes.

        Raises Abandoned when the partitions went to somebody else meanwhile.
        """
        try:
            await self._run(records)
        finally:
            for reason in (self.name, self._failing):
                self.health.recovered(reason)

    async def _run(self, records: Sequence[Record]) -> None:
        left, rounds, alike = await self._without_those_behind(records), 0, 0
        single = len(left) == 1
        last: dict[Place, str] = {}
        while left:
            trial = await self._try(left, again=rounds > 0)
            alike = alike + 1 if trial.signature == last else 1
            last, rounds = trial.signature, rounds + 1
            left = await self._settle(trial, alike, single=single)
            if left:
                self.health.waiting(self._failing)
                await self.pause(rounds)
                self._stop_if_lost(left)

    async def _without_those_behind(self, records: Sequence[Record]) -> list[Record]:
        """Puts aside what waits behind a dead letter."""
        group, key, letters = self.subscription.group, self.subscription.key, self.dead_letters

        async def load() -> None:
            if letters.stale or any(letters.is_behind(group, record, key(record)) for record in records):
                await letters.load()  # another process may have put aside, or replayed, records of these keys

        await retry_on_outage(load, self.health, self.name, self.pause)
        free = []
        for record in records:
            if letters.is_behind(group, record, key(record)):
                await self._put_aside(record, BEHIND)
            else:
                free.append(record)
        return free

    # -- one way through

    async def _try(self, records: Sequence[Record], *, again: bool) -> Trial:
        """Handle what can be handled, in order, in ever smaller parts."""
        trial = Trial()
        parts = deque([list(records)])
        while parts:
            part = self._unblocked(trial, parts.popleft())
            if not part:
                continue
            error = await self._handle(part, again=again)
            again = True
            match error:
                case None:
                    trial.passed += len(part)
                case Unreadable():
                    parts.appendleft(self._fail_some(trial, part, error))
                case Postponed():
                    parts.appendleft(await self._postpone(part, error))
                case _ if len(part) == 1:
                    self._fail(trial, part[0], error)
                case _:
                    middle = (len(part) + 1) // 2
                    parts.extendleft([part[middle:], part[:middle]])
        return trial

    def _unblocked(self, trial: Trial, part: Sequence[Record]) -> list[Record]:
        """Those that follow no failed record of their key."""
        free = []
        for record in part:
            line = self._line(record)
            if line is not None and trial.blocked.get(line, record.offset) < record.offset:
                trial.failed[place(record)] = Failed(record, None)
            else:
                free.append(record)
        return free

    def _fail(self, trial: Trial, record: Record, error: BaseException) -> None:
        trial.failed[place(record)] = Failed(record, error)
        if (line := self._line(record)) is not None:
            trial.blocked[line] = min(record.offset, trial.blocked.get(line, record.offset))

    def _fail_some(self, trial: Trial, part: Sequence[Record], error: Unreadable) -> list[Record]:
        """Marks what cannot be read; returns the rest."""
        for record in part:
            if place(record) in error.reasons:
                self._fail(trial, record, error)
        return [record for record in part if place(record) not in error.reasons]

    async def _postpone(self, part: Sequence[Record], error: Postponed) -> list[Record]:
        for record in part:
            if place(record) in error.reasons:
                await self._put_aside(record, error.reasons[place(record)], state="postponed")
        return [record for record in part if place(record) not in error.reasons]

    async def _handle(self, part: Sequence[Record], *, again: bool) -> Exception | None:
        """None when it was handled; the error when smaller parts must show what causes it. Waits for everything else.

        Raises Abandoned when the partitions went to somebody else meanwhile.
        """
        waiting = Waiting(self.health, self.name, self.pause)
        conflicts = 0
        while True:
            async with self.subscription.turn(urgent=self.subscription.urgent):
                error = await failure_of(self.subscription.handler.handle(Batch(part, again, self.owns)))
            first, again = not again, True
            if error is None:
                waiting.over()
                return None
            match classify(error):
                case Failure.OUTAGE:
                    await waiting.after(error)
                    self._stop_if_lost(part)
                case Failure.POISON if first and not isinstance(error, Unreadable | Postponed):
                    continue  # what was done before cannot be poison: the second try looks it up
                case Failure.POISON:
                    waiting.over()
                    if not isinstance(error, Unreadable | Postponed):
                        telemetry.log.error(
                            "batch_failed", consumer=self.name, records=len(part), error=telemetry.describe(error)
                        )
                    return error
                case Failure.LOST_RACE:
                    conflicts += 1
                    if self._gives_up_racing(part, error, conflicts):
                        waiting.over()
                        return error
                    if isinstance(error, TooSlow) and conflicts > 1:
                        await waiting.after(error)
                        self._stop_if_lost(part)
                    else:
                        await self.pause(min(conflicts - 1, 3) if len(part) == 1 else random.randint(0, 2))

    def _gives_up_racing(self, part: Sequence[Record], error: Exception, conflicts: int) -> bool:
        if len(part) > 1:
            return isinstance(error, TooSlow) or conflicts >= CONFLICTS_BEFORE_HALVING
        return not isinstance(error, TooSlow) and conflicts >= MAX_CONFLICTS

    def _stop_if_lost(self, part: Sequence[Record]) -> None:
        if not any(self.owns(record) for record in part):
            raise Abandoned

    # -- what failed

    async def _settle(self, trial: Trial, alike: int, *, single: bool) -> list[Record]:
        """Puts aside what may be; returns what must be tried again, in order."""
        proven, unproven = await self._to_put_aside(trial, alike, single=single)
        chosen = dict.fromkeys((place(failed.record) for failed in proven), False)
        chosen |= dict.fromkeys((place(failed.record) for failed in unproven), True)
        first = self._first_of_lines(failed.record for failed in (*proven, *unproven))
        left = []
        for where, failed in sorted(trial.failed.items()):
            line = self._line(failed.record)
            if where in chosen:
                await self._put_aside(failed.record, self._reason(failed), unproven=chosen[where])
            elif (
                failed.error is None
                and line is not None
                and first.get(line, failed.record.offset) < failed.record.offset
            ):
                await self._put_aside(failed.record, BEHIND)
            else:
                left.append(failed.record)
        return left

    def _first_of_lines(self, records: Iterable[Record]) -> dict[Line, int]:
        """The lowest offset of each line."""
        first: dict[Line, int] = {}
        for record in records:
            if (line := self._line(record)) is not None:
                first[line] = min(record.offset, first.get(line, record.offset))
        return first

    async def _to_put_aside(self, trial: Trial, alike: int, *, single: bool) -> tuple[list[Failed], list[Failed]]:
        """Which of those that failed by themselves are put aside now: with proof that they are at fault, and without.

        What cannot be read needs no proof; of the rest see the class. `single`: the record was alone from the start;
        the last of several that failed is not, or the throttle would let one more through.
        """
        unreadable = [failed for failed in trial.causes if isinstance(failed.error, Unreadable)]
        causes = [failed for failed in trial.causes if not isinstance(failed.error, Unreadable)]
        telling = single or trial.passed > 0
        if not causes or (not telling and alike < ROUNDS_ALIKE) or not await self._probe_passes(causes):
            return unreadable, []
        proven = [failed for failed in causes if telling and not isinstance(failed.error, OddAnswer)]
        unproven = [failed for failed in causes if not telling or isinstance(failed.error, OddAnswer)]
        return unreadable + proven, unproven[: max(self.throttle.left(), 0)]

    def _line(self, record: Record) -> Line | None:
        key = self.subscription.key(record)
        return (record.topic, record.partition, key) if key is not None else None

    def _reason(self, failed: Failed) -> str:
        if isinstance(failed.error, Unreadable):
            return failed.error.reasons[place(failed.record)]
        return telemetry.describe(failed.error) if failed.error else BEHIND

    async def _probe_passes(self, causes: Sequence[Failed]) -> bool:
        """Waits out an outage; False when the probe fails otherwise, for then the fault is ours."""
        for error in {type(failed.error): failed.error for failed in causes if failed.error}.values():
            probed = await failure_of(retry_on_outage(partial(self.probe, error), self.health, self.name, self.pause))
            if probed is not None:
                telemetry.log.error("probe_failed", consumer=self.name, error=telemetry.describe(probed))
                return False
        return True

    async def _put_aside(self, record: Record, reason: str, *, state: State = "held", unproven: bool = False) -> None:
        """First stored, then told to the sender: whoever dies in between does both again."""
        group, key = self.subscription.group, self.subscription.key(record)

        async def put() -> None:
            await self.dead_letters.put(group, record, reason, key=key, state=state, unproven=unproven)

        await retry_on_outage(put, self.health, self.name, self.pause)
        if unproven:
            self.throttle.grant()
        if state == "held":
            telling = retry_on_outage(
                partial(self.subscription.handler.hold, record), self.health, self.name, self.pause
            )
            error = await failure_of(telling)
            if error is not None:
                telemetry.log.error("sender_not_told", consumer=self.name, error=telemetry.describe(error))
