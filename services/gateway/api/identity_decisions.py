"""Decisions of stewards: on a duplicate review, and on two persons without one; each can be taken back."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response
from pydantic import AwareDatetime

from chassis.security.keys import KeyRing
from contracts.exchange import PersonToken
from contracts.model import Id, StrictModel
from contracts.outcomes import Refused
from contracts.registry import DecideDuplicate, Decision, MergePersons, Reason, ReopenDuplicate, UnmergePerson
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import BODY, DECISION, OF_MERGES
from services.gateway.api.responses import IdempotencyKey, IfMatch, Result, response_of, writes
from services.gateway.api.submit_and_wait import Submit
from services.gateway.domain.receiver_ids import UnknownToken, person_of, person_token
from services.gateway.domain.translation import CommandDraft
from services.gateway.tokens import Caller

SAME: dict[str, Any] = {"decision": "same", "reason": "typing_error"}
REASON: dict[str, Any] = {"reason": "same_household_different_person"}

DECIDED = writes(*DECISION, *BODY)
MERGED = writes(*DECISION, *BODY, *OF_MERGES)


class DecisionRequest(StrictModel):
    """Whether the two are one person, and why."""

    decision: Decision
    reason: Reason


class ReasonRequest(StrictModel):
    """Why something decided no longer stands."""

    reason: Reason


class UnmergeRequest(ReasonRequest):
    """`asof` as GET /v1/persons/{person} gave it: refused `version_conflict` when more is known by now."""

    asof: AwareDatetime


class MergeRequest(StrictModel):
    """Two ids of one person. Without `survivor` the registry chooses which of them stays.

    `asof` of each, as read: refused `version_conflict` when more is known of one of them by now.
    """

    persons: tuple[PersonToken, PersonToken]
    asof: tuple[AwareDatetime, AwareDatetime]
    survivor: PersonToken | None = None
    reason: Reason


def router(identify: CallerOf, ring: KeyRing, submit: Submit) -> APIRouter:
    """The routes that write /v1/duplicates, and those that merge persons and take them apart."""
    routes = APIRouter(prefix="/v1", tags=["duplicates"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.post(
        "/duplicates/{duplicate}/decision", summary="Decide a review", response_model=Result, responses=DECIDED
    )
    async def decide(
        caller: CurrentCaller, duplicate: Id, body: Annotated[DecisionRequest, Body(examples=[SAME])], version: IfMatch,
        key: IdempotencyKey = None,
    ) -> Response:  # fmt: skip
        """`same` merges the two. If-Match names the version of the review that was read."""
        return await decide_review(
            caller, DecideDuplicate(duplicate=duplicate, ifversion=version, **body.model_dump()), key
        )

    @routes.post(
        "/duplicates/{duplicate}/reopen", summary="Take a decision back", response_model=Result, responses=DECIDED
    )
    async def reopen(
        caller: CurrentCaller, duplicate: Id, body: Annotated[ReasonRequest, Body(examples=[REASON])], version: IfMatch,
        key: IdempotencyKey = None,
    ) -> Response:  # fmt: skip
        """The review is open again; a merge that came of it is undone, and each has its own facts again."""
        return await decide_review(
            caller, ReopenDuplicate(duplicate=duplicate, ifversion=version, reason=body.reason), key
        )

    @routes.post("/persons/merge", summary="Two ids are of one person", response_model=Result, responses=MERGED)
    async def merge(caller: CurrentCaller, body: MergeRequest, key: IdempotencyKey = None) -> Response:
        """For what is known without a duplicate review. Answers with the id of the person who stays."""
        first, second = (person_named(caller, name, f"/persons/{place}") for place, name in enumerate(body.persons))
        survivor = person_named(caller, body.survivor, "/survivor") if body.survivor else None
        return await on_person(
            caller,
            MergePersons(persons=(first, second), survivor=survivor, asof=body.asof, reason=body.reason),
            first,
            key,
        )

    @routes.post(
        "/persons/{person}/unmerge", summary="This id is of somebody else", response_model=Result, responses=MERGED
    )
    async def unmerge(
        caller: CurrentCaller, person: PersonToken, body: UnmergeRequest,
        key: IdempotencyKey = None,
    ) -> Response:  # fmt: skip
        """`person` is an id that was absorbed: it stands for itself again, with its own facts."""
        absorbed = person_named(caller, person, "/person")
        return await on_person(
            caller, UnmergePerson(person=absorbed, asof=body.asof, reason=body.reason), absorbed, key
        )

    def person_named(caller: Caller, token: str, pointer: str) -> str:
        try:
            return person_of(ring, caller.organisation, token)
        except UnknownToken:
            raise Refused("not_found", pointer) from None

    async def decide_review(caller: Caller, body: DecideDuplicate | ReopenDuplicate, key: str | None) -> Response:
        draft = CommandDraft("registry", body, key=body.duplicate)
        published = await submit(caller, draft, content=body.model_dump_json().encode(), key=key)
        return response_of(published, "/v1/duplicates/{id}")

    async def on_person(caller: Caller, body: MergePersons | UnmergePerson, first: str, key: str | None) -> Response:
        draft = CommandDraft("registry", body, key=first)
        published = await submit(caller, draft, content=body.model_dump_json().encode(), key=key)
        person = published.outcome.aggregate_id if published.outcome else None
        name = person_token(ring, caller.organisation, person) if person else None
        return response_of(published, "/v1/persons/{id}", name=name)

    return routes
