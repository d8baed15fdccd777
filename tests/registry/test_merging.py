"""Merge and unmerge: what each is afterwards is what it would be had the merge never been."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.commands.types import Applied, Command
from contracts.commands import Principal
from contracts.outcomes import Refused
from contracts.registry import (
    DecideDuplicate,
    Identifiers,
    PersonMerged,
    PersonRestated,
    PersonUnmerged,
    PlacementDetails,
)
from services.registry.commands import Draft, LoadedBatch
from services.registry.domain import duplicates
from services.registry.domain import merging as domain
from services.registry.domain.as_of import as_of
from services.registry.domain.authority import RULE
from services.registry.domain.comparison import Likeness
from services.registry.domain.person import Person, Redirect
from services.registry.domain.size_bounds import MAX_FACTS
from services.registry.domain.state import State, fold, in_order
from tests.registry.builders import (
    KP2MI,
    NIK,
    NOW,
    OTHER_NIK,
    PASSPORT,
    STEWARD,
    carry_out,
    command,
    command_id,
    departure,
    flags,
    hashed,
    identity,
    known,
    merging,
    person,
    placement,
    registration,
    unmerging,
    workspace,
)

SECOND = timedelta(seconds=1)


def people_of(*commands: Command) -> tuple[LoadedBatch, list[str]]:
    """A registry, and whom each fact was about; the first was recorded first."""
    work, first = workspace(commands), NOW - timedelta(hours=1)
    applied = [carry_out(work, one, first + number * SECOND) for number, one in enumerate(commands)]
    return work, [one.aggregate_id for one in applied]


def two_people() -> tuple[LoadedBatch, list[str]]:
    """Two registrations without anything in common, the first known first."""
    return people_of(
        command(registration(), person(nik=None, passport="Z0000003")),
        command(registration(destination="MY"), person(nik=None, passport="Z0000004")),
    )


def merged() -> tuple[LoadedBatch, list[str]]:
    """Two persons, the second absorbed by the first."""
    work, (one, other) = two_people()
    carry_out(work, command(merging(one, other)), NOW)
    return work, [one, other]


def refusal(work: LoadedBatch, body: Any, **given: Any) -> list[tuple[str, str]]:
    """Codes and pointers of a refusal, which leaves everything as it was."""
    before = dict(work.persons), dict(work.entries), dict(work.reviews)
    with pytest.raises(Refused) as refused:
        carry_out(work, command(body, **given), NOW)
    assert (dict(work.persons), dict(work.entries), dict(work.reviews)) == before
    return [(problem.code, problem.pointer) for problem in refused.value.problems]


# -- two worlds: one with merges, one where nobody ever thought of merging

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


def told_of(one: Person) -> tuple[State, list[Any]]:
    """Everything but the times of recording, which tell when the platform learned of it."""
    return one.state, [replace(action, recorded_at=NOW) for action in one.actions]


@given(steps)
@settings(max_examples=300, deadline=None)
def test_after_an_unmerge_each_is_what_it_would_be_had_the_merge_never_been(drawn: list[Step]) -> None:
    world = a_world(drawn)
    world.part_all()
    never = a_world(drawn, merges=False)
    assert {one.id: told_of(one) for one in world.people} == {one.id: told_of(one) for one in never.people}
    assert world.work.entries == never.work.entries


@given(steps)
@settings(deadline=None)
def test_whoever_is_one_has_the_state_that_all_facts_about_them_amount_to(drawn: list[Step]) -> None:
    world, never = a_world(drawn), a_world(drawn, merges=False)
    apart = {one.id: one.actions for one in never.people}
    for together in world.people:
        actions = in_order(action for origin in together.origin_persons for action in apart[origin])
        assert together.state == fold(actions)
    assert sorted(origin for one in world.people for origin in one.origin_persons) == sorted(apart)


@given(steps)
@settings(deadline=None)
def test_what_was_known_under_an_id_is_what_was_told_at_the_time(drawn: list[Step]) -> None:
    world = a_world(drawn)
    for second, told in enumerate(world.told):
        for origin in world.work.persons:
            found = as_of(world.people, origin, NOW + second * SECOND)
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
        assert own[-1].event.facets == world.work.root(origin).state.facets  # type: ignore[union-attr,attr-defined]


@given(steps)
@settings(deadline=None)
def test_recording_times_of_each_grow_even_when_the_clock_does_not(drawn: list[Step]) -> None:
    world = a_world(drawn, clock=0 * SECOND)
    world.part_all()
    emitted = [one for each in world.applied for one in each.events]
    for origin in world.work.persons:
        times = [one.recorded for one in emitted if one.key == origin and not isinstance(one.event, PersonRestated)]
        assert times == sorted(set(times))


# -- who decides


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (STEWARD, True),
        (Principal(organisation="KEMENDAGRI", user="u-1", roles=("identity_steward",)), True),
        (RULE, False),
        (Principal(organisation="KP2MI", user="u-1", roles=("duty_officer",)), False),
        (Principal(organisation="KP2MI", roles=("identity_steward",)), False),
        (Principal(organisation="KEMLU", user="u-1", roles=("identity_steward",)), False),
        (Principal(organisation="BPS", roles=("registry_rule",)), False),
    ],
)
def test_stewards_of_two_institutions_decide(who: Principal, may: bool) -> None:
    work, (one, other) = two_people()
    for body in (merging(one, other), unmerging(other)):
        if may:
            assert carry_out(work, command(body, by=who), NOW).events
        else:
            assert refusal(work, body, by=who) == [("not_permitted", "")]


def test_what_cannot_be_merged_or_taken_apart_is_refused() -> None:
    work, (one, other) = two_people()
    unknown = command_id(1)
    assert refusal(work, merging(one, unknown)) == [("not_found", "/persons/1")]
    assert refusal(work, merging(one, other, survivor=unknown)) == [("invalid_value", "/survivor")]
    assert refusal(work, unmerging(other)) == [("not_merged", "/person")]
    assert refusal(work, unmerging(unknown)) == [("not_found", "/person")]


def test_a_decision_rests_on_the_version_that_was_seen() -> None:
    work, (one, other) = two_people()
    read = known(work, one).recorded_at, known(work, other).recorded_at
    carry_out(work, command(departure(person=other), None), NOW - timedelta(minutes=1))
    assert refusal(work, merging(one, other, asof=read)) == [("version_conflict", "")]
    read = known(work, one).recorded_at, known(work, other).recorded_at
    assert refusal(work, merging(other, one, asof=read)) == [("version_conflict", "")]
    carry_out(work, command(merging(one, other, asof=read)), NOW)
    assert refusal(work, unmerging(other, asof=read[0])) == [("version_conflict", "")]
    assert carry_out(work, command(unmerging(other, asof=known(work, other).recorded_at)), NOW).aggregate_id == other
    assert refusal(work, unmerging(other, asof=read[0])) == [("not_merged", "/person")]


def test_what_is_one_already_stays_so_without_an_event() -> None:
    work, (one, other) = merged()
    third = carry_out(work, command(registration(), person(nik=None, passport=None)), NOW).aggregate_id
    carry_out(work, command(merging(third, other)), NOW)
    for pair in ((one, other), (other, one), (other, third), (one, one)):
        applied = carry_out(work, command(merging(*pair, asof=(NOW, NOW))), NOW)
        assert (applied.aggregate_id, applied.version, applied.events) == (one, 3, ())


def test_two_persons_of_more_facts_than_fit_stay_two() -> None:
    work, (one, other) = two_people()
    long_known = known(work, one)
    work.persons.put(replace(long_known, actions=long_known.actions * (MAX_FACTS - 1)))
    assert refusal(work, merging(one, other)) == [("too_many_facts", "")]
    work.persons.put(replace(long_known, actions=long_known.actions * (MAX_FACTS - 2)))
    assert carry_out(work, command(merging(one, other)), NOW).events


def test_a_decision_refused_after_it_closed_the_review_leaves_review_and_persons_as_they_were() -> None:
    work, (one, other) = two_people()
    long_known = known(work, one)
    work.persons.put(replace(long_known, actions=long_known.actions * MAX_FACTS))
    event = duplicates.Event("OPENED", NOW, command_id(1), KP2MI, None, "rule")
    review = duplicates.opened((one, other), Likeness(3.0, 0.9, "review"), "model", None, (), event)
    work.reviews.put(review)
    same = DecideDuplicate(duplicate=review.id, decision="same", reason="other")
    assert refusal(work, same) == [("too_many_facts", "")]


def test_what_a_command_changed_is_nowhere_until_it_is_applied() -> None:
    work, (one, other) = two_people()
    before = dict(work.persons), dict(work.entries)
    draft = Draft(work)
    draft.persons.put(replace(known(work, one), version=7), replace(known(work, other), version=8))
    draft.add_holder(one, {"passport": "Z0000004"})
    assert (dict(work.persons), dict(work.entries)) == before
    work.apply(draft)
    assert (known(work, one).version, known(work, other).version) == (7, 8)
    assert work.entries[hashed("passport", "Z0000004")].persons == (other, one)


# -- who stays


def test_verified_identity_stays_then_documents_then_who_was_known_first() -> None:
    work, ids = people_of(
        command(registration(), person(nik=None, passport=None)),
        command(registration(), person(nik=OTHER_NIK, passport=None)),
        command(departure(), Identifiers(passport="Z0000009")),
        command(identity(), Identifiers(nik=NIK)),
    )
    for weaker, stronger in pairwise(known(work, one) for one in ids):
        assert domain.survivor_of(weaker, stronger) == domain.survivor_of(stronger, weaker) == (stronger, weaker)


def test_of_equals_who_was_known_first_stays_unless_a_steward_says_otherwise() -> None:
    for chosen in (None, 0, 1):
        work, people = two_people()
        survivor = None if chosen is None else people[chosen]
        applied = carry_out(work, command(merging(*people[::-1], survivor=survivor)), NOW)
        assert applied.aggregate_id == people[chosen or 0]


# -- what it means


def test_an_identifier_carried_by_one_person_twice_is_not_shared_until_they_are_two_again() -> None:
    work, (one, other) = people_of(
        command(registration()), command(registration(), person(passport=None, birth_date="1980-01-01", sex="L"))
    )
    assert "identifier_shared" in flags(known(work, other))
    carry_out(work, command(merging(one, other)), NOW)
    assert "identifier_shared" not in flags(known(work, other))
    carry_out(work, command(unmerging(other)), NOW)
    assert ["identifier_shared" in flags(known(work, each)) for each in (one, other)] == [False, True]


def test_a_fact_about_the_absorbed_is_the_survivors_and_goes_back_with_it() -> None:
    work, (one, other) = merged()
    applied = carry_out(work, command(departure(person=other), None), NOW)
    assert (applied.aggregate_id, known(work, one).state.status) == (one, "P1_DEPARTED")
    assert [emitted.key for emitted in applied.events] == [one]
    carry_out(work, command(unmerging(other)), NOW)
    assert [known(work, each).state.status for each in (one, other)] == ["C1_REGISTERED", "P1_DEPARTED"]


def test_a_merge_changes_nothing_of_whom_the_next_record_is_about() -> None:
    """The man's values are the newest, and yet the woman is found by hers."""
    she, he = person(passport=None), person(nik=None, passport=PASSPORT, birth_date="1980-01-01", sex="L")
    work, (woman, man) = people_of(command(registration(), she), command(registration("2026-01-20"), he))
    carry_out(work, command(merging(woman, man)), NOW)
    assert known(work, woman).state.personal["sex"] == "L"
    carry_out(work, command(registration("2026-01-30"), she), NOW)
    carry_out(work, command(unmerging(man)), NOW)
    assert [len(known(work, each).actions) for each in (woman, man)] == [2, 1]


