"""Answering a question of a round."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.commands import Principal
from contracts.indicators import AnswerDetails, SubmitAnswer
from contracts.model import Moment
from contracts.outcomes import Refused
from services.indicators.domain.answer import Answer, answer_id, check, submit
from services.indicators.domain.round import Question
from tests.indicators.builders import DUE, NOW, ROUND, SCALE, a_round, answer, details, institution, person

NONE = AnswerDetails()


def submitted(
    before: Answer | None,
    body: SubmitAnswer | None = None,
    who: Principal | None = None,
    at: datetime = NOW + timedelta(days=2),
    command: str = "c1",
) -> Answer:
    return submit(a_round(), before, command, who or institution(), body or answer(), details(), at)[0]


def refusal(*arguments: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        submit(*arguments)
    problem = refused.value.problems[0]
    return problem.code, problem.pointer


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("yes_no", ["no"], [None, 1.0, 0.0]),
        ("scale", [0.0], [None, "yes", 0.7, 2.0, float("nan")]),
        ("number", [0.0, -3.5, 1e12], [None, "no", float("nan"), float("inf")]),
        ("text", [], [None, "yes", 1.0]),
    ],
)
def test_a_value_must_fit_the_kind_of_its_question(kind: Any, good: Sequence[Any], bad: Sequence[Any]) -> None:
    question = Question("MGI-1.01", 1, kind, "KEMENKES")
    for value in good:
        check(question, value, NONE)
    for value in bad:
        with pytest.raises(Refused) as refused:
            check(question, value, NONE)
        assert (refused.value.problems[0].code, refused.value.problems[0].pointer) == ("value_kind", "/value")


def test_a_text_question_is_answered_by_text_alone() -> None:
    question = Question("MGI-2.18", 2, "text", "BAPPENAS")
    check(question, None, AnswerDetails(text="Ya, lewat rencana aksi."))
    with pytest.raises(Refused):
        check(question, None, AnswerDetails(text="  "))


@pytest.mark.parametrize(("kind", "value"), [("yes_no", "yes"), ("scale", 0.5), ("scale", 1.0)])
def test_a_claim_needs_evidence(kind: Any, value: Any) -> None:
    question = Question("MGI-1.01", 1, kind, "KEMENKES")
    check(question, value, details())
    with pytest.raises(Refused) as refused:
        check(question, value, NONE)
    assert [(problem.code, problem.pointer) for problem in refused.value.problems] == [
        ("evidence_missing", "/evidence")
    ]


def test_only_the_lead_institution_answers_questions_of_a_round_that_exists() -> None:
    at = NOW + timedelta(days=2)
    assert refusal(None, None, "c1", institution(), answer(), details(), at) == ("not_found", "/round")
    assert refusal(a_round(), None, "c1", institution("BPS"), answer(), details(), at) == ("not_assigned", "/indicator")
    unknown = answer("MGI-9.99")
    assert refusal(a_round(), None, "c1", institution(), unknown, details(), at) == ("unknown_code", "/indicator")


def test_an_answer_says_nothing_of_what_the_institution_wrote() -> None:
    changed, event = submit(a_round(), None, "c1", institution(), answer(), details(), NOW)
    assert changed.id == answer_id(ROUND, SCALE)
    assert (changed.version, event.evidence, event.dimension, event.stands) == (1, 1, 1, True)
    assert "semua daerah" not in event.model_dump_json()
    assert "Pelindungan" not in event.model_dump_json()


def test_an_answer_is_late_by_when_it_was_recorded() -> None:
    claimed = answer(occurred=Moment.parse("2026-03-02"))
    assert not submitted(None, at=DUE).late
    assert submitted(None, claimed, at=DUE + timedelta(milliseconds=1)).late


def test_a_late_correction_stands_and_does_not_make_the_answer_late() -> None:
    correction = answer(value=0.5, occurred=Moment.parse((DUE + timedelta(seconds=1)).isoformat()))
    after = DUE + timedelta(seconds=2)
    corrected, event = submit(a_round(), submitted(None), "c2", institution(), correction, details(), after)
    assert (corrected.standing.value, corrected.standing.late, event.late, event.stands) == (0.5, True, True, True)
    assert not corrected.late


def test_a_first_answer_that_came_late_stays_late_whatever_is_said_of_an_earlier_time() -> None:
    first = submitted(None, at=DUE + timedelta(seconds=1))
    earlier = answer(value=0.5, occurred=Moment.parse("2026-03-01T09:00:00+07:00"))
    assert submitted(first, earlier, at=DUE + timedelta(seconds=2), command="c2").late


@pytest.mark.parametrize("seen", [None, 2])
def test_a_person_who_saw_another_version_is_told_so(seen: int | None) -> None:
    first = submitted(None)
    body = answer(ifversion=seen)
    assert refusal(a_round(), first, "c2", person(), body, details(), NOW) == ("version_conflict", "")


def test_a_person_answers_first_without_a_version_and_then_with_the_one_seen() -> None:
    first = submitted(None, who=person())
    second = submitted(first, answer(value=0.5, ifversion=1), person(), command="c2")
    assert (second.version, second.standing.value) == (2, 0.5)
    assert [version.value for version in second.versions] == [1.0, 0.5]


def test_a_system_replaces_without_a_version() -> None:
    later = answer(value=0.5, occurred=Moment.parse("2026-03-03T09:00:00+07:00"))
    second = submitted(submitted(None), later, at=NOW + timedelta(days=3), command="c2")
    assert (second.version, second.standing.value) == (2, 0.5)


def test_a_report_that_comes_after_a_newer_one_is_kept_and_does_not_stand() -> None:
    older = answer(value=0.5, occurred=Moment.parse("2026-03-01T09:00:00+07:00"))
    second, event = submit(a_round(), submitted(None), "c2", institution(), older, details(), NOW + timedelta(days=3))
    assert (second.version, second.standing.value, event.stands) == (2, 1.0, False)


def test_a_persons_decision_stands_whatever_time_a_system_claimed() -> None:
    ahead = answer(value=0.5, occurred=Moment.parse("2026-03-04T00:00:00+07:00"))
    first = submitted(None, ahead, at=NOW + timedelta(days=2))
    decided = answer(value=0.0, ifversion=1, occurred=Moment.parse("2026-03-02"))
    second = submitted(first, decided, person(), NOW + timedelta(days=2, milliseconds=1), "c2")
    assert second.standing.value == 0.0


def test_what_was_known_on_a_day_can_be_asked() -> None:
    first = submitted(None, at=NOW + timedelta(days=2))
    second = submitted(first, answer(value=0.5), at=NOW + timedelta(days=4), command="c2")
    known = second.as_of(NOW + timedelta(days=3))
    assert known is not None
    assert (known.version, known.standing.value) == (1, 1.0)
    assert second.as_of(NOW) is None


REPORTS = st.lists(
    st.tuples(
        st.sampled_from(["2026-02", "2026-02-01", "2026-02-01T00:00:00+07:00", "2026-02-20T10:00:00+09:00", "2026"]),
        st.sampled_from([0.0, 0.5, 1.0]),
    ),
    min_size=1,
    max_size=6,
)


@given(REPORTS, st.randoms(use_true_random=False))
def test_the_same_answer_stands_in_whatever_order_reports_arrive(reports: list[tuple[str, float]], random: Any) -> None:
    sent = [
        (f"c{number}", answer(value=value, occurred=Moment.parse(when))) for number, (when, value) in enumerate(reports)
    ]
    shuffled = random.sample(sent, len(sent))
    standing = []
    for arrival in (sent, shuffled):
        folded: Answer | None = None
        for number, (command, body) in enumerate(arrival):
            folded = submitted(folded, body, at=NOW + timedelta(seconds=number), command=command)
        assert folded is not None
        standing.append((folded.standing.command_id, folded.standing.value))
    assert standing[0] == standing[1]
