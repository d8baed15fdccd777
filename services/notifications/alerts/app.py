"""The alerts process of the notifications service, put together."""

from fastapi import FastAPI

from chassis.service import domain_service
from chassis.service_process import ServiceProcess
from services.notifications.alerts import review_api
from services.notifications.alerts.api import router
from services.notifications.alerts.commands import TYPES, steps
from services.notifications.alerts.overdue_reviews import OverdueReviews
from services.notifications.alerts.settings import Settings
from services.notifications.alerts.store import INDEXES, Store

BATCH = 50
"""Records per batch: small, so that an alert waits for few others."""


def create_app(settings: Settings) -> FastAPI:
    """The service, consuming for as long as its app runs."""
    app = domain_service(
        settings,
        "alerts",
        TYPES,
        lambda database, _: steps(Store(database), per_hour=settings.emergency_per_hour),
        lambda database, _, verifier: [router(Store(database), verifier), review_api.router(Store(database), verifier)],
        indexes=INDEXES,
        batch=BATCH,
        description="Alerts: who receives them, who takes them, and how they end.",
    )
    process: ServiceProcess = app.state.process
    process.background["overdue reviews"] = OverdueReviews(Store(process.database)).step
    return app
