"""Checks of the assessment round: who was asked, who answered, who is late."""

from collections.abc import Iterator, Mapping
from typing import Any

from simulation.scenario.checks.expectations import Expectation, expect_equal, expect_none
from simulation.scenario.context import ScenarioContext
from simulation.scenario.observations import Observations, RoundObservations
from simulation.scenario.participants import (
    ANSWERS_BY_API,
    ANSWERS_BY_EVENT,
    ANSWERS_BY_HTTPS,
    ANSWERS_HALF,
    ANSWERS_LATE,
    FOREIGN_MINISTRY,
)
from simulation.scenario.steps.assessment_round import ROUND_COPY


def check_round(context: ScenarioContext, observations: Observations) -> Iterator[Expectation]:
    assessment = observations.round
    if not assessment:
        yield Expectation("a round was opened", met=False)
        return
    after = assessment.after_due
    received = {code: _questions_received(context, assessment, code) for code in (*ANSWERS_BY_EVENT, ANSWERS_HALF)}
    wrong = [code for code, count in received.items() if count != after[code]["assigned"]]
    yield expect_none("every connected respondent gets its own questions", wrong)
    yield expect_equal("no answer over the api is refused", assessment.refused_statuses, [])
    on_time = (*ANSWERS_BY_EVENT, *ANSWERS_BY_API, ANSWERS_BY_HTTPS)
    incomplete = [code for code in on_time if not after[code]["complete"] or after[code]["late"]]
    yield expect_none("who answered everything in time is complete", incomplete)
    late = after[ANSWERS_LATE]
    all_late = late["complete"] and late["late"] == late["assigned"]
    faults = [] if all_late else [f"{late['late']} of {late['assigned']} late"]
    yield expect_none("who answered after the due time is complete and late", faults)
    yield expect_none("who answered half is overdue", _not_half(after[ANSWERS_HALF]))
    yield expect_equal("who answered nothing is overdue", after[FOREIGN_MINISTRY]["overdue"], True)
    early = [code for code, institution in assessment.before_due.items() if institution["overdue"]]
    yield expect_none("nobody is overdue before the due time", early)


def _questions_received(context: ScenarioContext, assessment: RoundObservations, code: str) -> int:
    copies = [copy.body for copy in context.inbox(code).of_type(ROUND_COPY)]
    return sum(len(body["questions"]) for body in copies if body["round"] == assessment.id)


def _not_half(institution: Mapping[str, Any]) -> list[str]:
    half = institution["overdue"] and institution["answered"] == institution["assigned"] // 2
    return [] if half else [f"{institution['answered']} of {institution['assigned']}"]
