"""Simulations: what a changed agreement would have given, and to whom, of events of the past."""

import asyncio
import json
import sys
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Response
from pydantic import AwareDatetime, Field

from chassis import telemetry
from chassis.security.keys import KeyRing
from contracts.authority import check_door
from contracts.model import WIB, Id, Model, StrictModel
from contracts.outcomes import Refused
from services.gateway.api.agreements import AgreementName
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import BODY, refuses
from services.gateway.api.submit_and_wait import principal_of
from services.gateway.directory import Directory
from services.gateway.domain.agreements import Agreement
from services.gateway.domain.explanation import visible_to_any
from services.gateway.store.simulations import Simulations, Status
from services.gateway.tokens import Caller

MODULE = "services.gateway.api.simulation_process"
AT_ONCE = 2
"""Simulations that one api process runs; more are refused `too_many_requests`."""


class SimulationAsked(StrictModel):
    """The agreement as it would be, or null as if it were ended; or the number of a version that waits for approval.

    `since` and `until` are when events were recorded.
    """

    agreement: Agreement | None = None
    version: Annotated[int, Field(ge=1)] | None = None
    since: AwareDatetime
    until: AwareDatetime


class FieldChange(Model):
    """`gained` and `lost` count events; null stands for 1 to 4, which would tell of single persons.

    `depends`: only of values that some kinds of fact state, and the past does not tell which.
    """

    receiver: str
    purpose: str
    field: str
    gained: int | None
    lost: int | None
    depends: bool


class Simulation(Model):
    """`changes` of whichever organisation, connected or not; `events` were replayed."""

    simulation: Id
    status: Status
    events: Annotated[int | None, Field(ge=0)] = None
    changes: tuple[FieldChange, ...] = ()


class Simulator:
    """Runs each simulation in a process of its own. `kafka` are confluent-kafka's settings of a consumer."""

    def __init__(self, kafka: dict[str, Any], topic: str, store: Simulations) -> None:
        self._kafka, self._topic, self.store = kafka, topic, store
        self._running: set[asyncio.Task[None]] = set()

    async def start(
        self, organisation: str, request: SimulationAsked, before: list[Agreement], current: Agreement
    ) -> str:
        """Raises Refused `too_many_requests`. `before` is approved; `current` is a version of what is changed."""
        if len(self._running) >= AT_ONCE:
            raise Refused("too_many_requests")
        simulation = str(uuid4())
        unchanged = [agreement for agreement in before if agreement.id != current.id]
        after = [*unchanged, request.agreement] if request.agreement else unchanged
        today = datetime.now(WIB).date()
        question = {
            "kafka": self._kafka, "topic": self._topic,
            "since": request.since.isoformat(), "until": request.until.isoformat(),
            "before": _dumped(before), "after": _dumped(after),
            "today": max(today, request.agreement.valid_from if request.agreement else today).isoformat(),
        }  # fmt: skip
        await self.store.begin(simulation, organisation, current.name)
        task = asyncio.create_task(self._run(simulation, json.dumps(question).encode()))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return simulation

    async def _run(self, simulation: str, question: bytes) -> None:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", MODULE, stdin=pipe, stdout=pipe)
        try:
            answer, _ = await process.communicate(question)
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode:
            telemetry.log.error("simulation_failed", simulation=simulation)
            await self.store.end(simulation, "failed")
        else:
            await self.store.end(simulation, "done", json.loads(answer))

    async def stop(self) -> None:
        """End what is running; it counts as failed."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


def router(identify: CallerOf, ring: KeyRing, directory: Directory, simulator: Simulator) -> APIRouter:
    """The routes that simulate agreements."""
    routes = APIRouter(prefix="/v1/agreements", tags=["agreements"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.post(
        "/{agreement}/simulation",
        summary="Replay past events under a changed agreement",
        status_code=202,
        responses=refuses("not_permitted", "not_found", "too_many_requests", *BODY),
    )
    async def start_simulation(
        caller: CurrentCaller,
        agreement: AgreementName,
        request: SimulationAsked,
        response: Response,
    ) -> Simulation:
        """For giver and receiver; giver and receiver stay as they are. What comes of it stands at `Location`."""
        check_door("POST /v1/agreements/{agreement}/simulation", principal_of(ring, caller))
        before, proposals = list(directory.agreements()), directory.proposals()
        visible = [version for version in (*before, *proposals) if visible_to_any(version, caller.stands_for)]
        versions = [version for version in visible if version.id == agreement]
        if not versions:
            raise Refused("not_found")
        request = _with_proposal(request, [version for version in versions if version in proposals])
        _check(request, versions[0])
        simulation = await simulator.start(caller.organisation, request, before, versions[0])
        response.headers["Location"] = f"/v1/agreements/simulations/{simulation}"
        return Simulation(simulation=simulation, status="running")

    @routes.get(
        "/simulations/{simulation}",
        summary="What a simulation found",
        responses=refuses("not_permitted", "not_found", "invalid_value"),
    )
    async def get_simulation(caller: CurrentCaller, simulation: Id) -> Simulation:
        """Kept for a day, for the organisation that asked."""
        check_door("GET /v1/agreements/simulations/{simulation}", principal_of(ring, caller))
        stored = await simulator.store.find(simulation, caller.organisation)
        if stored is None:
            raise Refused("not_found")
        status, result = stored
        return Simulation(simulation=simulation, status=status, **(result or {}))

    return routes


def _dumped(agreements: list[Agreement]) -> list[dict[str, Any]]:
    return [agreement.model_dump(mode="json", exclude_none=True) for agreement in agreements]


def _with_proposal(request: SimulationAsked, proposals: list[Agreement]) -> SimulationAsked:
    """As if it had the terms of the version that it names. Raises Refused."""
    if request.version is None:
        return request
    if request.agreement is not None:
        raise Refused("invalid_value", "/version", "either a version or an agreement")
    proposed = next((version for version in proposals if version.version == request.version), None)
    if proposed is None:
        raise Refused("not_found")
    return request.model_copy(update={"agreement": proposed})


def _check(request: SimulationAsked, current: Agreement) -> None:
    """Raises Refused `invalid_value`: what others are given is not theirs to try."""
    changed = request.agreement
    for name in ("id", "giver", "receiver"):
        if changed is not None and getattr(changed, name) != getattr(current, name):
            raise Refused("invalid_value", f"/agreement/{name}")
    if request.until <= request.since:
        raise Refused("invalid_value", "/until")
