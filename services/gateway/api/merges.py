"""Two ids of one person are merged, and taken apart again, without a duplicate review."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import AwareDatetime

from chassis.security.keys import KeyRing
from contracts.exchange import PersonToken
from contracts.model import StrictModel
from contracts.outcomes import Refused
from contracts.registry import MergePersons, Reason, UnmergePerson
from services.gateway.api.caller import CallerOf
from services.gateway.api.identity_decisions import ReasonRequest
from services.gateway.api.openapi import BODY, DECISION, OF_MERGES
from services.gateway.api.responses import IdempotencyKey, Result, response_about_person, writes
from services.gateway.api.submit_and_wait import Submit
from services.gateway.domain.receiver_ids import UnknownToken, person_of_any
from services.gateway.domain.translation import CommandDraft
from services.gateway.tokens import Caller

MERGED = writes(*DECISION, *BODY, *OF_MERGES)


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
    """The routes that merge persons and take them apart, for stewards."""
    routes = APIRouter(prefix="/v1/persons", tags=["duplicates"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.post("/merge", summary="Two ids are of one person", response_model=Result, responses=MERGED)
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

    @routes.post("/{person}/unmerge", summary="This id is of somebody else", response_model=Result, responses=MERGED)
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
            return person_of_any(ring, caller.stands_for, token)
        except UnknownToken:
            raise Refused("not_found", pointer) from None

    async def on_person(caller: Caller, body: MergePersons | UnmergePerson, first: str, key: str | None) -> Response:
        draft = CommandDraft("registry", body, key=first)
        published = await submit(caller, draft, content=body.model_dump_json().encode(), key=key)
        return response_about_person(ring, caller, published)

    return routes
