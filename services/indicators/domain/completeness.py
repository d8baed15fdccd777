"""Who has answered what in a round. It counts, and never ranks one institution against another."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.indicators.domain.round import Question, Round


@dataclass(frozen=True, slots=True)
class Answered:
    """All that completeness needs to know of an answer."""

    indicator: str
    late: bool


@dataclass(frozen=True, slots=True)
class InstitutionProgress:
    """`late` counts answers first given after the due date; `overdue` when the date passed and some are missing."""

    organisation: str
    assigned: int
    answered: int
    late: int
    missing: tuple[str, ...]
    complete: bool
    overdue: bool


@dataclass(frozen=True, slots=True)
class DimensionProgress:
    """One of the six dimensions of the MGI."""

    dimension: int
    assigned: int
    answered: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """Institutions in alphabetical order of their codes, dimensions by number."""

    institutions: tuple[InstitutionProgress, ...]
    dimensions: tuple[DimensionProgress, ...]


def completeness(asked_in: Round, answers: Iterable[Answered], now: datetime) -> Completeness:
    """The state of a round at `now` (UTC)."""
    late = {answer.indicator: answer.late for answer in answers}
    institutions = sorted({asked.organisation for asked in asked_in.questions})
    dimensions = sorted({asked.dimension for asked in asked_in.questions})
    return Completeness(
        tuple(_institution(code, asked_in, late, now) for code in institutions),
        tuple(_dimension(number, asked_in, late) for number in dimensions),
    )


def _institution(code: str, asked_in: Round, late: dict[str, bool], now: datetime) -> InstitutionProgress:
    asked = [question.indicator for question in asked_in.questions if question.organisation == code]
    missing = tuple(indicator for indicator in asked if indicator not in late)
    return InstitutionProgress(
        organisation=code,
        assigned=len(asked),
        answered=len(asked) - len(missing),
        late=sum(late.get(indicator, False) for indicator in asked),
        missing=missing,
        complete=not missing,
        overdue=bool(missing) and now > asked_in.due_at,
    )


def _dimension(number: int, asked_in: Round, late: dict[str, bool]) -> DimensionProgress:
    asked: list[Question] = [question for question in asked_in.questions if question.dimension == number]
    return DimensionProgress(number, len(asked), sum(question.indicator in late for question in asked))
