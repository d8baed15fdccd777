"""Alerts that name somebody whom no agreement of their reporter covers, for data protection officers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from chassis.security.keys import KeyRing
from contracts.model import Id, StrictModel
from contracts.notifications import CloseReview, Finding, ReviewPage, ReviewState
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import BODY, DECISION, refuses
from services.gateway.api.responses import IdempotencyKey, Result, response_of, writes
from services.gateway.api.submit_and_wait import Submit, principal_of
from services.gateway.clients import Services
from services.gateway.domain.translation import CommandDraft
from services.gateway.tokens import Caller


class ClosureRequest(StrictModel):
    """What came of looking into it."""

    finding: Finding


def router(identify: CallerOf, ring: KeyRing, services: Services, submit: Submit) -> APIRouter:
    """The routes under /v1/emergency-reviews."""
    routes = APIRouter(prefix="/v1/emergency-reviews", tags=["emergency reviews"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.get(
        "",
        summary="Alerts of your organisation that name somebody without an agreement",
        response_model_exclude_none=True,
        responses=refuses("invalid_value"),
    )
    async def list_reviews(
        caller: CurrentCaller,
        state: ReviewState = "open",
        after: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> ReviewPage:
        """Oldest first. The officer of the institution that keeps the registry sees those of all but survivors."""
        return await services.list_reviews(principal_of(ring, caller), state=state, after=after, limit=limit)

    @routes.post(
        "/{alert}/closure", summary="Close a review", response_model=Result, responses=writes(*DECISION, *BODY)
    )
    async def close_review(
        caller: CurrentCaller, alert: Id, body: ClosureRequest, key: IdempotencyKey = None
    ) -> Response:
        draft = CommandDraft("alerts", CloseReview(alert=alert, finding=body.finding), key=alert)
        published = await submit(caller, draft, content=draft.body.model_dump_json().encode(), key=key)
        return response_of(published, "/v1/emergency-reviews")

    return routes
