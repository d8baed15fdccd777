"""Facts that name a person by different identifiers end in the same persons: what each is known as then."""

from datetime import timedelta
from itertools import permutations

import pytest

from chassis.commands.types import Command
from contracts.registry import DecideDuplicate, DuplicateOpened
from services.registry.domain.person import Person
from services.registry.domain.unconfirmed import unconfirmed_parts
from simulation.scenario.people import make_nik
from tests.registry.builders import (
    BORN,
    NIK,
    NOW,
    OTHER_NIK,
    PASSPORT,
    carry_out,
    command,
    flags,
    identity,
    known,
    person,
    registration,
    unmerging,
    workspace,
)
from tests.registry.identifier_facts import (
    ANOTHER,
    DISNAKER,
    OTHER,
    arrive,
    crosses,
    end_of,
    only_end,
    places,
    registers,
)


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
