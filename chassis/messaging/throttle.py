"""How many records a subscription may put aside when nothing proves that the records are at fault."""

from __future__ import annotations

import time
from collections import deque

PER_HOUR = 20
HOUR_SECONDS = 3600.0


class Throttle:
    """At most `limit` grants in an hour: beyond it, a bad release or a missing key is likelier than bad records."""

    def __init__(self, limit: int = PER_HOUR) -> None:
        self.limit = limit
        self.granted: deque[float] = deque()

    def left(self) -> int:
        """How many may still be granted now."""
        while self.granted and self.granted[0] < time.monotonic() - HOUR_SECONDS:
            self.granted.popleft()
        return self.limit - len(self.granted)

    def grant(self, age: float = 0.0) -> None:
        """One more; `age` in seconds for one that an earlier process granted."""
        self.granted.append(time.monotonic() - age)
