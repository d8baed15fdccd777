"""Facts of any identifiers end alike in any order and in any batches, whoever decides among them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chassis.commands.overlay import Overlay
from chassis.commands.types import Command
from services.registry.commands import LoadedBatch
from tests.registry.builders import (
    NIK,
    NOW,
    OTHER_NIK,
    PASSPORT,
    carry_out,
    command,
    merging,
    unmerging,
    workspace,
)
from tests.registry.identifier_facts import (
    ANOTHER,
    OTHER,
    End,
    arrive,
    crosses,
    end_of,
    only_end,
    places,
    registers,
)

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
at_random = settings(max_examples=1000, deadline=None, derandomize=False, suppress_health_check=list(HealthCheck))


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
