"""Persons, and what a sharing agreement gives of one."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends

from chassis.security.keys import KeyRing
from contracts.exchange import PersonToken
from contracts.outcomes import Refused
from contracts.registry import PersonState
from services.gateway.api.caller import CallerOf
from services.gateway.api.disclosures import disclosures
from services.gateway.api.openapi import refuses
from services.gateway.api.person_view import PersonView, given_in, view_of
from services.gateway.clients import Services
from services.gateway.domain.grants import Grant
from services.gateway.domain.receiver_ids import UnknownToken, person_of_any
from services.gateway.domain.routing import Routing
from services.gateway.store import Store
from services.gateway.tokens import Caller


def router(
    identify: CallerOf, ring: KeyRing, services: Services, store: Store, routing: Callable[[], Routing]
) -> APIRouter:
    """The routes that read /v1/persons."""
    routes = APIRouter(prefix="/v1", tags=["persons"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.get(
        "/persons/{person}",
        summary="A person, by the id that copies carry",
        responses=refuses("invalid_value", "purpose_not_allowed", "not_found"),
    )
    async def get_person(caller: CurrentCaller, person: PersonToken) -> PersonView:
        """What the agreements of your token's purpose give. Every reading is put on record, with purpose and field
        names, before it is answered.

        `person` is another id than the one asked for when the two were found to be one person.
        """
        assert caller.purpose is not None  # nobody is let in without
        state = await _state(services, _id(ring, caller, person))
        view = view_of(ring, caller, _grant(routing(), caller, state), state)
        owner = state.facets.owner
        await store.disclose(disclosures(ring, caller, caller.purpose, state.person, given_in(view), state.asof, owner))
        return view

    return routes


def _id(ring: KeyRing, caller: Caller, person: str) -> str:
    try:
        return person_of_any(ring, caller.stands_for, person)
    except UnknownToken:
        raise Refused("not_found") from None


async def _state(services: Services, person: str) -> PersonState:
    states = await services.read_persons({person: 0}, stated=True)
    if person not in states:
        raise Refused("not_found")
    return states[person]


def _grant(routing: Routing, caller: Caller, state: PersonState) -> Grant:
    """What covers the caller for this person and the token's purpose. Denied looks like not found."""
    grant = routing.reading(caller.organisation, caller.purpose, state.facets)
    if not grant.agreements:
        raise Refused("not_found")
    return grant
