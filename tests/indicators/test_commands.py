"""Settling a batch in memory."""

import pytest

from chassis.commands.overlay import Overlay
from contracts.indicators import AnswerSubmitted
from contracts.outcomes import Refused
from services.indicators.commands import LoadedBatch, apply, decide
from services.indicators.domain.answer import answer_id
from tests.domain_service import carry_out, command
from tests.indicators.builders import NOW, ROUND, SCALE, answer, coordinator, details, institution, opening

take = carry_out(decide, apply)


def test_a_round_can_be_opened_and_answered_in_one_batch() -> None:
    work = LoadedBatch(Overlay(), Overlay())
    take(work, command(opening(), coordinator()), NOW)
    applied = [take(work, command(answer(), institution(), details()), NOW) for _ in range(2)]
    assert {result.aggregate_id for result in applied} == {answer_id(ROUND, SCALE)}
    events = [event for result in applied for event in result.events]
    assert [event.sequence for event in events] == [1, 2]
    assert events[0].recorded < events[1].recorded
    assert all(isinstance(event.event, AnswerSubmitted) for event in events)
    assert [opened.id for opened in work.rounds.changed.values()] == [ROUND]


def test_of_two_who_open_the_same_round_in_one_batch_one_does() -> None:
    work = LoadedBatch(Overlay(), Overlay())
    take(work, command(opening(), coordinator()), NOW)
    with pytest.raises(Refused) as refused:
        take(work, command(opening(), coordinator()), NOW)
    assert refused.value.problems[0].code == "round_exists"
    assert take(work, command(opening(year=2027), coordinator()), NOW).aggregate_id != ROUND


def test_a_refusal_leaves_the_batch_as_it_was() -> None:
    work = LoadedBatch(Overlay(), Overlay())
    for refused in (command(answer(), institution(), details()), command(opening(), institution("KEMLU"))):
        with pytest.raises(Refused):
            take(work, refused, NOW)
    assert work == LoadedBatch(Overlay(), Overlay())


def test_nothing_changes_before_the_changes_are_applied() -> None:
    work = LoadedBatch(Overlay(), Overlay())
    applied = decide(work, command(opening(), coordinator()), NOW)
    assert work == LoadedBatch(Overlay(), Overlay())
    assert applied.changes
    apply(work, applied.changes)
    again = decide(work, command(answer(), institution(), details()), NOW)
    assert (list(work.rounds), list(work.answers)) == ([ROUND], [])
    assert again.changes
    assert [changed.id for changed in again.changes.answers] == [answer_id(ROUND, SCALE)]


def test_an_answer_without_its_written_part_has_no_evidence() -> None:
    work = LoadedBatch(Overlay(), Overlay())
    take(work, command(opening(), coordinator()), NOW)
    with pytest.raises(Refused) as refused:
        take(work, command(answer(), institution()), NOW)
    assert refused.value.problems[0].code == "evidence_missing"
