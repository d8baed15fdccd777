from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.commands.types import Command
from contracts.registry import ConfirmIdentity, Identifiers, RecordDeparture, RecordPlacement, RegisterPerson
from services.registry.domain.as_of import as_of
from services.registry.domain.person import Person
from services.registry.domain.state import State, fold, in_order
from tests.registry.builders import (
    NIK,
    NOW,
    OTHER_NIK,
    carry_out,
    command,
    departure,
    flags,
    identity,
    only,
    person,
    placement,
    registration,
    settle,
    workspace,
)

JOURNEY = (command(registration()), command(identity()), command(placement()), command(departure()))


def test_a_registered_person_waits_for_kemendagri() -> None:
    work, _ = settle(command(registration()))
    found = only(work)
    assert (found.state.status, flags(found)) == ("C1_REGISTERED", ["nik_unverified"])


def test_a_journey_in_order_ends_departed_without_flags() -> None:
    work, _ = settle(*JOURNEY)
    found = only(work)
    assert (found.state.status, flags(found), found.version) == ("P1_DEPARTED", [], 4)


@pytest.mark.parametrize("arrival", list(permutations(JOURNEY)))
def test_one_journey_ends_alike_in_whatever_order_it_arrives(arrival: tuple[Command, ...]) -> None:
    assert only(settle(*arrival)[0]).state == only(settle(*JOURNEY)[0]).state


moments = st.one_of(
    st.dates(datetime(2026, 1, 1).date(), datetime(2026, 4, 30).date()).map(str),  # noqa: DTZ001  # a calendar's bounds
    st.sampled_from(
        ["2026", "2026-01", "2026-02", "2026-03", "2026-03-02T08:00:00+07:00", "2026-03-02T08:00:00+09:00"]
    ),
)
bodies: st.SearchStrategy[RegisterPerson | ConfirmIdentity | RecordPlacement | RecordDeparture] = st.one_of(
    st.builds(registration, moments, destination=st.sampled_from(["HK", "TW", "MY"])),
    st.builds(identity, moments, matched=st.booleans()),
    st.builds(placement, moments, destination=st.sampled_from(["HK", "TW", "MY"])),
    st.builds(departure, moments, destination=st.sampled_from(["HK", "KH"])),
)


journeys = st.lists(bodies, min_size=1, max_size=7).map(
    lambda stated: [command(body, number=number) for number, body in enumerate(stated)]
)


def apart_from_owner(subject: Person) -> State:
    """Whose somebody is whom nobody registered yet follows the order of recording."""
    state = subject.state
    return replace(state, facets=state.facets.model_copy(update={"owner": ""}))


@given(journeys.flatmap(lambda commands: st.tuples(st.just(commands), st.permutations(commands))))
def test_any_facts_end_in_the_same_state_in_whatever_order_they_arrive(
    arrivals: tuple[list[Command], list[Command]],
) -> None:
    one, other = (only(settle(*commands)[0]) for commands in arrivals)
    assert apart_from_owner(one) == apart_from_owner(other)


@given(journeys)
def test_a_command_delivered_again_adds_nothing(commands: list[Command]) -> None:
    work, once = settle(*commands)
    before = only(work)
    again = [carry_out(work, one, NOW) for one in commands]
    assert only(work) == before
    assert not any(applied.events for applied in again)
    assert {applied.version for applied in again} == {once[-1].version}


def test_a_departure_without_placement_is_flagged_with_what_is_missing() -> None:
    work, _ = settle(command(registration()), command(identity()), command(departure()))
    (flag,) = only(work).state.flags
    assert (flag.code, flag.missing) == ("non_procedural", ("PLACEMENT",))


def test_a_placement_after_the_departure_excuses_nothing() -> None:
    work, _ = settle(*JOURNEY[:2], command(departure("2026-03-02")), command(placement("2026-03-03")))
    assert (only(work).state.status, flags(only(work))) == ("P1_DEPARTED", ["non_procedural"])


@pytest.mark.parametrize(
    ("left", "placed"),
    [
        ("2026-03", "2026-03-10"),
        ("2026-03-02", "2026-03"),
        ("2026", "2026-03"),
        ("2026-03-02", "2026-03-02T09:00:00+07:00"),
    ],
)
def test_dates_too_coarse_to_tell_which_came_first_raise_no_flag(left: str, placed: str) -> None:
    work, _ = settle(*JOURNEY[:2], command(departure(left)), command(placement(placed)))
    assert "non_procedural" not in flags(only(work))


def test_a_registration_after_a_departure_begins_the_next_episode() -> None:
    work, applied = settle(*JOURNEY, command(registration("2029-01-15", destination="TW")))
    state = only(work).state
    assert (state.episode, state.status, state.facets.destination) == (2, "C1_REGISTERED", "TW")
    assert "employer" not in state.personal
    assert applied[-1].events[0].event.episode == 2  # type: ignore[attr-defined]


