"""Facts that name a person by different identifiers end in the same persons, in whatever order they arrive."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chassis.commands.overlay import Overlay
from chassis.commands.types import Command
from contracts.registry import DecideDuplicate, DuplicateOpened, Identifiers, PlacementDetails
from services.registry.commands import LoadedBatch
from services.registry.domain.person import Person
from services.registry.domain.state import State
from services.registry.domain.unconfirmed import unconfirmed_parts
from simulation.scenario.people import make_nik
from tests.registry.builders import (
    BORN,
    KP2MI,
    NIK,
    NOW,
    OTHER_NIK,
    PASSPORT,
    carry_out,
    command,
    departure,
    flags,
    identity,
    known,
    merging,
    person,
    placement,
    registration,
    unmerging,
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


def test_registration_placement_and_departure_are_of_one_person_in_all_six_orders() -> None:
    end = only_end([registers(NIK), places(NIK, PASSPORT), crosses(PASSPORT)])
    ((raised, _, _, status, *_),) = end.persons.values()
    assert (len(end.persons), status) == (1, "P1_DEPARTED")
    assert [flag.code for flag in raised] == ["nik_unverified"]
    assert end.asked == frozenset()


def test_two_women_with_one_mistyped_passport_stay_two_and_a_steward_is_asked() -> None:
    stated = [registers(NIK, PASSPORT), registers(OTHER_NIK, PASSPORT, **OTHER), crosses(PASSPORT)]
    end = only_end(stated)
    assert set(end.persons) == {frozenset({one.id}) for one in stated}
    assert len(end.asked) == 3
    assert all("identifier_shared" in [flag.code for flag in state[0]] for state in end.persons.values())


def test_a_later_difference_parts_whom_a_record_had_joined() -> None:
    hers, passport, crossing = registers(NIK), places(NIK, PASSPORT), crosses(PASSPORT)
    work = arrive([hers, passport, crossing, wrong := places(OTHER_NIK, PASSPORT)])
    assert end_of(work) == only_end([hers, passport, crossing, wrong])
    assert frozenset({crossing.id}) in end_of(work).persons
    assert known(work, next(iter(work.persons))).state.status == "C4_PLACEMENT_AGREED"


def test_a_second_registration_parts_them_and_asks() -> None:
    stated = [places(NIK, PASSPORT), registers(None, PASSPORT), registers(NIK)]
    joined = end_of(arrive(stated[:2]))
    assert [len(facts) for facts in joined.persons] == [2]
    end = only_end(stated)
    assert set(end.persons) == {frozenset({stated[0].id, stated[2].id}), frozenset({stated[1].id})}
    assert len(end.asked) == 1


def test_two_passports_do_not_bring_two_registrations_together() -> None:
    stated = [places(NIK, PASSPORT), places(NIK, ANOTHER), registers(None, PASSPORT), registers(None, ANOTHER, **OTHER)]
    assert sorted(len(facts) for facts in only_end(stated).persons) == [1, 1, 2]


def test_what_the_owner_of_the_passport_says_stands_against_who_only_claims_it() -> None:
    stated = [registers(NIK), crosses(PASSPORT, NIK), crosses(PASSPORT), places(OTHER_NIK, PASSPORT)]
    end = only_end(stated)
    assert frozenset(one.id for one in stated[:3]) in end.persons
    assert len(end.asked) == 2


def test_an_offered_registration_joins_nobody_to_her() -> None:
    work = arrive([registers(NIK), registers(NIK, PASSPORT, by=DISNAKER), crosses(PASSPORT, destination="KH")])
    assert sorted(len(facts) for facts in end_of(work).persons) == [1, 2]
    assert end_of(work).asked == frozenset()


def test_of_two_holders_of_one_number_both_are_flagged() -> None:
    stranger = command(registration(), person(passport=None, full_name="Budi", birth_date="1980-01-01", sex="L"))
    for arrival in permutations([registers(NIK), stranger]):
        assert all("identifier_shared" in flags(one) for one in arrive(arrival).persons.values())  # type: ignore[arg-type]


def test_of_a_join_both_are_told_and_of_its_undoing_too() -> None:
    stated = [registers(NIK), crosses(PASSPORT), places(NIK, PASSPORT), places(OTHER_NIK, PASSPORT)]
    work = workspace(stated)
    told = [
        [type(emitted.event).__name__ for emitted in carry_out(work, one, NOW + timedelta(seconds=n)).events]
        for n, one in enumerate(stated)
    ]
    assert told[2] == ["PlacementRecorded", "PersonMerged", "PersonMerged"]
    assert told[3][:3] == ["PlacementRecorded", "PersonUnmerged", "PersonUnmerged"]
    assert told[3].count("DuplicateOpened") == 3
    assert all("identifier_shared" in flags(one) for one in work.persons.values() if isinstance(one, Person))


def test_until_the_owner_of_the_passport_confirms_a_join_its_parts_are_told_apart() -> None:
    stated = [registers(NIK), places(NIK, PASSPORT), crosses(PASSPORT, destination="KH")]
    work = arrive(stated)
    (one,) = [found for found in work.persons.values() if isinstance(found, Person)]
    parts = unconfirmed_parts(one)
    assert [(part.state.facets.destination, part.state.personal.get("nik")) for part in parts] == [
        ("HK", NIK), ("KH", None)
    ]  # fmt: skip
    assert one.state.facets.destination == "KH"
    confirmed = arrive([*stated, crosses(PASSPORT, NIK)])
    (one,) = [found for found in confirmed.persons.values() if isinstance(found, Person)]
    assert unconfirmed_parts(one) == ()


def test_what_a_steward_took_apart_no_passport_joins_again() -> None:
    work = arrive([registers(NIK), crosses(PASSPORT), places(NIK, PASSPORT)])
    (absorbed,) = [name for name, one in work.persons.items() if not isinstance(one, Person)]
    carry_out(work, command(unmerging(absorbed)), NOW)
    carry_out(work, crosses(PASSPORT), NOW)
    assert sorted(len(facts) for facts in end_of(work).persons) == [2, 2]


def test_a_steward_says_that_the_doubtful_two_are_one() -> None:
    work = arrive([registers(NIK, PASSPORT), registers(None, PASSPORT)])
    (review,) = work.reviews.values()
    assert review.hold == "identifier"
    carry_out(work, command(DecideDuplicate(duplicate=review.id, decision="same", reason="same_documents")), NOW)
    assert [len(facts) for facts in end_of(work).persons] == [2]


# -- any facts, any order, any batches, several processes

Making = tuple[Callable[..., Command], tuple[str | None, str | None]]
STATED: st.SearchStrategy[Making] = st.sampled_from(
    [
        (registers, (NIK, None)), (registers, (NIK, PASSPORT)), (registers, (OTHER_NIK, PASSPORT)),
        (registers, (OTHER_NIK, ANOTHER)), (registers, (None, PASSPORT)), (registers, (None, ANOTHER)),
        (places, (NIK, PASSPORT)), (places, (OTHER_NIK, PASSPORT)), (places, (NIK, ANOTHER)),
        (places, (None, PASSPORT)), (places, (NIK, None)), (crosses, (PASSPORT, None)), (crosses, (ANOTHER, None)),
        (crosses, (PASSPORT, NIK)),
        (crosses, (ANOTHER, OTHER_NIK)),
    ]
)  # fmt: skip
Orders = tuple[list[Command], list[Command]]


def numbered(drawn: Iterable[Making]) -> list[Command]:
    return [make(*given, number=number) for number, (make, given) in enumerate(drawn)]


lives = st.lists(STATED, min_size=2, max_size=7).map(numbered)
arrivals = lives.flatmap(lambda stated: st.tuples(st.just(stated), st.permutations(stated)))
sizes_of_batches = st.lists(st.integers(1, 3), min_size=7, max_size=7)
places_of_decisions = st.tuples(st.integers(0, 7), st.integers(0, 7))


def last_two_exchanged(*drawn: Making) -> Orders:
    stated = numbered(drawn)
    return stated, [*stated[:-2], stated[-1], stated[-2]]


CONFIRMED_LATE = last_two_exchanged(
    (registers, (None, PASSPORT)), (places, (OTHER_NIK, PASSPORT)), (crosses, (PASSPORT, NIK))
)
CONFIRMED_BEHIND_A_CROSSING = last_two_exchanged(
    (registers, (NIK, None)), (places, (NIK, ANOTHER)), (crosses, (ANOTHER, None)), (crosses, (ANOTHER, OTHER_NIK))
)
CONFIRMED_BEHIND_A_PLACEMENT = last_two_exchanged(
    (registers, (OTHER_NIK, PASSPORT)), (places, (None, PASSPORT)), (crosses, (PASSPORT, NIK))
)

the_same_every_time = settings(max_examples=120, deadline=None, derandomize=True)
at_random = settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("orders", [CONFIRMED_LATE, CONFIRMED_BEHIND_A_CROSSING, CONFIRMED_BEHIND_A_PLACEMENT])
def test_whom_the_owner_names_last_parts_who_was_joined_before(orders: Orders) -> None:
    """The owner of the passport names it with a NIK that is new: nobody else's claim stands from then on."""
    end = only_end(orders[0])
    (confirmed,) = [facts for facts in end.persons if orders[0][-1].id in facts]
    (claimed,) = [state for facts, state in end.persons.items() if facts != confirmed]
    assert len(end.persons) == 2
    assert "identifier_shared" in [flag.code for flag in claimed[0]]
    assert end.asked


