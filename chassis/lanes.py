"""Two lanes into one worker: one batch at a time per process, the interactive lane always first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Gate:
    """Admits one batch at a time. A waiting urgent batch goes before every waiting bulk batch."""

    def __init__(self) -> None:
        self.condition = asyncio.Condition()
        self.busy = False
        self.urgent_waiting = 0

    @asynccontextmanager
    async def turn(self, *, urgent: bool) -> AsyncIterator[None]:
        """Wait for a turn, hold it, give it back."""
        async with self.condition:
            self.urgent_waiting += urgent
            try:
                await self.condition.wait_for(lambda: not self.busy and (urgent or not self.urgent_waiting))
                self.busy = True
            finally:
                self.urgent_waiting -= urgent
        try:
            yield
        finally:
            async with self.condition:
                self.busy = False
                self.condition.notify_all()
