"""Persons: record a fact about one, and read what a sharing agreement gives of one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response

from chassis.security.keys import KeyRing
from contracts import exchange
from contracts.exchange import DepartureReported, PersonToken, PlacementReported, RegistrationSubmitted
from contracts.outcomes import Refused
from contracts.registry import PersonState
from services.gateway.api.caller import CallerOf
from services.gateway.api.disclosures import disclosure
from services.gateway.api.openapi import OF_FACTS, SUBMISSION, refuses
from services.gateway.api.person_view import PersonView, fields_of, view_of
from services.gateway.api.responses import IdempotencyKey, Result, response_of, writes
from services.gateway.api.submit_and_wait import Submit
from services.gateway.clients import Services
from services.gateway.domain.agreements import Agreement, Routing
from services.gateway.domain.receiver_ids import UnknownToken, person_of, person_token
from services.gateway.domain.translation import translate
from services.gateway.domain.validation import canonical
from services.gateway.store import Store
from services.gateway.tokens import DEFAULT_PURPOSE, Caller

EPISODE: dict[str, Any] = {"destination": "MY", "scheme": "p_to_p"}
REGISTRATION: dict[str, Any] = {
    "occurred_at": "2026-03-01T08:30:00+07:00",
    "person": {"full_name": "Contoh", "birth_date": "1996-04", "sex": "P", "home_regency": "33.07"},
    "episode": EPISODE,
}
FACT: dict[str, Any] = {"occurred_at": "2026-04-01", "person": {"passport": "X0000000"}}


def router(
    identify: CallerOf,
    ring: KeyRing,
    services: Services,
    submit: Submit,
    store: Store,
    agreements: Sequence[Agreement],
) -> APIRouter:
    """The routes under /v1/persons, /v1/placements and /v1/departures."""
    routes = APIRouter(prefix="/v1", tags=["persons"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.post(
        "/persons",
        summary="Register a person",
        status_code=201,
        response_model=Result,
        responses=writes(*SUBMISSION, *OF_FACTS),
    )
    async def register(
        caller: CurrentCaller, body: Annotated[RegistrationSubmitted, Body(examples=[REGISTRATION])],
        key: IdempotencyKey = None,
    ) -> Response:  # fmt: skip
        return await submit_fact(caller, body, key)

    @routes.post(
        "/placements",
        summary="Record a placement",
        status_code=201,
        response_model=Result,
        responses=writes(*SUBMISSION, *OF_FACTS),
    )
    async def place(
        caller: CurrentCaller, body: Annotated[PlacementReported, Body(examples=[FACT | EPISODE])],
        key: IdempotencyKey = None,
    ) -> Response:  # fmt: skip
        return await submit_fact(caller, body, key)

    @routes.post(
        "/departures",
        summary="Record a departure",
        status_code=201,
        response_model=Result,
        responses=writes(*SUBMISSION, *OF_FACTS),
    )
    async def depart(
        caller: CurrentCaller, body: Annotated[DepartureReported, Body(examples=[FACT | {"destination": "MY"}])],
        key: IdempotencyKey = None,
    ) -> Response:  # fmt: skip
        return await submit_fact(caller, body, key)

    async def submit_fact(caller: Caller, body: exchange.Submission, key: str | None) -> Response:
        draft = translate(body, partial(person_of, ring, caller.organisation), datetime.now(UTC))
        published = await submit(caller, draft, content=canonical(body), key=key)
        person = published.outcome.aggregate_id if published.outcome else None
        name = person_token(ring, caller.organisation, person) if person else None
        return response_of(published, "/v1/persons/{id}", name=name, created=True)

    @routes.get(
        "/persons/{person}",
        summary="A person, by the id that copies carry",
        responses=refuses("invalid_value", "not_found"),
    )
    async def get_person(caller: CurrentCaller, person: PersonToken) -> PersonView:
        """Every reading is put on record, with purpose and field names, before it is answered.

        `person` is another id than the one asked for when the two were found to be one person.
        """
        state = await _state(services, _id(ring, caller, person))
        agreement = _covering(agreements, caller, state)
        view = view_of(ring, caller, agreement, state)
        await store.disclose([disclosure(ring, caller, agreement, state.person, fields_of(view), state.asof)])
        return view

    return routes


def _id(ring: KeyRing, caller: Caller, person: str) -> str:
    try:
        return person_of(ring, caller.organisation, person)
    except UnknownToken:
        raise Refused("not_found") from None


async def _state(services: Services, person: str) -> PersonState:
    states = await services.read_persons({person: 0})
    if person not in states:
        raise Refused("not_found")
    return states[person]


def _covering(agreements: Sequence[Agreement], caller: Caller, state: PersonState) -> Agreement:
    """The agreement that covers the caller for this person and its purpose. Denied looks like not found."""
    routing = Routing(agreements, frozenset(), datetime.now(UTC).date())
    agreement = routing.covering(caller.organisation, state.facets)
    if agreement is None or caller.purpose not in (DEFAULT_PURPOSE, agreement.purpose):
        raise Refused("not_found")
    return agreement
