"""The indicators service, put together."""

from fastapi import FastAPI

from chassis.service import domain_service
from services.indicators.api import router
from services.indicators.commands import TYPES, steps
from services.indicators.settings import Settings
from services.indicators.store import INDEXES, Store


def create_app(settings: Settings) -> FastAPI:
    """The service, consuming for as long as its app runs."""
    return domain_service(
        settings,
        "indicators",
        TYPES,
        lambda database, _: steps(Store(database)),
        lambda database, _, verifier: [router(Store(database), verifier)],
        indexes=INDEXES,
        batch=100,
        description="Rounds of the Migration Governance Indicators, and the answers of institutions.",
    )
