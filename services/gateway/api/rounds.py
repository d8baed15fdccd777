"""Assessment rounds: open one, see its questions, who is complete and who is late."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response
from pydantic import AwareDatetime, Field

from chassis.security.keys import KeyRing
from contracts.indicators import Catalogue, OpenRound, RoundList
from contracts.model import Id, StrictModel
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import BODY, COMMAND, OF_ROUNDS, refuses
from services.gateway.api.responses import IdempotencyKey, Result, response_of, writes
from services.gateway.api.round_views import CompletenessView, RoundView, completeness_view, round_view
from services.gateway.api.submit_and_wait import Submit, principal_of
from services.gateway.clients import Services
from services.gateway.domain.organisations import InstitutionsNow
from services.gateway.domain.translation import CommandDraft
from services.gateway.tokens import Caller

OPEN: dict[str, Any] = {"catalogue": "mgi-national", "year": 2026, "due_at": "2026-12-31T16:59:59Z"}
ONE_ROUND = refuses("invalid_value", "not_found")
OPENED = writes(*COMMAND, *BODY, *OF_ROUNDS)


class OpenRoundRequest(StrictModel):
    """`due_at` with its offset from UTC; answers after it count as late."""

    catalogue: Catalogue
    year: Annotated[int, Field(ge=2000, le=2100)]
    due_at: AwareDatetime


def router(
    identify: CallerOf, ring: KeyRing, services: Services, submit: Submit, institutions: InstitutionsNow
) -> APIRouter:
    """The routes of rounds themselves."""
    routes = APIRouter(prefix="/v1/rounds", tags=["rounds"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.get("", summary="All rounds", responses=refuses())
    async def list_rounds(caller: CurrentCaller) -> RoundList:
        return await services.list_rounds(principal_of(ring, caller))

    @routes.get("/{round_id}", summary="One round with its questions", responses=ONE_ROUND)
    async def get_round(caller: CurrentCaller, round_id: Id) -> RoundView:
        return round_view(await services.get_round(principal_of(ring, caller), round_id), institutions())

    @routes.get(
        "/{round_id}/completeness", summary="Who has answered, who is late, what is missing", responses=ONE_ROUND
    )
    async def get_completeness(caller: CurrentCaller, round_id: Id) -> CompletenessView:
        return completeness_view(await services.get_completeness(principal_of(ring, caller), round_id), institutions())

    @routes.post("", summary="Open a round", status_code=201, response_model=Result, responses=OPENED)
    async def open_round(
        caller: CurrentCaller, body: Annotated[OpenRoundRequest, Body(examples=[OPEN])], key: IdempotencyKey = None
    ) -> Response:
        draft = CommandDraft("indicators", OpenRound(**body.model_dump()), key=f"{body.catalogue}/{body.year}")
        published = await submit(caller, draft, content=body.model_dump_json().encode(), key=key)
        return response_of(published, "/v1/rounds/{id}", created=True)

    return routes
