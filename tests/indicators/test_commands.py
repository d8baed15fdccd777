"""Settling a batch in memory."""

import pytest

from contracts.indicators import AnswerSubmitted
from contracts.outcomes import Refused
from services.indicators.commands import Workspace, decide
from services.indicators.domain.answer import answer_id
from tests.domain_service import command
from tests.indicators.builders import NOW, ROUND, SCALE, answer, coordinator, details, institution, opening


def test_a_round_can_be_opened_and_answered_in_one_batch() -> None:
    work = Workspace({}, {})
    decide(work, command(opening(), coordinator(), command_id=ROUND), NOW)
    applied = [decide(work, command(answer(), institution(), details()), NOW) for _ in range(2)]
    assert {one.aggregate_id for one in applied} == {answer_id(ROUND, SCALE)}
    emitted = [event for one in applied for event in one.events]
    assert [event.sequence for event in emitted] == [1, 2]
    assert emitted[0].recorded < emitted[1].recorded
    assert all(isinstance(event.event, AnswerSubmitted) for event in emitted)
    assert [opened.id for opened in work.opened] == [ROUND]


def test_a_refusal_leaves_the_workspace_as_it_was() -> None:
    work = Workspace({}, {})
    for refused in (command(answer(), institution(), details()), command(opening(), institution("BPS"))):
        with pytest.raises(Refused):
            decide(work, refused, NOW)
    assert work == Workspace({}, {})


def test_an_answer_without_its_written_part_has_no_evidence() -> None:
    work = Workspace({}, {})
    decide(work, command(opening(), coordinator(), command_id=ROUND), NOW)
    with pytest.raises(Refused) as refused:
        decide(work, command(answer(), institution()), NOW)
    assert refused.value.problems[0].code == "evidence_missing"
