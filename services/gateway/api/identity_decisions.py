"""Decisions of stewards on a duplicate review; each can be taken back."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response

from contracts.model import Id, StrictModel
from contracts.registry import DecideDuplicate, Decision, Reason, ReopenDuplicate
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import BODY, DECISION
from services.gateway.api.responses import IdempotencyKey, IfMatch, Result, response_of, writes
from services.gateway.api.submit_and_wait import Submit
from services.gateway.domain.translation import CommandDraft
from services.gateway.tokens import Caller

SAME: dict[str, Any] = {"decision": "same", "reason": "typing_error"}
REASON: dict[str, Any] = {"reason": "same_household_different_person"}

DECIDED = writes(*DECISION, *BODY)


class DecisionRequest(StrictModel):
    """Whether the two are one person, and why."""

    decision: Decision
    reason: Reason


class ReasonRequest(StrictModel):
    """Why something decided no longer stands."""

    reason: Reason


def router(identify: CallerOf, submit: Submit) -> APIRouter:
    """The routes that write /v1/duplicates."""
    routes = APIRouter(prefix="/v1/duplicates", tags=["duplicates"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.post("/{duplicate}/decision", summary="Decide a review", response_model=Result, responses=DECIDED)
    async def decide(
        caller: CurrentCaller, duplicate: Id, body: Annotated[DecisionRequest, Body(examples=[SAME])], version: IfMatch,
        key: IdempotencyKey = None,
    ) -> Response:  # fmt: skip
        """`same` merges the two. If-Match names the version of the review that was read."""
        return await decide_review(
            caller, DecideDuplicate(duplicate=duplicate, ifversion=version, **body.model_dump()), key
        )

    @routes.post("/{duplicate}/reopen", summary="Take a decision back", response_model=Result, responses=DECIDED)
    async def reopen(
        caller: CurrentCaller, duplicate: Id, body: Annotated[ReasonRequest, Body(examples=[REASON])], version: IfMatch,
        key: IdempotencyKey = None,
    ) -> Response:  # fmt: skip
        """The review is open again; a merge that came of it is undone, and each has its own facts again."""
        return await decide_review(
            caller, ReopenDuplicate(duplicate=duplicate, ifversion=version, reason=body.reason), key
        )

    async def decide_review(caller: Caller, body: DecideDuplicate | ReopenDuplicate, key: str | None) -> Response:
        draft = CommandDraft("registry", body, key=body.duplicate)
        published = await submit(caller, draft, content=body.model_dump_json().encode(), key=key)
        return response_of(published, "/v1/duplicates/{id}")

    return routes
