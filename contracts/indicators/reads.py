"""What the indicators service answers to the gateway over HTTP. Times are UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from contracts.codes import QuestionKind
from contracts.indicators.rounds import AnswerValue, Catalogue, CatalogueVersion, Dimension, Evidence
from contracts.model import Code, Id, Model, Moment

Count = Annotated[int, Field(ge=0)]


class RoundSummary(Model):
    """A round without its questions."""

    round: Id
    catalogue: Catalogue
    catalogue_version: CatalogueVersion
    year: int
    opened_at: datetime
    due_at: datetime


class RoundList(Model):
    """Answer to GET /rounds, oldest first."""

    rounds: tuple[RoundSummary, ...]


class Question(Model):
    """A question as it stood in the catalogue when the round opened; `organisation` leads its answer."""

    indicator: Code
    dimension: Dimension
    kind: QuestionKind
    organisation: Code


class RoundDetail(RoundSummary):
    """Answer to GET /rounds/{round}: a round and what it asks."""

    questions: tuple[Question, ...]


class InstitutionProgress(Model):
    """`late` counts answers first given after the due date; `overdue` when the date passed and some are missing."""

    organisation: Code
    assigned: Count
    answered: Count
    late: Count
    missing: tuple[Code, ...]
    """Codes of the questions without an answer."""
    complete: bool
    overdue: bool


class DimensionProgress(Model):
    """One of the six dimensions of the MGI."""

    dimension: Dimension
    assigned: Count
    answered: Count


class Completeness(Model):
    """Answer to GET /rounds/{round}/completeness.

    Institutions in alphabetical order of their codes, which makes it a work list and no ranking; dimensions by number.
    """

    round: Id
    due_at: datetime
    institutions: tuple[InstitutionProgress, ...]
    dimensions: tuple[DimensionProgress, ...]


class AnswerVersion(Model):
    """What an institution answered once; `late` when it was recorded after the due date."""

    occurred: Moment
    recorded_at: datetime
    value: AnswerValue | None = None
    text: str | None = None
    explanation: str | None = None
    evidence: tuple[Evidence, ...] = ()
    late: bool


class AnswerState(AnswerVersion):
    """An answer: the version that stands.

    `versions` holds every version in the order recorded; `version` is what `ifversion` must name.
    """

    answer: Id
    round: Id
    indicator: Code
    dimension: Dimension
    organisation: Code
    version: Annotated[int, Field(ge=1)]
    versions: tuple[AnswerVersion, ...]


AnswerStatus = Literal["answered", "not_answered", "not_permitted"]


class QuestionAnswer(Question):
    """Answer to GET /rounds/{round}/answers/{indicator}?asof=: `answer` is there where the status is `answered`.

    `not_permitted`: who asks may not read the answer, if there is one.
    """

    status: AnswerStatus
    answer: AnswerState | None = None


class RoundAnswers(Model):
    """Answer to GET /rounds/{round}/answers?asof=: every question of the round, in the order of the catalogue."""

    round: Id
    catalogue_version: CatalogueVersion
    answers: tuple[QuestionAnswer, ...]
