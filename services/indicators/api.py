"""Queries about rounds and answers, asked by the gateway for a principal."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime

from chassis.commands.recorded_time import require_settled
from chassis.security.principal import Verifier
from contracts import authority
from contracts.commands import Principal
from contracts.indicators import (
    AnswerState,
    AnswerVersion,
    Completeness,
    QuestionAnswer,
    RoundAnswers,
    RoundDetail,
    RoundList,
    RoundSummary,
)
from contracts.model import Code, Id
from contracts.outcomes import Refused
from services.indicators.domain.answer import Answer, Version, answer_id, may_read
from services.indicators.domain.completeness import completeness
from services.indicators.domain.round import Question, Round
from services.indicators.store import Store

AsOf = AwareDatetime | None


def router(store: Store, verifier: Verifier) -> APIRouter:
    """The routes; `verifier` gives the principal for whom the gateway asks."""
    routes = APIRouter(prefix="/rounds", tags=["rounds"])
    Caller = Annotated[Principal, Depends(verifier)]  # noqa: N806  # a type

    @routes.get("", summary="All rounds")
    async def list_rounds(caller: Caller) -> RoundList:
        authority.check("rounds.read", caller)
        return RoundList(rounds=tuple(RoundSummary(**_summary(mgi_round)) for mgi_round in await store.list_rounds()))

    @routes.get("/{round_id}", summary="One round with its questions")
    async def get_round(caller: Caller, round_id: Id) -> RoundDetail:
        authority.check("rounds.read", caller)
        return _detail(await _get_round(store, round_id))

    @routes.get("/{round_id}/completeness", summary="Who has answered, who is late and what is missing")
    async def get_completeness(caller: Caller, round_id: Id) -> Completeness:
        authority.check("completeness.read", caller)
        mgi_round = await _get_round(store, round_id)
        return completeness(mgi_round, await store.list_answered(round_id), datetime.now(UTC))

    @routes.get("/{round_id}/answers", summary="Every question of a round, with the answers that the caller may read")
    async def list_answers(caller: Caller, round_id: Id, asof: AsOf = None) -> RoundAnswers:
        """`asof`: what was known at that instant, at least 5 s ago."""
        authority.check("answers.read", caller)
        if asof:
            require_settled(asof)
        mgi_round = await _get_round(store, round_id)
        return _answers(mgi_round, await store.list_answers(round_id), caller, asof)

    @routes.get("/{round_id}/answers/{indicator}", summary="One answer, for its institution and the coordinator")
    async def get_answer(caller: Caller, round_id: Id, indicator: Code, asof: AsOf = None) -> QuestionAnswer:
        authority.check("answers.read", caller)
        if asof:
            require_settled(asof)
        question = _question(await _get_round(store, round_id), indicator)
        answer = answer_id(round_id, indicator)
        return _read(question, caller, (await store.find_answers([answer])).get(answer), asof)

    return routes


async def _get_round(store: Store, round_id: str) -> Round:
    mgi_round = (await store.find_rounds([round_id])).get(round_id)
    if mgi_round is None:
        raise Refused("not_found")
    return mgi_round


def _question(mgi_round: Round, indicator: str) -> Question:
    question = mgi_round.question(indicator)
    if question is None:
        raise Refused("not_found")
    return question


def _read(question: Question, caller: Principal, answer: Answer | None, asof: datetime | None) -> QuestionAnswer:
    if not may_read(question, caller):
        return QuestionAnswer(**asdict(question), status="not_permitted")
    standing = answer.as_of(asof) if answer and asof else answer
    if standing is None:
        return QuestionAnswer(**asdict(question), status="not_answered")
    return QuestionAnswer(**asdict(question), status="answered", answer=_stated(standing))


def _answers(mgi_round: Round, answers: Iterable[Answer], caller: Principal, asof: datetime | None) -> RoundAnswers:
    by_indicator = {answer.indicator: answer for answer in answers}
    return RoundAnswers(
        round=mgi_round.id,
        catalogue_version=mgi_round.catalogue_version,
        answers=tuple(
            _read(question, caller, by_indicator.get(question.indicator), asof) for question in mgi_round.questions
        ),
    )


def _detail(mgi_round: Round) -> RoundDetail:
    questions = [asdict(question) for question in mgi_round.questions]
    return RoundDetail.model_validate(_summary(mgi_round) | {"questions": questions})


def _summary(mgi_round: Round) -> dict[str, Any]:
    return {
        "round": mgi_round.id,
        "catalogue": mgi_round.catalogue,
        "catalogue_version": mgi_round.catalogue_version,
        "year": mgi_round.year,
        "opened_at": mgi_round.opened_at,
        "due_at": mgi_round.due_at,
    }


def _stated(answer: Answer) -> AnswerState:
    return AnswerState(
        **_version(answer.standing),
        answer=answer.id,
        round=answer.round,
        indicator=answer.indicator,
        dimension=answer.dimension,
        organisation=answer.organisation,
        version=answer.version,
        versions=tuple(AnswerVersion(**_version(version)) for version in answer.versions),
    )


def _version(version: Version) -> dict[str, Any]:
    return {
        "occurred": version.occurred,
        "recorded_at": version.recorded_at,
        "value": version.value,
        "text": version.details.text,
        "explanation": version.details.explanation,
        "evidence": version.details.evidence,
        "late": version.late,
    }
