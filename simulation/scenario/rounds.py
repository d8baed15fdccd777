"""An assessment round: institutions answer by event and by API, on time and late; the coordinator sees who has."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.outcomes import Fault
from simulation.scenario import records
from simulation.scenario.cast import (
    ANSWERS_BY_API,
    ANSWERS_BY_EVENT,
    ANSWERS_BY_HTTPS,
    ANSWERS_HALF,
    ANSWERS_LATE,
    FOREIGN,
    STATISTICS,
)
from simulation.scenario.partners import Inbox
from simulation.scenario.stage import Stage
from simulation.scenario.told import Refusal, Round, Told

PATIENCE = 60
ROUND = "exchange.round.copied.v1"


async def open_round(stage: Stage, told: Told, seconds: float) -> None:
    """KEMLU opens a round, due in so many seconds; those who answer on time do so now."""
    due = datetime.now(UTC) + timedelta(seconds=seconds)
    async with stage.person(FOREIGN, "koordinator-mgi", "mgi_coordinator") as coordinator:
        body = {"catalogue": "mgi-national", "year": due.year, "due_at": due.isoformat()}
        answer = (await coordinator.ask("POST", "/v1/rounds", body)).raise_for_status()
    told.round = Round(answer.json()["id"], due.timestamp())
    await asyncio.gather(
        *(_answer_by_event(stage, told, code) for code in (*ANSWERS_BY_EVENT, ANSWERS_HALF)),
        *(_answer_by_api(stage, told, code) for code in ANSWERS_BY_API),
        _answer_by_https(stage, told),
    )
    told.round.before = await _completeness(stage, told.round)


async def close_round(stage: Stage, told: Told) -> None:
    """When the time is over the last one answers, and the coordinator looks again."""
    if not told.round:
        return
    left = max(round(told.round.due - time.time()) + 1, 1)
    await stage.until("the round's due time", lambda: left - round(_until(told.round)), left, within=PATIENCE + left)
    await _answer_by_api(stage, told, ANSWERS_LATE)
    told.round.after = await _completeness(stage, told.round)


def _until(played: Round | None) -> float:
    return max(played.due - time.time() + 1, 0) if played else 0


async def _answer_by_event(stage: Stage, told: Told, code: str) -> None:
    """From the questions of the copy that arrived; one of them also answers what is another's."""
    assert told.round
    partner, round_id = stage.partners[code], told.round.id
    copied = await _copied(stage, partner.inbox, code, round_id)
    if code == ANSWERS_HALF:
        copied = copied[: len(copied) // 2]
    batch = [records.answer(code, round_id, asked["indicator"], asked["kind"]) for asked in copied]
    if code == ANSWERS_HALF:
        theirs = (await _copied(stage, stage.partners[STATISTICS].inbox, STATISTICS, round_id))[0]
        foreign = records.answer(code, round_id, theirs["indicator"], theirs["kind"])
        told.refusals[code, foreign.id] = Refusal("not_assigned", "/indicator", Fault.POLICY)
        batch.append(foreign)
    sent = await partner.send(batch)
    told.note(code, sent)
    await stage.until(f"{code}: answers", lambda: partner.inbox.settled(sent), len(sent), within=PATIENCE)


async def _copied(stage: Stage, inbox: Inbox, code: str, round_id: str) -> list[dict[str, Any]]:
    def mine() -> list[dict[str, Any]]:
        return next((copy.body["questions"] for copy in inbox.of(ROUND) if copy.body["round"] == round_id), [])

    await stage.until(f"{code}: questions", lambda: bool(mine()), 1, within=PATIENCE)
    return mine()


async def _answer_by_api(stage: Stage, told: Told, code: str) -> None:
    """A focal point answers one question after the other."""
    assert told.round
    address = f"/v1/rounds/{told.round.id}"
    async with stage.person(code, "narahubung", "indicator_focal_point") as focal_point:
        asked = (await focal_point.ask("GET", address)).raise_for_status().json()["questions"]
        for question in asked:
            if question["organisation"] == code:
                said = records.said(question["kind"])
                answer = await focal_point.ask("PUT", f"{address}/answers/{question['indicator']}", said)
                if not answer.is_success:
                    told.round.refused.append(answer.status_code)


async def _answer_by_https(stage: Stage, told: Told) -> None:
    """A system without Kafka: it polls for its copy, sends its answers as CloudEvents, and polls for the receipts."""
    assert told.round
    code, inbox, cursor = ANSWERS_BY_HTTPS, stage.mailbox, None
    async with stage.system(code) as system:
        deadline = time.monotonic() + PATIENCE
        sent: dict[str, float] = {}
        while (not sent or inbox.settled(sent) < len(sent)) and time.monotonic() < deadline:
            cursor = await system.read_events(inbox, cursor)
            copies = [copy for copy in inbox.of(ROUND) if copy.body["round"] == told.round.id]
            if copies and not sent:
                questions = copies[0].body["questions"]
                batch = [records.answer(code, told.round.id, one["indicator"], one["kind"]) for one in questions]
                (await system.send_events(batch)).raise_for_status()
                sent = {one.id: time.time() for one in batch}
        told.note(code, sent)


async def _completeness(stage: Stage, played: Round) -> dict[str, dict[str, Any]]:
    async with stage.person(FOREIGN, "koordinator-mgi", "mgi_coordinator") as coordinator:
        answer = (await coordinator.ask("GET", f"/v1/rounds/{played.id}/completeness")).raise_for_status()
    return {one["organisation"]: one for one in answer.json()["institutions"]}
