"""The alerts process of the notifications service, put together."""

from fastapi import FastAPI

from chassis.service import domain_service
from services.notifications.alerts.api import router
from services.notifications.alerts.commands import TYPES, steps
from services.notifications.alerts.settings import Settings
from services.notifications.alerts.store import INDEXES, Store

BATCH = 50
"""Records per batch: small, so that an alert waits for few others."""


def create_app(settings: Settings) -> FastAPI:
    """The service, consuming for as long as its app runs."""
    return domain_service(
        settings,
        "alerts",
        TYPES,
        lambda database, _: steps(Store(database)),
        lambda database, _, verifier: [router(Store(database), verifier)],
        indexes=INDEXES,
        batch=BATCH,
        description="Alerts: who receives them, who takes them, and how they end.",
    )
