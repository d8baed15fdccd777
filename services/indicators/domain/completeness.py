"""Who has answered what in a round. It counts, and never ranks one institution against another."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from contracts.indicators import Completeness, DimensionProgress, InstitutionProgress
from services.indicators.domain.round import Round


@dataclass(frozen=True, slots=True)
class Answered:
    """All that completeness needs to know of an answer."""

    indicator: str
    late: bool


def completeness(mgi_round: Round, answers: Iterable[Answered], now: datetime) -> Completeness:
    """The state of a round at `now` (UTC)."""
    late = {answer.indicator: answer.late for answer in answers}
    organisations = sorted({question.organisation for question in mgi_round.questions})
    dimensions = sorted({question.dimension for question in mgi_round.questions})
    return Completeness(
        round=mgi_round.id,
        due_at=mgi_round.due_at,
        institutions=tuple(_institution(code, mgi_round, late, now) for code in organisations),
        dimensions=tuple(_dimension(number, mgi_round, late) for number in dimensions),
    )


def _institution(code: str, mgi_round: Round, late: dict[str, bool], now: datetime) -> InstitutionProgress:
    """`late` has every question that is answered, and whether it was late."""
    assigned = [question.indicator for question in mgi_round.questions if question.organisation == code]
    missing = tuple(indicator for indicator in assigned if indicator not in late)
    return InstitutionProgress(
        organisation=code,
        assigned=len(assigned),
        answered=len(assigned) - len(missing),
        late=sum(late.get(indicator, False) for indicator in assigned),
        missing=missing,
        complete=not missing,
        overdue=bool(missing) and now > mgi_round.due_at,
    )


def _dimension(number: int, mgi_round: Round, late: dict[str, bool]) -> DimensionProgress:
    indicators = [question.indicator for question in mgi_round.questions if question.dimension == number]
    return DimensionProgress(
        dimension=number, assigned=len(indicators), answered=sum(indicator in late for indicator in indicators)
    )
