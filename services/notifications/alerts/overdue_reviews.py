"""How many reviews nobody closed in time, as a metric."""

import time
from datetime import UTC, datetime

from prometheus_client import Gauge

from services.notifications.alerts.domain.review import DUE
from services.notifications.alerts.store import Store

OVERDUE = Gauge("simpul_emergency_reviews_overdue", "Alerts named by a reason alone, not reviewed within seven days")
COUNT_SECONDS = 60.0


class OverdueReviews:
    """Counts them once a minute."""

    def __init__(self, store: Store) -> None:
        self._store, self._counted = store, float("-inf")

    async def step(self) -> None:
        """Raises an outage of the database."""
        if time.monotonic() - self._counted < COUNT_SECONDS:
            return
        OVERDUE.set(await self._store.count_open_reviews(datetime.now(UTC) - DUE))
        self._counted = time.monotonic()
