"""A domain service as a whole: its process and its HTTP app, with one life."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI

from chassis import telemetry
from chassis.commands.decoding import Types
from chassis.commands.policies import Policy
from chassis.commands.types import Steps
from chassis.messaging.kafka import GRACE, end, quietly
from chassis.mongo import Database, Index
from chassis.security.keys import KeyRing
from chassis.security.principal import Verifier
from chassis.service_process import ServiceProcess
from chassis.settings import Settings
from chassis.web.app import create_app
from chassis.web.operations import dead_letter_routes, outcome_routes


def domain_service(
    settings: Settings,
    service: str,
    types: Types,
    steps_of: Callable[[Database, KeyRing], Steps[Any, Any]],
    routers_of: Callable[[Database, KeyRing, Verifier], Sequence[APIRouter]],
    *,
    indexes: Sequence[Index] = (),
    errors: Mapping[type[Exception], str] | None = None,
    batch: int = 500,
    bulk: bool = False,
    policy_of: Callable[[Database, KeyRing], Policy] | None = None,
    description: str = "",
) -> FastAPI:
    """The FastAPI app of a domain service, consuming its commands for as long as it runs.

    Raises MissingKey at once when the key ring lacks what the service needs.
    """
    telemetry.setup(settings, service)
    process = ServiceProcess(settings, service, types, steps_of, indexes, batch=batch, bulk=bulk, policy_of=policy_of)
    verifier = Verifier(process.ring, service)
    routers = [*routers_of(process.database, process.ring, verifier), outcome_routes(process, verifier)]
    routers.append(dead_letter_routes(process.consumers, verifier))
    app = create_app(
        f"Simpul {service}",
        lifespan=running(process.run, process.stop),
        ready=process.ready,
        routers=routers,
        errors=errors,
        description=description,
    )
    app.state.process = process
    return app


def running(
    run: Callable[[], Coroutine[Any, Any, None]], stop: Callable[[], Coroutine[Any, Any, None]]
) -> Callable[[FastAPI], Any]:
    """A lifespan that runs something in the background; its failure ends the process, so that it is restarted."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        _collect_rarely()
        task = asyncio.create_task(run())
        task.add_done_callback(_end_process_on_failure)
        try:
            yield
        finally:
            await end(task)
            await quietly(stop(), GRACE + 5)
            telemetry.shutdown()

    return lifespan


def _collect_rarely() -> None:
    """A batch makes ten thousands of short-lived objects and no cycle: Python's defaults walk the heap for nothing."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _end_process_on_failure(task: asyncio.Task[None]) -> None:
    import os
    import signal

    if not task.cancelled() and (error := task.exception()) is not None:
        telemetry.log.critical("process_failed", error=telemetry.describe(error))
        os.kill(os.getpid(), signal.SIGTERM)
