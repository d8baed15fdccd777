"""Settles a batch of commands: load the rounds and answers they name, decide one by one, save once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from chassis.commands.processor import Applied, Command, NewEvent, Steps
from chassis.mongo import Session
from contracts.indicators import AnswerDetails, OpenRound, SubmitAnswer
from contracts.model import Model
from services.indicators.domain.answer import Answer, answer_id, submit
from services.indicators.domain.round import Round, open_round
from services.indicators.store import Store

TYPES: dict[str, tuple[type[Model], type[Model] | None]] = {
    "indicators.round.open.v1": (OpenRound, None),
    "indicators.answer.submit.v1": (SubmitAnswer, AnswerDetails),
}


@dataclass(slots=True)
class Workspace:
    """What one batch touches, by id: rounds, answers as they stand, and which of these are new or changed."""

    rounds: dict[str, Round]
    answers: dict[str, Answer]
    opened: list[Round] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)


def steps(store: Store) -> Steps[Workspace]:
    """How indicators settles a batch."""

    async def load(batch: Sequence[Command]) -> Workspace:
        submitted = [command.body for command in batch if isinstance(command.body, SubmitAnswer)]
        rounds = await store.find_rounds(body.round for body in submitted)
        return Workspace(rounds, await store.find_answers(answer_id(body.round, body.indicator) for body in submitted))

    async def save(work: Workspace, session: Session) -> None:
        await store.save(work.opened, [work.answers[answer] for answer in sorted(work.changed)], session)

    def saved(work: Workspace) -> None:
        store.remember(work.opened)

    return Steps(load=load, decide=decide, save=save, saved=saved)


def decide(work: Workspace, command: Command, now: datetime) -> Applied:
    """Settle one command against the workspace. Raises Refused and then leaves the workspace as it was."""
    body: OpenRound | SubmitAnswer = command.body
    match body:
        case OpenRound():
            return _open(work, command, body, now)
        case SubmitAnswer():
            return _submit(work, command, body, now)
        case _:
            assert_never(body)


def _open(work: Workspace, command: Command, body: OpenRound, now: datetime) -> Applied:
    opened, event = open_round(command.id, command.principal, body, now)
    work.rounds[opened.id] = opened
    work.opened.append(opened)
    return Applied(opened.id, 1, (NewEvent(event, opened.id, 1, now, now),))


def _submit(work: Workspace, command: Command, body: SubmitAnswer, now: datetime) -> Applied:
    before = work.answers.get(answer_id(body.round, body.indicator))
    recorded = max(now, before.recorded_at + timedelta(milliseconds=1)) if before else now
    details: AnswerDetails = command.personal or AnswerDetails()
    asked_in = work.rounds.get(body.round)
    answer, event = submit(asked_in, before, command.id, command.principal, body, details, recorded)
    work.answers[answer.id] = answer
    work.changed.add(answer.id)
    emitted = NewEvent(event, answer.id, answer.version, body.occurred.at, recorded)
    return Applied(answer.id, answer.version, (emitted,))
