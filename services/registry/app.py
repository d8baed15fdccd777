"""Puts the registry together."""

from fastapi import FastAPI

from chassis.commands.types import Steps
from chassis.mongo import Database, VersionConflict
from chassis.security.keys import KeyRing
from chassis.security.principal import Verifier
from chassis.service import domain_service
from chassis.service_process import ServiceProcess
from linkage.model import Model, model_file
from linkage.model.registry_fit import check_fit
from services.registry import __doc__ as description
from services.registry.api import profiles, routers
from services.registry.commands import TYPES, Draft, LoadedBatch, steps
from services.registry.commands.recognition import Matcher
from services.registry.deferred_recognition import DeferredRecognition
from services.registry.policies import Follower
from services.registry.renewal import Renewal
from services.registry.settings import Settings
from services.registry.store import INDEXES, Store
from services.registry.store.memory import Memory

MODEL = model_file.REGISTRY


def create_app(settings: Settings) -> FastAPI:
    """The app, which settles commands for as long as it runs. Its queries and its processor share one memory.

    Raises UnreadableModel, or NotFit for a model that was not made for the registry.
    """
    memory = Memory()
    model = _model(settings) if settings.matching == "on" else None

    def steps_of(database: Database, ring: KeyRing) -> Steps[LoadedBatch, Draft]:
        store = Store(database, ring, memory)
        return steps(store, Matcher(store.profiles, model) if model else None)

    def follower_of(database: Database, ring: KeyRing) -> Follower:
        store = Store(database, ring, memory)
        assert model is not None
        return Follower(store, Matcher(store.profiles, model), ring)

    app = domain_service(
        settings,
        "registry",
        TYPES,
        steps_of,
        lambda database, ring, verifier: routers(Store(database, ring, memory), model, verifier),
        indexes=INDEXES,
        errors={VersionConflict: "version_conflict"},
        batch=250,
        bulk=True,
        policy_of=(lambda database, ring: follower_of(database, ring).rule()) if model else None,
        description=description or "",
    )
    process: ServiceProcess = app.state.process
    renewal = Renewal(process.client, follower_of(process.database, process.ring)) if model else None
    if renewal:
        deferred = DeferredRecognition(renewal, process.processor.quiet_for, process.ask)
        process.background["recognition"] = deferred.step
    app.include_router(profiles.router(renewal, process, Verifier(process.ring, "registry")))
    return app


def _model(settings: Settings) -> Model:
    model = model_file.read(settings.matching_model or MODEL)
    check_fit(model)
    return model
