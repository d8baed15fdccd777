"""Queries about rounds and answers, asked by the gateway for a principal."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime

from contracts.commands import Principal
from contracts.indicators import (
    AnswerState,
    AnswerVersion,
    Completeness,
    Question,
    RoundDetail,
    RoundList,
    RoundSummary,
)
from contracts.model import Code, Id
from contracts.outcomes import Refused
from services.indicators.domain.answer import Answer, Version, answer_id
from services.indicators.domain.completeness import completeness
from services.indicators.domain.round import Round, coordinates
from services.indicators.store import Store

SETTLED_AFTER = timedelta(seconds=5)
"""How old a time must be before nothing can be recorded at it any more: transactions live at most 3 s."""


def router(store: Store, verifier: Callable[..., Principal]) -> APIRouter:
    """The routes; `verifier` gives the principal for whom the gateway asks."""
    routes = APIRouter(prefix="/rounds", tags=["rounds"], dependencies=[Depends(verifier)])
    Caller = Annotated[Principal, Depends(verifier)]  # noqa: N806  # a type

    @routes.get("", summary="All rounds")
    async def list_rounds() -> RoundList:
        return RoundList(rounds=tuple(RoundSummary(**_summary(opened)) for opened in await store.list_rounds()))

    @routes.get("/{round_id}", summary="One round with its questions")
    async def get_round(round_id: Id) -> RoundDetail:
        opened = await _get_round(store, round_id)
        questions = tuple(Question.model_validate(asked, from_attributes=True) for asked in opened.questions)
        return RoundDetail(**_summary(opened), questions=questions)

    @routes.get("/{round_id}/completeness", summary="Who has answered, who is late and what is missing")
    async def get_completeness(round_id: Id) -> Completeness:
        opened = await _get_round(store, round_id)
        return completeness(opened, await store.list_answered(round_id), datetime.now(UTC))

    @routes.get("/{round_id}/answers/{indicator}", summary="One answer, for its institution and the coordinator")
    async def get_answer(
        caller: Caller, round_id: Id, indicator: Code, asof: AwareDatetime | None = None
    ) -> AnswerState:
        """`asof`: what was known at that instant, at least 5 s ago."""
        return _stated(await _get_answer(store, caller, answer_id(round_id, indicator), asof))

    return routes


async def _get_round(store: Store, round_id: str) -> Round:
    opened = (await store.find_rounds([round_id])).get(round_id)
    if opened is None:
        raise Refused("not_found")
    return opened


async def _get_answer(store: Store, caller: Principal, wanted: str, asof: datetime | None) -> Answer:
    if asof and asof > datetime.now(UTC) - SETTLED_AFTER:
        raise Refused("invalid_value", "/query/asof")
    answer = (await store.find_answers([wanted])).get(wanted)
    if answer is None or not (caller.organisation == answer.organisation or coordinates(caller)):
        raise Refused("not_found")
    known = answer.as_of(asof) if asof else answer
    if known is None:
        raise Refused("not_found")
    return known


def _summary(opened: Round) -> dict[str, Any]:
    return {
        "round": opened.id,
        "catalogue": opened.catalogue,
        "catalogue_version": opened.catalogue_version,
        "year": opened.year,
        "opened_at": opened.opened_at,
        "due_at": opened.due_at,
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
