"""Who goes first within one process: people and alerts before every load."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

RECORDS_BETWEEN_YIELDS = 25
"""Records of a batch between two looks at the event loop: at 0.2 ms each, no step holds it over 5 ms."""


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
