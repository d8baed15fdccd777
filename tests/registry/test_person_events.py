"""What is told of a person's facts, and what is told of them anew."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import PersonRegistered, PersonRestated
from tests.registry.builders import (
    BORN,
    NIK,
    PASSPORT,
    command,
    departure,
    identity,
    only,
    placement,
    registration,
    settle,
)


def kinds(one: Any) -> list[str]:
    return [type(emitted.event).__name__ for emitted in one.events]


def test_a_fact_about_an_unknown_person_opens_a_provisional_one_that_a_registration_completes() -> None:
    work, applied = settle(command(identity()), command(registration("2026-01-12")))
    event = applied[1].events[0].event
    assert isinstance(event, PersonRegistered)
    assert (event.first, event.flags) == (False, ())
    assert [flag.code for flag in applied[0].events[0].event.flags] == ["provisional"]  # type: ignore[attr-defined]
    assert kinds(applied[1]) == ["PersonRegistered"]
    assert only(work).version == 2


def test_a_late_placement_clears_the_departure_and_restates_it() -> None:
    facts = command(registration()), command(identity()), command(departure()), command(placement())
    _, applied = settle(*facts)
    assert kinds(applied[3]) == ["PlacementRecorded", "PersonRestated"]
    restated = applied[3].events[1].event
    assert isinstance(restated, PersonRestated)
    assert (restated.because, restated.status_before, restated.facets.status) == (
        "PLACEMENT",
        "P1_DEPARTED",
        "P1_DEPARTED",
    )
    assert ([flag.code for flag in restated.flags_before], restated.flags) == (["non_procedural"], ())
    assert [emitted.sequence for emitted in applied[3].events] == [4, 5]
    assert applied[3].version == 5


def test_a_placement_of_the_same_coarse_time_restates_too() -> None:
    _, applied = settle(command(departure("2026-03")), command(placement("2026-03-20")))
    assert kinds(applied[1]) == ["PlacementRecorded", "PersonRestated"]


def test_a_late_fact_that_changes_nothing_announced_restates_nothing() -> None:
    _, applied = settle(
        command(registration()), command(placement()), command(departure()), command(registration("2026-01-05"))
    )
    assert kinds(applied[3]) == ["PersonRegistered"]


def test_facets_before_stand_in_an_event_only_when_facets_changed() -> None:
    _, applied = settle(
        command(registration(home_regency="33.07")), command(identity()), command(placement(destination="MY"))
    )
    first, second, third = (one.events[0].event for one in applied)
    assert (first.facets_before, second.facets_before) == (None, None)  # type: ignore[attr-defined]
    assert third.facets_before == first.facets  # type: ignore[attr-defined]
    assert third.facets.destination == "MY"  # type: ignore[attr-defined]


@given(st.permutations([registration(), identity(), placement(), departure()]))
def test_events_are_numbered_without_a_gap_and_the_last_one_tells_the_state(bodies: list[Any]) -> None:
    work, applied = settle(*(command(body) for body in bodies))
    emitted = [one for each in applied for one in each.events]
    assert [one.sequence for one in emitted] == list(range(1, only(work).version + 1))
    assert emitted[-1].event.facets == only(work).state.facets  # type: ignore[attr-defined]
    assert emitted[-1].event.flags == only(work).state.flags  # type: ignore[attr-defined]


@given(st.permutations([registration(), identity(), placement(), departure()]))
def test_no_event_tells_who_the_person_is(bodies: list[Any]) -> None:
    _, applied = settle(*(command(body) for body in bodies))
    told = " ".join(emitted.event.model_dump_json() for each in applied for emitted in each.events)
    assert not [secret for secret in (NIK, PASSPORT, "Sulastri", BORN.isoformat(), "Golden") if secret in told]