def test_whom_the_owner_names_last_is_never_part_of_who_was_joined_before() -> None:
    stated = CONFIRMED_LATE[0]
    work = arrive(stated[:-1])
    work.entry_ids = workspace(stated).entry_ids
    joined = set(work.persons)
    first, *others = carry_out(work, stated[-1], NOW + timedelta(days=1)).events
    assert first.key not in joined
    assert [type(emitted.event).__name__ for emitted in others[:4]] == [
        "PersonUnmerged", "PersonUnmerged", "PersonMerged", "PersonMerged"
    ]  # fmt: skip


def end_alike_in_any_order(orders: Orders) -> None:
    one, other = (end_of(arrive(commands)) for commands in orders)
    assert one == other


@given(arrivals)
@example(CONFIRMED_LATE)
@example(CONFIRMED_BEHIND_A_CROSSING)
@the_same_every_time
def test_facts_of_any_identifiers_end_alike_in_whatever_order_they_arrive(orders: Orders) -> None:
    end_alike_in_any_order(orders)


@pytest.mark.nightly
@given(arrivals)
@at_random
def test_facts_drawn_at_random_end_alike_in_whatever_order_they_arrive(orders: Orders) -> None:
    end_alike_in_any_order(orders)


class Process:
    """One of several that share what is stored: decides a batch on what it loaded, and again when it lost a race."""

    def __init__(self, stored: LoadedBatch) -> None:
        self.stored = stored
        self.loaded = self._load()

    def _load(self) -> LoadedBatch:
        stored = self.stored
        return LoadedBatch(
            stored.entry_ids,
            Overlay(dict(stored.entries)),
            Overlay(dict(stored.persons)),
            Overlay(dict(stored.reviews)),
        )

    def settle(self, batch: Sequence[Command], second: int) -> None:
        """On what it loaded when the process before it had not committed yet."""
        if not self._decided(batch, second):
            self.loaded = self._load()
            assert self._decided(batch, second)
        for shared, own in zip(_parts(self.stored), _parts(self.loaded), strict=True):
            shared.put(*own.changed.values())

    def _decided(self, batch: Sequence[Command], second: int) -> bool:
        for one in batch:
            carry_out(self.loaded, one, NOW + timedelta(seconds=second))
        return all(
            shared.get(name) == own.below.get(name)
            for shared, own in zip(_parts(self.stored), _parts(self.loaded), strict=True)
            for name in own.changed
        )


