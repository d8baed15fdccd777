"""Puts the registry together."""

from fastapi import FastAPI

from chassis.service import domain_service
from services.registry import __doc__ as description
from services.registry.api import router
from services.registry.commands import TYPES, steps
from services.registry.settings import Settings
from services.registry.store import INDEXES, Store
from services.registry.store.memory import Memory


def create_app(settings: Settings) -> FastAPI:
    """The app, which settles commands for as long as it runs. Its queries and its worker share one memory."""
    memory = Memory()
    return domain_service(
        settings,
        "registry",
        TYPES,
        lambda database, ring: steps(Store(database, ring, memory)),
        lambda database, ring, verifier: [router(Store(database, ring, memory), verifier)],
        indexes=INDEXES,
        batch=250,
        bulk=True,
        description=description or "",
    )
