"""The newest events in memory, and the subscribers who wait for the next."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from weakref import WeakSet

from contracts.outcomes import Refused
from services.gateway.api.visibility import Event

MAX_KEPT = 5000
"""How many events can be read again after a lost connection."""
MAX_WAITING = 500
"""How many events may wait for one subscriber before it counts as too slow."""


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One event: `partition` counts those of the feed, `cursor` is the position of the whole feed right after it."""

    event: Event
    version: int | None
    partition: int
    offset: int
    cursor: str


Sees = Callable[[FeedEvent], bool]
"""Whether a subscriber may see an event. Others neither wake it nor count towards its being too slow: that would tell
how many there are."""


@dataclass(eq=False, slots=True, weakref_slot=True)
class Subscriber:
    """Whoever follows the feed. `missed` are the events since its cursor; `too_slow`: one was dropped for it."""

    cursor: str
    missed: tuple[FeedEvent, ...]
    sees: Sees
    queue: asyncio.Queue[FeedEvent] = field(default_factory=lambda: asyncio.Queue(MAX_WAITING))
    too_slow: bool = False


class Feed:
    """Positions over a fixed list of partitions, the events kept, and the subscribers.

    A cursor is the position in every partition, so that any process can resume from it. `generation` names the topics'
    identity: the cursor of a log that was made anew is expired.
    """

    def __init__(self, generation: str, starts: Sequence[int], *, kept: int = MAX_KEPT) -> None:
        self._generation = generation
        self._positions = list(starts)
        self._oldest = list(starts)
        self._kept: deque[FeedEvent] = deque()
        self._limit = kept
        self._subscribers: WeakSet[Subscriber] = WeakSet()  # one whose stream never began is forgotten with it

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

    def move_to(self, partition: int, position: int) -> None:
        """Everything before this offset of the partition was looked at."""
        self._positions[partition] = max(self._positions[partition], position)

    def append(self, event: Event, version: int | None, *, partition: int, offset: int) -> None:
        """Keep an event and hand it to every subscriber. An offset taken before is passed over."""
        if offset < self._positions[partition]:
            return
        self.move_to(partition, offset + 1)
        feed_event = FeedEvent(event, version, partition, offset, self.cursor)
        self._kept.append(feed_event)
        if len(self._kept) > self._limit:
            gone = self._kept.popleft()
            self._oldest[gone.partition] = gone.offset + 1
        for subscriber in self._subscribers:
            if subscriber.sees(feed_event):
                _hand(subscriber, feed_event)

    def subscribe(self, after: str | None, sees: Sees) -> Subscriber:
        """Listen from now, or from a cursor. Raises Refused `cursor_expired`."""
        missed = () if after is None else tuple(filter(sees, self._since(after)))
        subscriber = Subscriber(cursor=self.cursor, missed=missed, sees=sees)
        self._subscribers.add(subscriber)
        return subscriber

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Stop listening."""
        self._subscribers.discard(subscriber)

    def _since(self, cursor: str) -> tuple[FeedEvent, ...]:
        generation, *numbers = cursor.split(".")
        if generation != self._generation or len(numbers) != len(self._positions):
            raise Refused("cursor_expired")
        if not all(number.isascii() and number.isdigit() and len(number) < 19 for number in numbers):
            raise Refused("cursor_expired")
        wanted = [int(number) for number in numbers]
        within = zip(self._oldest, wanted, self._positions, strict=True)
        if not all(oldest <= position <= newest for oldest, position, newest in within):
            raise Refused("cursor_expired")
        return tuple(event for event in self._kept if event.offset >= wanted[event.partition])


def _hand(subscriber: Subscriber, feed_event: FeedEvent) -> None:
    try:
        subscriber.queue.put_nowait(feed_event)
    except asyncio.QueueFull:
        subscriber.too_slow = True
