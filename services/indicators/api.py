"""Queries about rounds and answers, asked by the gateway for a principal."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime

from contracts.commands import Principal
from contracts.indicators import AnswerValue, Catalogue, Evidence
from contracts.model import Code, Id, Model, Moment
from contracts.outcomes import Refused
from services.indicators.domain.answer import Answer, Version, answer_id
from services.indicators.domain.completeness import DimensionProgress, InstitutionProgress, completeness
from services.indicators.domain.round import Question, Round, coordinates
from services.indicators.store import Store

SETTLED = timedelta(seconds=5)
"""How long a transaction may still add to the past: what was known is asked of instants at least this long ago."""


class RoundSummary(Model):
    """A round without its questions. Times are UTC."""

    round: str
    catalogue: Catalogue
    catalogue_version: str
    year: int
    opened_at: datetime
    due_at: datetime


class RoundView(RoundSummary):
    """A round and what it asks."""

    questions: tuple[Question, ...]


class Rounds(Model):
    """Oldest first."""

    rounds: tuple[RoundSummary, ...]


class CompletenessView(Model):
    """Institutions in alphabetical order: this is a work list, not a ranking."""

    round: str
    due_at: datetime
    institutions: tuple[InstitutionProgress, ...]
    dimensions: tuple[DimensionProgress, ...]


class VersionView(Model):
    """What was said once. `recorded_at` in UTC; `late` when that is after the due date."""

    occurred: Moment
    recorded_at: datetime
    value: AnswerValue | None
    text: str | None
    explanation: str | None
    evidence: tuple[Evidence, ...]
    late: bool


class AnswerView(VersionView):
    """The version that stands, and before it in `versions` every one ever given, in the order recorded.

    `version` is what `ifversion` must name.
    """

    answer: str
    round: str
    indicator: str
    dimension: int
    organisation: str
    version: int
    versions: tuple[VersionView, ...]


def router(store: Store, verifier: Callable[..., Principal]) -> APIRouter:
    """The routes; `verifier` gives the principal for whom the gateway asks."""
    routes = APIRouter(prefix="/rounds", tags=["rounds"], dependencies=[Depends(verifier)])
    Caller = Annotated[Principal, Depends(verifier)]  # noqa: N806  # a type

    @routes.get("", summary="All rounds")
    async def list_rounds() -> Rounds:
        return Rounds(rounds=tuple(RoundSummary(**_summary(found)) for found in await store.list_rounds()))

    @routes.get("/{round_id}", summary="One round with its questions")
    async def get_round(round_id: Id) -> RoundView:
        found = await _get_round(store, round_id)
        return RoundView(**_summary(found), questions=found.questions)

    @routes.get("/{round_id}/completeness", summary="Who has answered, who is late and what is missing")
    async def get_completeness(round_id: Id) -> CompletenessView:
        asked_in = await _get_round(store, round_id)
        found = completeness(asked_in, await store.list_answered(round_id), datetime.now(UTC))
        return CompletenessView(
            round=asked_in.id, due_at=asked_in.due_at, institutions=found.institutions, dimensions=found.dimensions
        )

    @routes.get("/{round_id}/answers/{indicator}", summary="One answer, for its institution and the coordinator")
    async def get_answer(
        caller: Caller, round_id: Id, indicator: Code, asof: AwareDatetime | None = None
    ) -> AnswerView:
        """`asof`: what was known at that instant, at least 5 s ago."""
        return _answer_view(await _get_answer(store, caller, answer_id(round_id, indicator), asof))

    return routes


async def _get_round(store: Store, round_id: str) -> Round:
    found = (await store.find_rounds([round_id])).get(round_id)
    if found is None:
        raise Refused("not_found")
    return found


async def _get_answer(store: Store, caller: Principal, wanted: str, asof: datetime | None) -> Answer:
    if asof and asof > datetime.now(UTC) - SETTLED:
        raise Refused("invalid_value", "/query/asof")
    found = (await store.find_answers([wanted])).get(wanted)
    if found is None or not (caller.organisation == found.organisation or coordinates(caller)):
        raise Refused("not_found")
    known = found.as_of(asof) if asof else found
    if known is None:
        raise Refused("not_found")
    return known


def _summary(found: Round) -> dict[str, Any]:
    return {
        "round": found.id,
        "catalogue": found.catalogue,
        "catalogue_version": found.catalogue_version,
        "year": found.year,
        "opened_at": found.opened_at,
        "due_at": found.due_at,
    }


def _answer_view(answer: Answer) -> AnswerView:
    return AnswerView(
        **_said(answer.standing),
        answer=answer.id,
        round=answer.round,
        indicator=answer.indicator,
        dimension=answer.dimension,
        organisation=answer.organisation,
        version=answer.version,
        versions=tuple(VersionView(**_said(version)) for version in answer.versions),
    )


def _said(version: Version) -> dict[str, Any]:
    return {
        "occurred": version.occurred,
        "recorded_at": version.recorded_at,
        "value": version.value,
        "text": version.details.text,
        "explanation": version.details.explanation,
        "evidence": version.details.evidence,
        "late": version.late,
    }
