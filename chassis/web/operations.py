"""Routes that every consuming process has: outcomes for the gateway, dead letters for operators."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from chassis import telemetry
from chassis.messaging.consumers import Consumers
from chassis.messaging.dead_letters import PAGE, DeadLetter, State
from chassis.security.principal import OPERATOR, PLATFORM, Verifier
from chassis.service_process import ServiceProcess
from contracts.commands import Principal
from contracts.outcomes import Outcome, Refused


class DeadLetterView(BaseModel):
    """A record put aside, without its content. `at` (UTC) is when; a list continues behind `page`.

    What is `held` waits for an operator; what is `postponed` is tried again by itself.
    """

    id: str
    state: State
    group: str
    topic: str
    partition: int
    offset: int
    reason: str
    at: datetime
    page: str


class Replayed(BaseModel):
    """How many records were handled, and how many keys still have records that fail."""

    replayed: int
    keys_left: int


def operators_only(verifier: Verifier) -> Callable[..., None]:
    """A FastAPI dependency: refuses whoever is no operator, and writes down who asked for what."""

    def check(request: Request, caller: Annotated[Principal, Depends(verifier)]) -> None:
        if (caller.organisation, caller.roles) != (PLATFORM, (OPERATOR,)) or not caller.user:
            raise Refused("not_permitted")
        telemetry.log.info("operator", name=caller.user, method=request.method, route=request.scope["route"].path)

    return check


def outcome_routes(process: ServiceProcess, verifier: Verifier) -> APIRouter:
    """GET /outcomes/{id}."""
    router = APIRouter(tags=["operations"])

    @router.get("/outcomes/{command_id}", summary="The outcome of a command of the caller's organisation")
    async def outcome(command_id: str, caller: Annotated[Principal, Depends(verifier)]) -> Outcome:
        stored = await process.processor.processed.find_outcome(command_id, caller.organisation)
        if stored is None:
            raise Refused("not_found")
        return stored

    return router


def dead_letter_routes(consumers: Consumers, verifier: Verifier) -> APIRouter:
    """GET /dead-letters, POST /dead-letters/replay, POST /dead-letters/give-up."""
    router = APIRouter(prefix="/dead-letters", tags=["operations"], dependencies=[Depends(operators_only(verifier))])

    @router.get("", summary="Records put aside, in the order of the log, without their content")
    async def dead_letters(
        after: str = "", limit: Annotated[int, Query(ge=1, le=1000)] = PAGE, state: State | None = None
    ) -> list[DeadLetterView]:
        return [_view(letter) for letter in await consumers.dead_letters.list_letters(after, limit, state)]

    @router.post("/replay", summary="Handle again what is held, in order; what fails stays, and those of its key")
    async def replay() -> Replayed:
        return Replayed(**await consumers.replay.replay())

    @router.post("/give-up", summary="End one dead letter for good: its sender is told platform_gave_up")
    async def give_up(id: str) -> dict[str, int]:  # noqa: A002  # the name in the list
        if not await consumers.replay.give_up(id):
            raise Refused("not_found")
        return {"ended": 1}

    return router


def _view(letter: DeadLetter) -> DeadLetterView:
    topic, partition, offset = letter.where
    return DeadLetterView(
        id=letter.id, state=letter.state, group=letter.group, topic=topic, partition=partition, offset=offset,
        reason=letter.reason, at=letter.at, page=letter.page,
    )  # fmt: skip
