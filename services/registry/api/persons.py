"""Queries about persons: one, several, all of a regency, and who said what when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime

from chassis.commands.recorded_time import require_settled
from chassis.security.principal import Verifier
from contracts import authority
from contracts.commands import Principal
from contracts.model import Country, Id, Model, Moment, Regency
from contracts.outcomes import Refused
from contracts.registry import (
    Because,
    FlagCode,
    Identifiers,
    PersonPart,
    PersonResolved,
    PersonState,
    PersonStates,
    PersonsWanted,
    Status,
)
from services.registry.domain.actions import Action, Kind
from services.registry.domain.as_of import as_of
from services.registry.domain.identifiers import likely_holders
from services.registry.domain.merge_records import MergeRecord
from services.registry.domain.person import Person
from services.registry.domain.state import State
from services.registry.domain.stated import kinds_stating
from services.registry.domain.unconfirmed import UnconfirmedPart, unconfirmed_parts
from services.registry.store import Filter, Store


class PersonSummary(Model):
    """A person in a list, without personal values. `asof` is UTC."""

    person: Id
    version: int
    asof: datetime
    status: Status
    flags: tuple[FlagCode, ...]
    home_regency: Regency | None
    destination: Country | None


class PersonPage(Model):
    """Persons in the order of their ids; `after` is the cursor of the next page."""

    persons: tuple[PersonSummary, ...]
    after: str | None


class ActionView(Model):
    """One fact. `origin_person` is whom it was told of; `personal` names the personal values it brought."""

    origin_person: Id
    kind: Kind
    owner: str
    occurred: Moment
    recorded_at: datetime
    facts: dict[str, Any]
    personal: tuple[str, ...]


class MergeView(Model):
    """One merge, or its undoing. `by` is the organisation of whoever decided."""

    kind: Literal["MERGE", "UNMERGE"]
    survivor: Id
    absorbed: Id
    by: str
    because: Because
    recorded_at: datetime
    facts: dict[str, Any]


class History(Model):
    """The facts about a person, in the order in which they happened, and what was found of who it is, as recorded."""

    person: Id
    actions: tuple[ActionView, ...]
    merge_records: tuple[MergeView, ...]


def router(store: Store, verifier: Verifier) -> APIRouter:
    """The routes, for the gateway on its own account: it knows the agreements that cover whom it answers."""

    def exchange(caller: Annotated[Principal, Depends(verifier)]) -> None:
        authority.check("persons.read_all", caller)

    routes = APIRouter(prefix="/persons", tags=["persons"], dependencies=[Depends(exchange)])

    @routes.post("/read", response_model=PersonStates, summary="Persons by id, with personal values")
    async def read_persons(wanted: PersonsWanted) -> Response:
        people = await store.find_persons({person.id: person.at_least for person in wanted.persons})
        states = PersonStates(persons=_states(people, with_kinds=wanted.stated))
        return Response(states.model_dump_json(exclude_none=True), media_type="application/json")

    @routes.post(
        "/resolve", response_model_exclude_defaults=True, summary="Who carries a NIK or a passport, or who may be meant"
    )
    async def resolve_person(brought: Identifiers) -> PersonResolved:
        return _resolved(likely_holders(*await store.find_holders(brought.model_dump(exclude_none=True))))

    @routes.get("", summary="Persons of a home regency")
    async def list_persons(
        home_regency: Regency,
        destination: Country | None = None,
        status: Status | None = None,
        after: Id | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> PersonPage:
        wanted_filter = Filter(home_regency, destination, status)
        return _page(await store.list_persons(wanted_filter, after, limit + 1), limit)

    @routes.get("/{person}", response_model_exclude_none=True, summary="One person; with `asof`, as known at that time")
    async def get_person(person: Id, asof: AwareDatetime | None = None) -> PersonState:
        if asof is not None:
            return await _stated_as_of(store, person, asof)
        return stated(person, await _person(store, person))

    @routes.get("/{person}/history", summary="Who said what of a person when, without personal values")
    async def get_history(person: Id) -> History:
        return _history(await _person(store, person))

    return routes


async def _person(store: Store, person: str) -> Person:
    root = (await store.find_persons({person: 0})).get(person)
    if root is None:
        raise Refused("not_found")
    return root


def stated(requested: str, person: Person) -> PersonState:
    """A person as they are now, found under the id asked for."""
    absorbed = tuple(sorted(person.origin_persons - {person.id}))
    state = _state(requested, person.id, person.recorded_at, person.state, version=person.version, absorbed=absorbed)
    if not (parts := unconfirmed_parts(person)):
        return state
    return state.model_copy(update={"unconfirmed": tuple(_part(part) for part in parts)})


def _states(people: Mapping[str, Person], *, with_kinds: bool) -> tuple[PersonState, ...]:
    """By the ids asked for; `with_kinds`: also which kinds of fact state each value."""
    states = {requested: stated(requested, person) for requested, person in people.items()}
    if not with_kinds:
        return tuple(states.values())
    return tuple(
        states[requested].model_copy(update={"stated": kinds_stating(person.actions, person.state)})
        for requested, person in people.items()
    )


def _resolved(candidates: tuple[str, ...]) -> PersonResolved:
    if len(candidates) == 1:
        return PersonResolved(person=candidates[0])
    return PersonResolved(person=None, candidates=candidates)


def _part(part: UnconfirmedPart) -> PersonPart:
    state = part.state
    return PersonPart(facets=state.facets, personal=state.personal, stated=kinds_stating(part.actions, state))


async def _stated_as_of(store: Store, requested: str, asof: datetime) -> PersonState:
    require_settled(asof)
    past = as_of(await store.find_ever_merged(requested), requested, asof)
    if past is None:
        raise Refused("not_found")
    return _state(requested, past.person, past.recorded_at, past.state)


def _state(
    requested: str,
    person: str,
    asof: datetime,
    state: State,
    *,
    version: int | None = None,
    absorbed: tuple[str, ...] = (),
) -> PersonState:
    details = state.details
    return PersonState(
        person=person,
        requested=None if requested == person else requested,
        absorbed=absorbed,
        version=version,
        asof=asof,
        facets=state.facets,
        flags=state.flags,
        episode=state.episode,
        scheme=details.get("scheme"),
        occupation=details.get("occupation"),
        formal=details.get("formal"),
        contract_start=details.get("contract_start"),
        contract_end=details.get("contract_end"),
        identity_matched=state.identity_matched,
        personal=state.personal,
    )


def _history(root: Person) -> History:
    return History(
        person=root.id,
        actions=tuple(_action_view(action) for action in root.actions),
        merge_records=tuple(_merge_view(record) for record in root.merge_records),
    )


def _action_view(action: Action) -> ActionView:
    return ActionView(
        origin_person=action.origin_person,
        kind=action.kind,
        owner=action.owner,
        occurred=action.occurred,
        recorded_at=action.recorded_at,
        facts=dict(action.facts),
        personal=tuple(sorted(action.personal)),
    )


def _merge_view(record: MergeRecord) -> MergeView:
    return MergeView(
        kind=record.kind,
        survivor=record.survivor,
        absorbed=record.absorbed,
        by=record.by,
        because=record.because,
        recorded_at=record.recorded_at,
        facts=dict(record.facts),
    )


def _page(rows: list[Mapping[str, Any]], limit: int) -> PersonPage:
    listed = rows[:limit]
    persons = tuple(PersonSummary(person=row["_id"], asof=row["recorded_at"], **row) for row in listed)
    return PersonPage(persons=persons, after=listed[-1]["_id"] if len(rows) > limit else None)
