"""An assessment round: institutions answer by event and by API, on time and late; the coordinator sees who has."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from contracts.outcomes import Fault, problem
from simulation.scenario import partner_messages
from simulation.scenario.context import ScenarioContext
from simulation.scenario.observations import ExpectedRefusal, Observations, RoundObservations
from simulation.scenario.participants import (
    ANSWERS_BY_API,
    ANSWERS_BY_EVENT,
    ANSWERS_BY_HTTPS,
    ANSWERS_HALF,
    ANSWERS_LATE,
    FOREIGN_MINISTRY,
    STATISTICS,
)
from simulation.scenario.partner_messages import PartnerMessage
from simulation.scenario.partners import Client
from simulation.scenario.waiting import ROUND_SECONDS

ROUND_COPY = "exchange.round.copied.v1"


async def open_round(context: ScenarioContext, observations: Observations, seconds: float) -> None:
    """KEMLU opens a round, due in so many seconds; those who answer on time do so now."""
    due = datetime.now(UTC) + timedelta(seconds=seconds)
    async with context.officer(FOREIGN_MINISTRY, "koordinator-mgi", "mgi_coordinator") as coordinator:
        rounds = (await coordinator.ask("GET", "/v1/rounds")).raise_for_status().json()["rounds"]
        assessed = {listed["year"] for listed in rounds}  # by earlier runs on the same data
        year = next(year for year in count(due.year) if year not in assessed)
        body = {"catalogue": "mgi-national", "year": year, "due_at": due.isoformat()}
        response = (await coordinator.ask("POST", "/v1/rounds", body)).raise_for_status()
    assessment = RoundObservations(response.json()["id"], due.timestamp())
    observations.round = assessment
    await asyncio.gather(
        *(_answer_by_event(context, observations, assessment, code) for code in ANSWERS_BY_EVENT),
        _answer_half(context, observations, assessment),
        *(_answer_by_api(context, assessment, code) for code in ANSWERS_BY_API),
        _answer_by_https(context, observations, assessment),
    )
    assessment.before_due = await _completeness(context, assessment)


async def _free_year(coordinator: Client, first: int) -> int:
    """There is one round a year; those of earlier days, and of whoever tried it by hand, are there already."""
    rounds = (await coordinator.ask("GET", "/v1/rounds")).raise_for_status().json()["rounds"]
    taken = {listed["year"] for listed in rounds}
    return next(year for year in range(first, first + len(taken) + 1) if year not in taken)


async def close_round(context: ScenarioContext, observations: Observations) -> None:
    """When the time is over the last one answers, and the coordinator looks again."""
    assessment = observations.round
    if not assessment:
        return

    def remaining() -> int:
        return max(round(assessment.due - time.time() + 1), 0)

    total = max(remaining(), 1)
    await context.until("the round's due time", lambda: total - remaining(), total, within=ROUND_SECONDS + total)
    await _answer_by_api(context, assessment, ANSWERS_LATE)
    assessment.after_due = await _completeness(context, assessment)


async def _answer_by_event(
    context: ScenarioContext, observations: Observations, assessment: RoundObservations, code: str
) -> None:
    """All questions of the copy that arrived."""
    questions = await _questions(context, assessment, code)
    await _send_answers(context, observations, code, [_answer(code, assessment, question) for question in questions])


async def _answer_half(context: ScenarioContext, observations: Observations, assessment: RoundObservations) -> None:
    """The first half of its questions, and one that is another's."""
    code = ANSWERS_HALF
    questions = await _questions(context, assessment, code)
    (not_assigned, *_) = await _questions(context, assessment, STATISTICS)
    overstep = _answer(code, assessment, not_assigned)
    fault = Fault(problem("not_assigned").fault)
    observations.expected_refusals[code, overstep.id] = ExpectedRefusal("not_assigned", "/indicator", fault)
    half = [_answer(code, assessment, question) for question in questions[: len(questions) // 2]]
    await _send_answers(context, observations, code, [*half, overstep])


def _answer(code: str, assessment: RoundObservations, question: dict[str, Any]) -> PartnerMessage:
    return partner_messages.round_answer(code, assessment.id, question["indicator"], question["kind"])


async def _send_answers(
    context: ScenarioContext, observations: Observations, code: str, answers: list[PartnerMessage]
) -> None:
    partner = context.partners[code]
    sent = await partner.send(answers)
    observations.note_sent(code, sent)
    what = f"{code}: answers"
    await context.until(what, lambda: partner.inbox.count_final(sent), len(sent), within=ROUND_SECONDS)


async def _questions(context: ScenarioContext, assessment: RoundObservations, code: str) -> list[dict[str, Any]]:
    """Those of the copy that the institution received."""
    inbox = context.inbox(code)

    def copied() -> list[dict[str, Any]]:
        copies = (copy.body for copy in inbox.of_type(ROUND_COPY))
        return next((body["questions"] for body in copies if body["round"] == assessment.id), [])

    await context.until(f"{code}: questions", lambda: bool(copied()), 1, within=ROUND_SECONDS)
    return copied()


async def _answer_by_api(context: ScenarioContext, assessment: RoundObservations, code: str) -> None:
    """A focal point answers one question after the other."""
    address = f"/v1/rounds/{assessment.id}"
    async with context.officer(code, "narahubung", "indicator_focal_point") as focal_point:
        questions = (await focal_point.ask("GET", address)).raise_for_status().json()["questions"]
        for question in questions:
            if question["organisation"] == code:
                content = partner_messages.answer_content(question["kind"])
                response = await focal_point.ask("PUT", f"{address}/answers/{question['indicator']}", content)
                if not response.is_success:
                    assessment.refused_statuses.append(response.status_code)


async def _answer_by_https(context: ScenarioContext, observations: Observations, assessment: RoundObservations) -> None:
    """A system without Kafka: it polls for its copy, sends its answers as CloudEvents, and polls for the receipts."""
    code, inbox, cursor = ANSWERS_BY_HTTPS, context.https_inbox, None
    async with context.system(code) as system:
        deadline = time.monotonic() + ROUND_SECONDS
        sent: dict[str, float] = {}
        while (not sent or inbox.count_final(sent) < len(sent)) and time.monotonic() < deadline:
            cursor = await system.read_events(inbox, cursor)
            copies = [copy for copy in inbox.of_type(ROUND_COPY) if copy.body["round"] == assessment.id]
            if copies and not sent:
                answers = [_answer(code, assessment, question) for question in copies[0].body["questions"]]
                (await system.send_events(answers)).raise_for_status()
                sent = {answer.id: time.time() for answer in answers}
        observations.note_sent(code, sent)


async def _completeness(context: ScenarioContext, assessment: RoundObservations) -> dict[str, dict[str, Any]]:
    async with context.officer(FOREIGN_MINISTRY, "koordinator-mgi", "mgi_coordinator") as coordinator:
        response = (await coordinator.ask("GET", f"/v1/rounds/{assessment.id}/completeness")).raise_for_status()
    return {institution["organisation"]: institution for institution in response.json()["institutions"]}
