"""Queries, asked by the gateway alone: it applies the agreements to what it passes on."""

from fastapi import APIRouter

from chassis.security.principal import Verifier
from linkage.model import Model
from services.registry.api import duplicates, offers, persons
from services.registry.store import Store


def routers(store: Store, model: Model | None, verifier: Verifier) -> tuple[APIRouter, ...]:
    """All routes; `verifier` refuses whoever is not the gateway, `model` compares the two sides of a review."""
    return (
        persons.router(store, verifier),
        duplicates.router(store, model, verifier),
        offers.router(store, verifier),
    )
