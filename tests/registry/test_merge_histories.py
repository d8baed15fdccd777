"""Whatever is merged and taken apart in whatever order: each is what it would be had the merge never been."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.commands.types import Applied, Command
from contracts.registry import (
    Identifiers,
    PersonMerged,
    PersonRestated,
    PersonUnmerged,
    PlacementDetails,
)
from services.registry.commands import Draft, LoadedBatch
from services.registry.domain.actions import Action
from services.registry.domain.as_of import as_of
from services.registry.domain.person import Person, Redirect
from services.registry.domain.state import State, fold, in_order
from tests.registry.builders import (
    NIK,
    NOW,
    OTHER_NIK,
    PASSPORT,
    carry_out,
    command,
    departure,
    identity,
    known,
    merging,
    person,
    placement,
    registration,
    unmerging,
    workspace,
)
from tests.registry.merges import SECOND

# two worlds: one with merges, one where nobody ever thought of merging
AFTERWARDS = SECOND / 2
"""What one command changes of several persons is recorded within a few milliseconds."""
MERGE, UNMERGE, NAMED = "merge", "unmerge", "named"


Step = Command | tuple[str, int, int]


moments = st.sampled_from(["2026", "2026-01", "2026-01-10T09:00:00+07:00", "2026-02-01", "2026-03-02T08:00:00+07:00"])


numbers = st.fixed_dictionaries(
    {"nik": st.sampled_from([NIK, OTHER_NIK, None]), "passport": st.sampled_from([PASSPORT, "Z0000002", None])}
)


someone = st.builds(
    lambda given, born, sex: person(**given, birth_date=born, sex=sex),
    numbers,
    st.sampled_from(["1998-12-05", "1980-01-01"]),
    st.sampled_from(["P", "L"]),
)


identified = numbers.filter(lambda given: any(given.values()))


countries = st.sampled_from(["HK", "MY"])


facts = st.one_of(
    st.tuples(st.builds(registration, moments, destination=countries), someone),
    st.tuples(st.builds(identity, moments, matched=st.booleans()), identified.map(lambda n: Identifiers(**n))),
    st.tuples(st.builds(placement, moments, destination=countries), identified.map(lambda n: PlacementDetails(**n))),
    st.tuples(st.builds(departure, moments, destination=countries), identified.map(lambda n: Identifiers(**n))),
)


indexes = st.integers(0, 5)


steps = st.lists(
    st.one_of(
        facts,
        facts,
        st.tuples(st.sampled_from([MERGE, MERGE, UNMERGE]), indexes, indexes),
        st.tuples(st.just(NAMED), indexes),
    ),
    min_size=8,
    max_size=20,
).map(lambda drawn: [_step(number, one) for number, one in enumerate(drawn)])


def _step(number: int, drawn: Any) -> Step:
    if drawn[0] == NAMED:
        return NAMED, drawn[1], number
    return drawn if drawn[0] in (MERGE, UNMERGE) else command(*drawn, number=number)


def of_facts(drawn: Iterable[Step]) -> list[Command]:
    return [one for one in drawn if isinstance(one, Command)]


@dataclass
class World:
    """A registry in which time goes on by `clock` at each step. `told` has the state under every id after each step."""

    work: LoadedBatch
    clock: timedelta = SECOND
    applied: list[Applied[Draft]] = field(default_factory=list)
    told: list[dict[str, tuple[str, State]]] = field(default_factory=list)

    def take(self, one: Command) -> None:
        self.applied.append(carry_out(self.work, one, NOW + len(self.applied) * self.clock))
        found = {origin: known(self.work, origin) for origin in self.work.persons}
        self.told.append({origin: (root.id, root.state) for origin, root in found.items()})

    def tell(self, nth: int, number: int) -> None:
        """A departure of the nth person, named by its id."""
        if ids := list(self.work.persons):
            self.take(command(departure(person=ids[nth % len(ids)]), None, number=number))

    def merge_or_unmerge(self, kind: str, first: int, second: int) -> None:
        """Merge the nth person with another, or take it away from whom it was merged with, where that is possible."""
        ids = list(self.work.persons)
        if not ids:
            return
        one, other = ids[first % len(ids)], ids[(first + 1 + second) % len(ids)]
        if kind == MERGE:
            self.take(command(merging(one, other)))
        elif isinstance(self.work.persons[one], Redirect):
            self.take(command(unmerging(one)))

    def part_all(self) -> None:
        """Undo every merge that stands, in the order of ids."""
        while absorbed := sorted(one.id for one in self.work.persons.values() if isinstance(one, Redirect)):
            self.take(command(unmerging(absorbed[0])))

    @property
    def people(self) -> list[Person]:
        return [one for one in self.work.persons.values() if isinstance(one, Person)]


def a_world(drawn: list[Step], *, merges: bool = True, clock: timedelta = SECOND) -> World:
    world = World(workspace(of_facts(drawn)), clock)
    for one in drawn:
        if isinstance(one, Command):
            world.take(one)
        elif one[0] == NAMED:
            world.tell(*one[1:])
        elif merges:
            world.merge_or_unmerge(*one)
    return world


def apart(world: World) -> dict[str, list[Action]]:
    """The facts of each origin person."""
    facts: dict[str, list[Action]] = {}
    for one in world.people:
        for action in one.actions:
            facts.setdefault(action.origin_person, []).append(action)
    return facts


def told_of(world: World) -> dict[str, tuple[State, list[Any]]]:
    """What each origin person is alone: everything but the times of recording, which tell when the platform learned of
    it."""
    return {
        origin: (fold(actions), [replace(action, recorded_at=NOW) for action in actions])
        for origin, actions in apart(world).items()
    }


@given(steps)
@settings(max_examples=300, deadline=None)
def test_after_an_unmerge_each_is_what_it_would_be_had_the_merge_never_been(drawn: list[Step]) -> None:
    world = a_world(drawn)
    world.part_all()
    never = a_world(drawn, merges=False)
    assert all(one.origin_persons == {one.id} for one in world.people)
    assert told_of(world) == told_of(never)
    assert world.work.entries == never.work.entries


@given(steps)
@settings(deadline=None)
def test_whoever_is_one_has_the_state_that_all_facts_about_them_amount_to(drawn: list[Step]) -> None:
    world, never = a_world(drawn), a_world(drawn, merges=False)
    facts = apart(never)
    for together in world.people:
        actions = in_order(action for origin in together.origin_persons for action in facts[origin])
        assert together.state == fold(actions)
    assert sorted(origin for one in world.people for origin in one.origin_persons) == sorted(facts)


@given(steps)
@settings(deadline=None)
def test_what_was_known_under_an_id_is_what_was_told_at_the_time(drawn: list[Step]) -> None:
    world = a_world(drawn)
    for second, told in enumerate(world.told):
        for origin in world.work.persons:
            found = as_of(world.people, origin, NOW + second * SECOND + AFTERWARDS)
            assert (found and (found.person, found.state)) == told.get(origin)


@given(steps)
@settings(deadline=None)
def test_events_of_each_are_numbered_without_a_gap_and_stop_while_it_is_absorbed(drawn: list[Step]) -> None:
    world = a_world(drawn)
    world.part_all()
    emitted = [one for each in world.applied for one in each.events]
    for origin, stored in world.work.persons.items():
        own = [one for one in emitted if one.key == origin]
        assert [one.sequence for one in own] == list(range(1, stored.version + 1))
        silent = [isinstance(one.event, PersonMerged) and one.event.role == "absorbed" for one in own[:-1]]
        returns = [isinstance(one.event, PersonUnmerged) and one.event.role == "absorbed" for one in own[1:]]
        assert silent == returns
        assert not own or own[-1].event.facets == world.work.root(origin).state.facets  # type: ignore[union-attr,attr-defined]


@given(steps)
@settings(deadline=None)
def test_recording_times_of_each_grow_even_when_the_clock_does_not(drawn: list[Step]) -> None:
    world = a_world(drawn, clock=0 * SECOND)
    world.part_all()
    emitted = [one for each in world.applied for one in each.events]
    for origin in world.work.persons:
        times = [one.recorded for one in emitted if one.key == origin and not isinstance(one.event, PersonRestated)]
        assert times == sorted(set(times))
