"""The events of the last while in memory, and everybody who listens for the next."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from weakref import WeakSet

from contracts.outcomes import Refused
from services.gateway.api.visibility import Event

KEPT = 5000
"""How many events can be read again after a lost connection."""
WAITING = 500
"""How many events may wait for one listener before it counts as too slow."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: `place` is the index of its partition, `cursor` the position of the whole feed right after it."""

    event: Event
    version: int | None
    place: int
    offset: int
    cursor: str


@dataclass(eq=False, slots=True, weakref_slot=True)
class Listener:
    """Who listens. `missed` are the events since its cursor; `too_slow` is set when one was dropped for it."""

    cursor: str
    missed: tuple[Happening, ...]
    queue: asyncio.Queue[Happening] = field(default_factory=lambda: asyncio.Queue(WAITING))
    too_slow: bool = False


class Feed:
    """Positions over a fixed list of partitions, the events kept, and the listeners.

    A cursor is the position in every partition, so that any process can resume from it. `generation` names the topics'
    identity: the cursor of a log that was made anew is expired.
    """

    def __init__(self, generation: str, starts: Sequence[int], *, kept: int = KEPT) -> None:
        self._generation = generation
        self._positions = list(starts)
        self._oldest = list(starts)
        self._kept: deque[Happening] = deque()
        self._limit = kept
        self._listeners: WeakSet[Listener] = WeakSet()  # one whose stream never began is forgotten with it

    @property
    def positions(self) -> tuple[int, ...]:
        """The next offset of every partition."""
        return tuple(self._positions)

    @property
    def cursor(self) -> str:
        """The position after everything taken so far."""
        return ".".join([self._generation, *map(str, self._positions)])

    def reached(self, ends: Sequence[int]) -> bool:
        """Whether everything before these offsets was taken or passed."""
        return all(position >= end for position, end in zip(self._positions, ends, strict=True))

    def move_to(self, place: int, position: int) -> None:
        """Everything before this offset of the partition was looked at."""
        self._positions[place] = max(self._positions[place], position)

    def take(self, event: Event, version: int | None, *, place: int, offset: int) -> None:
        """Keep an event and hand it to every listener. An offset taken before is passed over."""
        if offset < self._positions[place]:
            return
        self.move_to(place, offset + 1)
        happening = Happening(event, version, place, offset, self.cursor)
        self._kept.append(happening)
        if len(self._kept) > self._limit:
            gone = self._kept.popleft()
            self._oldest[gone.place] = gone.offset + 1
        for listener in self._listeners:
            _hand(listener, happening)

    def join(self, after: str | None = None) -> Listener:
        """Listen from now, or from a cursor. Raises Refused `cursor_expired`."""
        missed = () if after is None else self._since(after)
        listener = Listener(cursor=self.cursor, missed=missed)
        self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """Stop listening."""
        self._listeners.discard(listener)

    def _since(self, cursor: str) -> tuple[Happening, ...]:
        generation, *numbers = cursor.split(".")
        if generation != self._generation or len(numbers) != len(self._positions):
            raise Refused("cursor_expired")
        if not all(number.isascii() and number.isdigit() and len(number) < 19 for number in numbers):
            raise Refused("cursor_expired")
        wanted = [int(number) for number in numbers]
        within = zip(self._oldest, wanted, self._positions, strict=True)
        if not all(oldest <= position <= newest for oldest, position, newest in within):
            raise Refused("cursor_expired")
        return tuple(one for one in self._kept if one.offset >= wanted[one.place])


def _hand(listener: Listener, happening: Happening) -> None:
    try:
        listener.queue.put_nowait(happening)
    except asyncio.QueueFull:
        listener.too_slow = True
