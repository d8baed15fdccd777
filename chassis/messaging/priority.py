"""Who goes first within one process: people and alerts before every load."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")

SLICE_SECONDS = 0.002
"""How long a batch holds the event loop before whatever else is ready runs. A question over HTTP comes back to the loop
about ten times before it is answered, and waits for one slice each time."""


class Gate:
    """Admits one batch at a time. A waiting urgent batch goes before every waiting bulk batch.

    A turn is handed over without a pause, so that whoever is cancelled, at whatever instant, leaves nobody waiting.
    """

    def __init__(self) -> None:
        self.busy = False
        self.waiting: dict[bool, deque[asyncio.Future[None]]] = {True: deque(), False: deque()}

    @asynccontextmanager
    async def turn(self, *, urgent: bool) -> AsyncIterator[None]:
        """Wait for a turn, hold it, give it back."""
        if self.busy:
            await self._wait(urgent)
        self.busy = True
        try:
            yield
        finally:
            self._hand_over()

    async def _wait(self, urgent: bool) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting[urgent].append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._hand_over()
            raise

    def _hand_over(self) -> None:
        """To the next who still waits; free when nobody does."""
        for queue in (self.waiting[True], self.waiting[False]):
            while queue:
                turn = queue.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self.busy = False


async def in_slices(items: Iterable[T]) -> AsyncIterator[T]:
    """The items of a batch one by one, with a pause for the event loop whenever a slice of time is used up."""
    ends = time.monotonic() + SLICE_SECONDS
    for item in items:
        yield item
        if time.monotonic() >= ends:
            await asyncio.sleep(0)
            ends = time.monotonic() + SLICE_SECONDS
