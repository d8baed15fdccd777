"""Who goes first within one process: the interactive lane before the bulk lane, urgent work before every load."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

RECORDS_BETWEEN_YIELDS = 25
"""Records of a load between two looks at the event loop: at 0.2 ms each, no step holds it over 5 ms."""
AWAY = 0.3
"""Seconds that something urgent may be in another process before loads go on."""
LONGEST_PAUSE = 0.2
"""Seconds that a load steps aside at one yield_to_loop; something urgent that hangs must not stop the loads."""
CREDIT, REFILL = 2.0, 0.25
"""Seconds that loads step aside at most in a row, and that they do again per second: alerts without end, or a partner
that floods its urgent topic, must not stop the loads either, nor make what they fetched too old to send (5 s)."""

Breathe = Callable[[int], Awaitable[None]]
"""Awaited at each record with its index; see `Courtesy.breathe`."""


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


async def yield_to_loop(index: int) -> None:
    """To be awaited at each record of a batch: at every 25th, whatever else is ready runs first."""
    if index % RECORDS_BETWEEN_YIELDS == RECORDS_BETWEEN_YIELDS - 1:
        await asyncio.sleep(0)


class Courtesy:
    """Loads and urgent work in one event loop: while something urgent is under way, loads pause at their breaths.

    Without it an urgent message waits for a slice of every load at each of its dozen steps.
    """

    def __init__(self) -> None:
        self.under_way = 0
        self.expected: asyncio.TimerHandle | None = None
        self.clear = asyncio.Event()
        self.clear.set()
        self.credit, self.counted = CREDIT, time.monotonic()

    @contextmanager
    def urgently(self) -> Iterator[None]:
        """Something urgent is under way."""
        self.under_way += 1
        self.clear.clear()
        try:
            yield
        finally:
            self._leave()

    def expect(self) -> None:
        """Something urgent went on to another process and comes back here: loads pause until `arrived`, or 0.3 s."""
        if self.expected is None:
            self.under_way += 1
            self.clear.clear()
        else:
            self.expected.cancel()
        self.expected = asyncio.get_running_loop().call_later(AWAY, self.arrived)

    def arrived(self) -> None:
        """It is back, or has been away for too long."""
        if self.expected is not None:
            self.expected.cancel()
            self.expected = None
            self._leave()

    def _leave(self) -> None:
        self.under_way -= 1
        if not self.under_way:
            self.clear.set()

    async def breathe(self, index: int) -> None:
        """To be awaited by a load at each of its records; lets others run at every 25th."""
        await yield_to_loop(index)
        if index % RECORDS_BETWEEN_YIELDS == RECORDS_BETWEEN_YIELDS - 1 and self.under_way:
            await self._step_aside()

    async def _step_aside(self) -> None:
        began = time.monotonic()
        self.credit = min(CREDIT, self.credit + REFILL * (began - self.counted))
        self.counted = began
        if self.credit <= 0:
            return
        try:
            await asyncio.wait_for(self.clear.wait(), min(LONGEST_PAUSE, self.credit))
        except TimeoutError:
            return
        finally:
            self.credit -= time.monotonic() - began
