"""Rounds as people read them: questions in words, institutions by name."""

from collections.abc import Mapping
from typing import Any

from contracts import codes
from contracts.indicators import (
    AnswerState,
    AnswerStatus,
    CatalogueVersion,
    Completeness,
    InstitutionProgress,
    Question,
    RoundAnswers,
    RoundDetail,
    RoundSummary,
)
from contracts.model import Id, Model
from services.gateway.domain.organisations import Institution

Institutions = Mapping[str, Institution]
"""By code, as they are called today."""


class QuestionView(Question):
    """A question of a round; its text is absent where the catalogue has changed since the round opened."""

    question_en: str | None = None
    dimension_id: str | None = None
    dimension_en: str | None = None
    organisation_name_id: str | None = None
    organisation_name_en: str | None = None


class RoundView(RoundSummary):
    """A round and what it asks. Times are UTC."""

    questions: tuple[QuestionView, ...]


class AnswerRow(QuestionView):
    """A question with its answer, which is there where `status` is `answered`; `answer.version` goes into If-Match.

    `not_permitted`: your organisation may not read the answer, if there is one.
    """

    status: AnswerStatus
    answer: AnswerState | None = None


class RoundAnswersView(Model):
    """Every question of a round, in the order of the catalogue."""

    round: Id
    answers: tuple[AnswerRow, ...]


class InstitutionView(InstitutionProgress):
    """`late` counts answers first given after the due date; `overdue` when the date passed and some are missing."""

    name_id: str | None = None
    name_en: str | None = None


class CompletenessView(Completeness):
    """Institutions in alphabetical order of their codes, which makes it a work list and no ranking."""

    institutions: tuple[InstitutionView, ...]


def round_view(detail: RoundDetail, institutions: Institutions) -> RoundView:
    """A round with its questions in words."""
    questions = [_in_words(question, detail.catalogue_version, institutions) for question in detail.questions]
    return RoundView.model_validate(detail.model_dump() | {"questions": questions})


def answers_view(listed: RoundAnswers, institutions: Institutions) -> RoundAnswersView:
    """The answers of a round, each beside its question in words."""
    rows = [_in_words(row, listed.catalogue_version, institutions) for row in listed.answers]
    return RoundAnswersView.model_validate({"round": listed.round, "answers": rows})


def completeness_view(progress: Completeness, institutions: Institutions) -> CompletenessView:
    """Who has answered, by name."""
    rows = [row.model_dump() | _names(row.organisation, institutions) for row in progress.institutions]
    return CompletenessView.model_validate(progress.model_dump() | {"institutions": rows})


def _in_words(question: Question, version: CatalogueVersion, institutions: Institutions) -> dict[str, Any]:
    names = _names(question.organisation, institutions)
    named = {f"organisation_{name}": text for name, text in names.items()}
    return question.model_dump() | _text(question.indicator, version) | named


def _text(indicator: str, version: CatalogueVersion) -> dict[str, str]:
    if version != codes.mgi_catalogue_version():
        return {}
    entry = codes.mgi_indicators()[indicator]
    return {
        "question_en": entry.question_en,
        "dimension_id": entry.dimension_id,
        "dimension_en": entry.dimension_en,
    }


def _names(organisation: str, institutions: Institutions) -> dict[str, str]:
    entry = institutions.get(organisation)
    return {"name_id": entry.name_id, "name_en": entry.name_en} if entry else {}