def _parts(batch: LoadedBatch) -> Iterator[Overlay[Any]]:
    yield from (batch.entries, batch.persons, batch.reviews)


def end_alike_in_any_batches(orders: Orders, sizes: list[int]) -> None:
    stated, arrival = orders
    stored = workspace(stated)
    batches = [arrival[sum(sizes[:n]) : sum(sizes[: n + 1])] for n in range(len(sizes))]
    process = Process(stored)
    for second, batch in enumerate(batches):
        following = Process(stored)
        process.settle(batch, second)
        process = following
    assert end_of(stored) == end_of(arrive(stated))


@given(arrivals, sizes_of_batches)
@example(CONFIRMED_BEHIND_A_CROSSING, [1] * 7)
@the_same_every_time
def test_they_end_alike_in_whatever_batches_and_processes_they_are_settled(orders: Orders, sizes: list[int]) -> None:
    end_alike_in_any_batches(orders, sizes)


@pytest.mark.nightly
@given(arrivals, sizes_of_batches)
@at_random
def test_they_end_alike_in_batches_drawn_at_random(orders: Orders, sizes: list[int]) -> None:
    end_alike_in_any_batches(orders, sizes)


def end_alike_among_decisions(orders: Orders, one: tuple[int, int], other: tuple[int, int]) -> None:
    for undone in (False, True):
        first, second = (_with_decisions(*given, undone=undone) for given in zip(orders, (one, other), strict=True))
        assert first == second


