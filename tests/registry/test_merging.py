"""Merge and unmerge: what each is afterwards is what it would be had the merge never been."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from contracts.commands import Principal
from contracts.registry import (
    DecideDuplicate,
    Identifiers,
    PersonMerged,
    PersonUnmerged,
)
from services.registry.commands import Draft
from services.registry.domain import duplicates
from services.registry.domain import merging as domain
from services.registry.domain.authority import RULE
from services.registry.domain.comparison import Likeness
from services.registry.domain.size_bounds import MAX_FACTS
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
    registration,
    unmerging,
)
from tests.registry.merges import merged, people_of, refusal, two_people

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
    assert ["identifier_shared" in flags(known(work, each)) for each in (one, other)] == [True, True]


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