def test_a_registration_in_the_month_of_the_departure_is_of_the_same_episode() -> None:
    work, _ = settle(command(departure("2026-03")), command(registration("2026-03-20")))
    assert (only(work).state.episode, only(work).state.status) == (1, "P1_DEPARTED")


def test_a_crossing_told_twice_is_one_departure() -> None:
    work, _ = settle(*JOURNEY, command(departure()))
    assert (only(work).state.episode, flags(only(work))) == (1, [])


def test_a_worker_placed_to_one_country_and_found_in_another_is_where_the_border_saw_them_go() -> None:
    work, _ = settle(*JOURNEY[:2], command(placement(destination="MY")), command(departure(destination="KH")))
    assert only(work).state.facets.destination == "KH"


def test_a_rejected_nik_is_flagged_until_kemendagri_says_otherwise() -> None:
    work, _ = settle(command(registration()), command(identity(matched=False)))
    assert flags(only(work)) == ["nik_rejected"]
    work, _ = settle(command(registration()), command(identity(matched=False)), command(identity("2026-01-20")))
    assert flags(only(work)) == []


def test_a_mismatch_warns_and_ends_when_kemendagri_confirms() -> None:
    born_otherwise = command(registration(), person(birth_date="1998-12-06"))
    work, applied = settle(born_otherwise)
    assert applied[0].warnings == ("nik_birth_date_mismatch",)
    assert flags(only(work)) == ["nik_unverified", "nik_mismatch"]
    work, _ = settle(born_otherwise, command(identity()))
    assert flags(only(work)) == []


def test_an_answer_for_another_nik_is_none_for_the_nik_on_file() -> None:
    registered = command(registration())
    known = settle(registered)[1][0].aggregate_id
    for occurred in ("2026-01-05", "2026-01-15"):
        found = only(settle(registered, command(identity(occurred, person=known), Identifiers(nik=OTHER_NIK)))[0])
        assert (found.state.personal["nik"], "nik_unverified" in flags(found)) == (NIK, True)


def test_the_home_regency_is_the_one_given_else_that_of_the_nik() -> None:
    assert only(settle(command(registration()))[0]).state.facets.home_regency == "33.07"
    assert only(settle(command(registration(home_regency="52.01")))[0]).state.facets.home_regency == "52.01"
    assert only(settle(command(placement()))[0]).state.facets.home_regency == "33.07"


def test_a_registration_that_tells_no_home_leaves_the_one_told_before() -> None:
    told, silent = command(registration(home_regency="52.01")), command(registration("2026-01-12"))
    assert only(settle(told, silent)[0]).state.facets.home_regency == "52.01"


def test_a_regency_under_its_former_code_is_the_same_regency() -> None:
    assert only(settle(command(registration(home_regency="91.01")))[0]).state.facets.home_regency == "93.01"


def test_a_renewed_passport_replaces_the_old_one() -> None:
    work, _ = settle(command(registration()), command(departure(), Identifiers(nik=NIK, passport="Z0000002")))
    assert only(work).state.personal["passport"] == "Z0000002"


def test_what_was_known_on_a_date_is_folded_from_what_was_recorded_by_then() -> None:
    work = workspace(JOURNEY)
    for day, one in enumerate((JOURNEY[0], JOURNEY[3], JOURNEY[2])):
        carry_out(work, one, NOW + timedelta(days=day))
    found = only(work)
    known = [as_of([found], found.id, NOW + timedelta(days=day)) for day in (-1, 0, 1, 2)]
    assert known[0] is None
    assert [one.state.status for one in known[1:] if one] == ["C1_REGISTERED", "P1_DEPARTED", "P1_DEPARTED"]
    assert ["non_procedural" in [flag.code for flag in one.state.flags] for one in known[1:] if one] == [
        False,
        True,
        False,
    ]


@given(journeys)
def test_what_was_known_is_what_was_told_at_the_time(commands: list[Command]) -> None:
    work, told = workspace(commands), []
    for second, one in enumerate(commands):
        carry_out(work, one, NOW + timedelta(seconds=second))
        told.append(only(work).state)
    found = only(work)
    known = [as_of([found], found.id, NOW + timedelta(seconds=second)) for second in range(len(commands))]
    assert [one.state for one in known if one] == told


def test_recording_times_grow_even_when_the_clock_does_not() -> None:
    work, _ = settle(*JOURNEY)
    times = [action.recorded_at for action in only(work).actions]
    assert times == [NOW + timedelta(milliseconds=step) for step in range(4)]
    assert NOW.tzinfo is UTC


def test_the_fold_does_not_depend_on_how_actions_were_stored() -> None:
    found = only(settle(*JOURNEY)[0])
    assert fold(in_order([*reversed(found.actions), found.actions[0]])) == found.state
