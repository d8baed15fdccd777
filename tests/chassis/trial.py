"""A subscription on trial, in memory: what its records cause, what passed, and what was put aside and why."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chassis.messaging.batch_runner import BEHIND, BatchRunner
from chassis.messaging.dead_letters import PAGE, DeadLetter, DeadLetters, State
from chassis.messaging.priority import Gate
from chassis.messaging.record import Record, place
from chassis.messaging.retry import Health
from chassis.messaging.subscription import Batch, Subscription
from tests.builders import a_record


class Letters(DeadLetters):
    """Dead letters in memory: what is put aside, and why."""

    def __init__(self) -> None:
        self.first, self.stale, self.groups = {}, False, ("group",)
        self._put_meanwhile = {}
        self.records: list[Record] = []
        self.reasons: dict[int, str] = {}
        self.states: dict[int, State] = {}
        self.unproven: set[int] = set()
        self.letters: dict[str, DeadLetter] = {}
        self.away: list[Exception] = []
        """What the next writes raise."""

    async def load(self) -> None:
        self.stale = False

    async def put(
        self, group: str, record: Record, reason: str, *, key: bytes | None, state: State = "held",
        unproven: bool = False,
    ) -> None:  # fmt: skip
        self._write()
        self.records.append(record)
        self.reasons[record.offset], self.states[record.offset] = reason, state
        if unproven:
            self.unproven.add(record.offset)
        name = f"{record.offset:06}"
        line, at = key.hex() if key else None, datetime.now(UTC)
        self.letters[name] = DeadLetter(name, state, name, group, line, reason, at, place(record), record)

    def _write(self) -> None:
        if self.away:
            raise self.away.pop()

    async def read(self, after: str, state: State = "held", limit: int = PAGE) -> Sequence[DeadLetter]:
        return [one for name, one in sorted(self.letters.items()) if name > after and one.state == state][:limit]

    async def find(self, letter_id: str) -> DeadLetter | None:
        return self.letters.get(letter_id)

    async def hold(self, letter: DeadLetter, reason: str) -> None:
        self._write()
        self.letters[letter.id] = replace(letter, state="held", reason=reason)

    async def remove(self, letter: DeadLetter) -> None:
        self._write()
        self.letters.pop(letter.id, None)


async def shortly(_: int) -> None:
    """A pause that no test waits for."""
    await asyncio.sleep(0.001)


class Bench:
    """A subscription on trial: what its records cause, what passed, what was put aside and why."""

    def __init__(self, causes: dict[int, Exception | None] | None = None, *, gate: Gate | None = None) -> None:
        self.causes, self.health, self.letters = causes or {}, Health(), Letters()
        self.passed: list[Record] = []
        self.sizes: list[int] = []
        self.again: list[bool] = []
        self.held: list[int] = []
        self.given_up: list[int] = []
        self.probe_fails: list[Exception] = []
        self.probed: list[BaseException] = []
        self.owned = True
        self.subscription = Subscription("commands", "group", self, 500, topics=("topic",), gate=gate)
        self.runner = BatchRunner(
            self.subscription, self.letters, self.probe, self.health, lambda _: self.owned, pause=shortly
        )

    async def handle(self, batch: Batch) -> None:
        await asyncio.sleep(0)
        self.sizes.append(len(batch.records))
        self.again.append(batch.again)
        for record in batch.records:
            if cause := self.causes.get(record.offset):
                raise cause
        self.passed += batch.records

    async def hold(self, record: Record) -> None:
        self.held.append(record.offset)

    async def give_up(self, record: Record) -> None:
        self.given_up.append(record.offset)

    async def probe(self, error: BaseException) -> None:
        self.probed.append(error)
        if self.probe_fails:
            raise self.probe_fails.pop()

    async def run(self, records: Sequence[Record]) -> None:
        await asyncio.wait_for(self.runner.run(records), 30)

    @property
    def aside(self) -> list[int]:
        return offsets(self.letters.records)

    @property
    def behind(self) -> list[int]:
        return [offset for offset in self.aside if self.letters.reasons[offset] == BEHIND]


def offsets(records: Sequence[Record]) -> list[int]:
    return [record.offset for record in records]


def records_of_keys(count: int) -> list[Any]:
    """Each with a key of its own."""
    return [a_record(n, key=b"key %d" % n) for n in range(count)]