@given(arrivals, places_of_decisions, places_of_decisions)
@example(CONFIRMED_BEHIND_A_PLACEMENT, (0, 0), (0, 0))
@the_same_every_time
def test_merges_behind_what_they_name_and_their_undoing_leave_the_end_as_it_is(
    orders: Orders, one: tuple[int, int], other: tuple[int, int]
) -> None:
    """Two more persons, merged and perhaps taken apart again, while facts of others arrive in any order."""
    end_alike_among_decisions(orders, one, other)


@pytest.mark.nightly
@given(arrivals, places_of_decisions, places_of_decisions)
@at_random
def test_merges_drawn_at_random_leave_the_end_as_it_is(
    orders: Orders, one: tuple[int, int], other: tuple[int, int]
) -> None:
    end_alike_among_decisions(orders, one, other)


def _with_decisions(facts: list[Command], places_: tuple[int, int], *, undone: bool) -> End:
    """Decisions stand where these places are among the facts."""
    two = [registers(None, number=101), registers(None, number=102, **OTHER)]
    work = workspace([*two, *facts])
    ids = [carry_out(work, one, NOW).aggregate_id for one in two]
    decisions = [command(merging(*ids, survivor=ids[0]), number=103), command(unmerging(ids[1]), number=104)]
    steps: list[Command] = list(facts)
    for place, decision in reversed(list(zip(sorted(places_), decisions[: 1 + undone], strict=False))):
        steps.insert(min(place, len(facts)), decision)
    for second, step in enumerate(steps, 1):
        carry_out(work, step, NOW + timedelta(seconds=second))
    return end_of(work)


@pytest.mark.parametrize("opened_by", [places(OTHER_NIK, PASSPORT), registers(None, PASSPORT)])
def test_what_a_review_is_opened_with_tells_no_identifier(opened_by: Command) -> None:
    work = arrive([registers(NIK, PASSPORT)])
    work.entry_ids = {**work.entry_ids, **workspace([opened_by]).entry_ids}
    applied = carry_out(work, opened_by, NOW)
    told = [emitted.event for emitted in applied.events if isinstance(emitted.event, DuplicateOpened)]
    assert told
    assert not [secret for secret in (NIK, OTHER_NIK, PASSPORT) for event in told if secret in event.model_dump_json()]


def test_an_identity_answer_finds_her_whoever_came_first() -> None:
    end = only_end([command(identity()), registers(NIK, PASSPORT), crosses(PASSPORT)])
    assert [len(facts) for facts in end.persons] == [3]


def test_what_further_passports_of_a_claimant_tell_counts_from_wherever_a_link_is_looked_at() -> None:
    third = make_nik("33.07", BORN, "P", 3)
    further = "Z0000003"
    stated = [
        registers(None, PASSPORT), registers(None, further), crosses(PASSPORT, third), places(third, further),
        places(NIK, PASSPORT), places(NIK, ANOTHER), places(OTHER_NIK, ANOTHER),
    ]  # fmt: skip
    assert end_of(arrive(stated)) == end_of(arrive([*stated[:3], *stated[4:], stated[3]]))
    assert frozenset({stated[0].id}) in end_of(arrive(stated)).persons
