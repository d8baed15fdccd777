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
from services.registry.commands.newcomer_matching import Matcher
from services.registry.deferred_matching import DeferredMatching
from services.registry.policies import PairPolicy
from services.registry.profile_rebuild import ProfileRebuild
from services.registry.settings import Settings
from services.registry.store import INDEXES, Store
from services.registry.store.cache import Cache

MODEL = model_file.REGISTRY


def create_app(settings: Settings) -> FastAPI:
    """The app, which settles commands for as long as it runs. Its queries and its processor share one cache.

    Raises UnreadableModel, or NotFit for a model that was not made for the registry.
    """
    cache = Cache()
    model = _model(settings) if settings.matching == "on" else None

    def steps_of(database: Database, ring: KeyRing) -> Steps[LoadedBatch, Draft]:
        store = Store(database, ring, cache)
        return steps(store, Matcher(store.profiles, model) if model else None)

    def policy_of(database: Database, ring: KeyRing) -> PairPolicy:
        store = Store(database, ring, cache)
        assert model is not None
        return PairPolicy(store, Matcher(store.profiles, model), ring)

    app = domain_service(
        settings,
        "registry",
        TYPES,
        steps_of,
        lambda database, ring, verifier: routers(Store(database, ring, cache), model, verifier),
        indexes=INDEXES,
        errors={VersionConflict: "version_conflict"},
        batch=250,
        bulk=True,
        policy_of=(lambda database, ring: policy_of(database, ring).rule()) if model else None,
        description=description or "",
    )
    process: ServiceProcess = app.state.process
    rebuild = ProfileRebuild(process.client, policy_of(process.database, process.ring)) if model else None
    if rebuild:
        deferred = DeferredMatching(rebuild, process.processor.quiet_for, process.ask)
        process.background["recognition"] = deferred.step
    app.include_router(profiles.router(rebuild, process, Verifier(process.ring, "registry")))
    return app


def _model(settings: Settings) -> Model:
    model = model_file.read(settings.matching_model or MODEL)
    check_fit(model)
    return model
