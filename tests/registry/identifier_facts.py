"""Facts that name a person by a NIK, a passport or both, and what is left of them when all have arrived."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any, NamedTuple

from chassis.commands.types import Command
from contracts.registry import Identifiers, PlacementDetails
from services.registry.commands import LoadedBatch
from services.registry.domain.person import Person
from services.registry.domain.state import State
from tests.registry.builders import (
    KP2MI,
    NOW,
    carry_out,
    command,
    departure,
    known,
    person,
    placement,
    registration,
    workspace,
)

DISNAKER = "33.07-DISNAKER"
ANOTHER = "Z0000002"
HER = {"full_name": "Sulastri", "birth_date": "1998-12-05"}
OTHER = {"full_name": "Dewi", "birth_date": "1991-03-04"}


def registers(nik: str | None, passport: str | None = None, **changes: Any) -> Command:
    by, number = changes.pop("by", KP2MI), changes.pop("number", None)
    return command(registration(), person(nik=nik, passport=passport, **(HER | changes)), by=by, number=number)


def places(nik: str | None, passport: str | None = None, number: int | None = None) -> Command:
    return command(placement(), PlacementDetails(nik=nik, passport=passport), number=number)


def crosses(passport: str | None, nik: str | None = None, number: int | None = None, **changes: Any) -> Command:
    return command(departure(**changes), Identifiers(nik=nik, passport=passport), number=number)


class End(NamedTuple):
    """What is left of order of arrival: who is who, what is known of each, and which pairs stewards are asked about.

    Ownership apart, and what only the owner's registration tells.
    """

    persons: dict[frozenset[str], Any]
    asked: frozenset[frozenset[frozenset[str]]]


def arrive(commands: Sequence[Command]) -> LoadedBatch:
    """One after the other."""
    work = workspace(commands)
    for second, one in enumerate(commands):
        carry_out(work, one, NOW + timedelta(seconds=second))
    return work


def facts_of(one: Person, origin: str | None = None) -> frozenset[str]:
    return frozenset(
        action.command_id
        for action in one.actions
        if action.kind not in ("SHARED", "DECISION") and origin in (None, action.origin_person)
    )


def end_of(work: LoadedBatch) -> End:
    people = [one for one in work.persons.values() if isinstance(one, Person)]
    asked = {
        frozenset(facts_of(known(work, origin), origin) for origin in review.persons)
        for review in work.reviews.values()
        if review.decision is None
    }
    return End({facts_of(one): without_owner(one.state) for one in people}, frozenset(asked))


def without_owner(state: State) -> Any:
    facets = state.facets
    return state.flags, facets.home_regency, facets.destination, facets.status, state.details, state.personal


def only_end(stated: Iterable[Command]) -> End:
    """The end of all orders, which is one."""
    ends = [end_of(arrive(arrival)) for arrival in permutations(stated)]
    for end in ends:
        assert end == ends[0]
    return ends[0]
