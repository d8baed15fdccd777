"""Processes a batch of commands: load the rounds and answers they name, decide one by one, save once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from chassis.commands.overlay import Overlay
from chassis.commands.recorded_time import recorded_after
from chassis.commands.types import Applied, Command, NewEvent, Steps
from chassis.mongo import Session
from contracts import authority
from contracts.indicators import AnswerDetails, OpenRound, SubmitAnswer
from contracts.model import Model
from services.indicators.domain.answer import Answer, answer_id, submit
from services.indicators.domain.round import Round, open_round, round_id
from services.indicators.store import Store

TYPES: dict[str, tuple[type[Model], type[Model] | None]] = {
    "indicators.round.open.v1": (OpenRound, None),
    "indicators.answer.submit.v1": (SubmitAnswer, AnswerDetails),
}


@dataclass(frozen=True, slots=True)
class LoadedBatch:
    """What one batch touches, by id: rounds, and answers as they stand."""

    rounds: Overlay[Round]
    answers: Overlay[Answer]


@dataclass(frozen=True, slots=True)
class Changes:
    """What one command brings: a new round, or an answer's new state."""

    rounds: tuple[Round, ...] = ()
    answers: tuple[Answer, ...] = ()


def steps(store: Store) -> Steps[LoadedBatch, Changes]:
    """How indicators processes a batch."""

    async def load(commands: Sequence[Command]) -> LoadedBatch:
        submitted = [command.body for command in commands if isinstance(command.body, SubmitAnswer)]
        opened = [command.body for command in commands if isinstance(command.body, OpenRound)]
        named = {body.round for body in submitted} | {round_id(body.catalogue, body.year) for body in opened}
        rounds = await store.find_rounds(named)
        answers = await store.find_answers(answer_id(body.round, body.indicator) for body in submitted)
        return LoadedBatch(Overlay(rounds), Overlay(answers))

    async def save(batch: LoadedBatch, session: Session) -> None:
        await store.save(batch.rounds.changed.values(), batch.answers.changed.values(), session)

    def committed(batch: LoadedBatch) -> None:
        store.remember(batch.rounds.changed.values())

    return Steps(load=load, decide=decide, apply=apply, save=save, committed=committed)


def apply(batch: LoadedBatch, changes: Changes) -> None:
    """Later commands of the batch see what this one changed."""
    batch.rounds.put(*changes.rounds)
    batch.answers.put(*changes.answers)


def decide(batch: LoadedBatch, command: Command, now: datetime) -> Applied[Changes]:
    """What comes of one command. Raises Refused."""
    body: OpenRound | SubmitAnswer = command.body
    authority.check(body.type, command.principal)
    match body:
        case OpenRound():
            return _open(batch, command, body, now)
        case SubmitAnswer():
            return _submit(batch, command, body, now)
        case _:
            assert_never(body)


def _open(batch: LoadedBatch, command: Command, body: OpenRound, now: datetime) -> Applied[Changes]:
    existing = batch.rounds.get(round_id(body.catalogue, body.year))
    opened, event = open_round(existing, command.id, command.principal, body, now)
    return Applied(opened.id, 1, (NewEvent(event, opened.id, 1, now, now),), changes=Changes(rounds=(opened,)))


def _submit(batch: LoadedBatch, command: Command, body: SubmitAnswer, now: datetime) -> Applied[Changes]:
    before = batch.answers.get(answer_id(body.round, body.indicator))
    recorded = recorded_after(now, before.recorded_at) if before else now
    details: AnswerDetails = command.personal or AnswerDetails()
    mgi_round = batch.rounds.get(body.round)
    answer, event = submit(mgi_round, before, command.id, command.principal, body, details, recorded)
    submitted = NewEvent(event, answer.id, answer.version, body.occurred.at, recorded)
    return Applied(answer.id, answer.version, (submitted,), changes=Changes(answers=(answer,)))
