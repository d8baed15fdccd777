"""Duplicate reviews: two persons who may be one, as the stewards see them who decide it."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from chassis.security.keys import KeyRing
from contracts.exchange import PersonToken
from contracts.model import Id, Model
from contracts.outcomes import Refused
from contracts.registry import (
    Band,
    DuplicateDetail,
    DuplicateOrder,
    DuplicatePage,
    DuplicateStatus,
    DuplicateStep,
    DuplicateSummary,
    Evidence,
    PersonState,
)
from services.gateway.api.caller import CallerOf
from services.gateway.api.disclosures import disclosures
from services.gateway.api.openapi import refuses
from services.gateway.api.person_view import PersonView, view_of
from services.gateway.api.submit_and_wait import principal_of
from services.gateway.clients import Services
from services.gateway.domain.grants import Given, Grant
from services.gateway.domain.receiver_ids import person_token
from services.gateway.domain.routing import Routing
from services.gateway.store import Store
from services.gateway.tokens import Caller

_SHOWS = {
    "name": "full_name",
    "given": "full_name",
    "surname": "full_name",
    "mother": "mother_name",
    "birth": "birth_date",
}
"""What is compared under another name than agreements have for it."""


class DuplicateRow(DuplicateSummary):
    """A duplicate review in the queue. Times are UTC; `weight` is in bits; `version` goes into If-Match."""

    persons: tuple[PersonToken, PersonToken]


class DuplicateList(Model):
    """Oldest or heaviest first; `after` is the cursor of the next page."""

    duplicates: tuple[DuplicateRow, ...]
    after: str | None = None


class Side(PersonView):
    """One of the two as they are now; `absorbed` are other ids of the same person."""

    absorbed: tuple[PersonToken, ...]


class DuplicateView(DuplicateRow):
    """Both persons side by side (the same one twice when they are one by now), and why they may be one.

    `evidence` is compared anew with what is on record; its `total` is the weight so far, in bits.
    """

    sides: tuple[Side, Side]
    evidence: tuple[Evidence, ...]
    history: tuple[DuplicateStep, ...]


def router(
    identify: CallerOf, ring: KeyRing, services: Services, store: Store, routing: Callable[[], Routing]
) -> APIRouter:
    """The routes that read /v1/duplicates, for stewards."""
    routes = APIRouter(prefix="/v1/duplicates", tags=["duplicates"])
    CurrentSteward = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.get(
        "",
        summary="Duplicate reviews of one status, without personal values",
        responses=refuses("not_permitted", "purpose_not_allowed", "invalid_value"),
    )
    async def list_duplicates(
        caller: CurrentSteward,
        status: DuplicateStatus = "open",
        order: DuplicateOrder = "age",
        band: Band | None = None,
        after: Annotated[str | None, Query(max_length=80)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> DuplicateList:
        """Every reading is put on record for every person listed before it is answered."""
        grant_of_purpose, principal = _grant(routing(), caller), principal_of(ring, caller)
        page = await services.list_duplicates(
            principal, status=status, order=order, band=band, after=after, limit=limit
        )
        return await _disclosed_list(ring, store, caller, grant_of_purpose, page)

    @routes.get(
        "/{duplicate}",
        summary="Both persons side by side, and why they may be one",
        response_model_exclude_none=True,
        responses=refuses("not_permitted", "purpose_not_allowed", "not_found", "invalid_value"),
    )
    async def get_duplicate(caller: CurrentSteward, duplicate: Id, response: Response) -> DuplicateView:
        """Every reading is put on record for both persons, with purpose and field names, before it is answered."""
        detail = await services.get_duplicate(principal_of(ring, caller), duplicate)
        view = await _disclosed_view(ring, store, caller, _grant(routing(), caller), detail)
        response.headers["ETag"] = f'"{view.version}"'
        return view

    return routes


async def _disclosed_list(
    ring: KeyRing, store: Store, caller: Caller, grant_of_purpose: tuple[str, Grant], page: DuplicatePage
) -> DuplicateList:
    """The page under the caller's own ids, after its persons are on record as read."""
    purpose, grant = grant_of_purpose
    persons = dict.fromkeys(person for review in page.duplicates for person in review.persons)
    given_by = tuple((name, ("duplicate",)) for name in grant.names)
    await store.disclose(
        row for person in persons for row in disclosures(ring, caller, purpose, person, given_by, None)
    )
    rows = tuple(DuplicateRow(**_row(ring, caller, review)) for review in page.duplicates)
    return DuplicateList(duplicates=rows, after=page.after)


async def _disclosed_view(
    ring: KeyRing, store: Store, caller: Caller, grant_of_purpose: tuple[str, Grant], review: DuplicateDetail
) -> DuplicateView:
    """Both persons as they are shown, after that is on record."""
    purpose, grant = grant_of_purpose
    view = _view(ring, caller, grant, review)
    compared: Given = tuple((name, _compared(view)) for name in grant.names)
    shown = dict.fromkeys(review.persons, (compared, None, None)) | {
        state.person: (_disclosed(side, view), state.asof, state.facets.owner)
        for state, side in zip(review.sides, view.sides, strict=True)
    }
    await store.disclose(
        row for person, what in shown.items() for row in disclosures(ring, caller, purpose, person, *what)
    )
    return view


def _grant(routing: Routing, caller: Caller) -> tuple[str, Grant]:
    """The purpose for which stewards see personal values, and what they see. Raises Refused `purpose_not_allowed`."""
    for purpose, grant in routing.of_duplicates().items():
        if caller.purpose == purpose:
            return purpose, grant
    raise Refused("purpose_not_allowed")


def _row(ring: KeyRing, caller: Caller, review: DuplicateSummary) -> dict[str, Any]:
    """A duplicate review as it is, its persons under the caller's own ids."""
    fields = {name: getattr(review, name) for name in DuplicateSummary.model_fields}
    return fields | {"persons": _tokens(ring, caller, review.persons)}


def _view(ring: KeyRing, caller: Caller, grant: Grant, review: DuplicateDetail) -> DuplicateView:
    first, second = (_side(ring, caller, grant, state) for state in review.sides)
    return DuplicateView(
        **_row(ring, caller, review),
        sides=(first, second),
        evidence=tuple(evidence_given(grant, line) for line in review.evidence),
        history=review.history,
    )


def _side(ring: KeyRing, caller: Caller, grant: Grant, state: PersonState) -> Side:
    view = view_of(ring, caller, grant, state)
    fields = {name: getattr(view, name) for name in PersonView.model_fields}
    return Side(**fields, absorbed=_tokens(ring, caller, state.absorbed))


def evidence_given(grant: Grant, line: Evidence) -> Evidence:
    """The values too, where they are given in clear."""
    shown = (_SHOWS.get(line.field, line.field), "clear") in grant.personal
    return line if shown else line.model_copy(update={"values": ("", "")})


def _disclosed(side: Side, view: DuplicateView) -> Given:
    """By agreement, what is told of a person: by its own view, and by what was compared."""
    absorbed = ("absorbed",) if side.absorbed else ()
    return tuple((name, (*paths, *absorbed, *_compared(view))) for name, paths in side.given_by.items())


def _compared(view: DuplicateView) -> tuple[str, ...]:
    """`evidence.` where values are shown, `level.` where only how alike they are is."""
    return tuple(f"{'evidence' if any(line.values) else 'level'}.{line.field}" for line in view.evidence)


def _tokens(ring: KeyRing, caller: Caller, persons: Sequence[str]) -> tuple[str, ...]:
    return tuple(person_token(ring, caller.organisation, person) for person in persons)