def test_an_inner_merge_is_undone_while_the_outer_one_stands() -> None:
    inner = command(registration(), person(nik=None)), command(registration(), person(nik=None, passport=None))
    work, (one, other, outer) = people_of(*inner, command(identity(), Identifiers(nik=OTHER_NIK)))
    carry_out(work, command(merging(one, other)), NOW)
    carry_out(work, command(merging(one, outer)), NOW)
    assert [known(work, each).id for each in (one, other)] == [outer, outer]
    applied = carry_out(work, command(unmerging(other)), NOW)
    assert [known(work, each).id for each in (one, other)] == [outer, other]
    told = [emitted.event for emitted in applied.events if isinstance(emitted.event, PersonUnmerged)]
    assert [(event.person, event.other) for event in told] == [(outer, other), (other, outer)]
    carry_out(work, command(unmerging(one)), NOW)
    assert known(work, one).origin_persons == {one}
    assert [(record.kind, record.absorbed) for record in known(work, one).merge_records] == [
        ("MERGE", other), ("MERGE", one), ("UNMERGE", other), ("UNMERGE", one)
    ]  # fmt: skip


def test_a_duplicate_review_finds_its_merge_as_long_as_it_stands() -> None:
    work, (one, other) = two_people()
    review = command_id(7)
    carry_out(work, command(merging(one, other, duplicate=review)), NOW)
    assert domain.merged_for(known(work, one), review) == other
    carry_out(work, command(unmerging(other)), NOW)
    assert domain.merged_for(known(work, one), review) is None


# -- what is announced


def test_both_persons_are_told_of_with_what_they_are_now_and_were_before() -> None:
    work, (one, other) = two_people()
    before = [known(work, each).state.facets for each in (one, other)]
    applied = carry_out(work, command(merging(one, other)), NOW)
    now = known(work, one).state
    first, second = (emitted.event for emitted in applied.events)
    assert isinstance(first, PersonMerged)
    assert isinstance(second, PersonMerged)
    assert [(each.person, each.other, each.role) for each in (first, second)] == [
        (one, other, "survivor"), (other, one, "absorbed")
    ]  # fmt: skip
    assert [each.facets for each in (first, second)] == [now.facets, now.facets]
    assert (second.facets_before, first.because) == (before[1], "steward")
    assert [(emitted.key, emitted.sequence) for emitted in applied.events] == [(one, 2), (other, 2)]


def test_the_join_says_who_decided_why() -> None:
    work, (one, other) = two_people()
    carry_out(work, command(merging(one, other, reason="confirmed_by_person")), NOW)
    (record,) = known(work, one).merge_records
    assert (record.by, record.because, dict(record.facts)) == ("KP2MI", "steward", {"reason": "confirmed_by_person"})
