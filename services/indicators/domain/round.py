"""One assessment round: the questions asked, and who leads each answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_OID, uuid5

from contracts import codes
from contracts.commands import Principal
from contracts.indicators import Assignment, Catalogue, OpenRound, RoundOpened
from contracts.outcomes import Refused


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it stood in the catalogue when the round opened."""

    indicator: str
    dimension: int
    kind: codes.QuestionKind
    organisation: str


@dataclass(frozen=True, slots=True)
class Round:
    """Never changes once opened; times are UTC."""

    id: str
    catalogue: Catalogue
    catalogue_version: str
    year: int
    due_at: datetime
    opened_at: datetime
    opened_by: str
    command_id: str
    questions: tuple[Question, ...]

    def question(self, indicator: str) -> Question | None:
        """The question of this code, if the round asks it."""
        return next((question for question in self.questions if question.indicator == indicator), None)


def round_id(catalogue: Catalogue, year: int) -> str:
    """The id of the round over a catalogue as it stands, known before there is one: there is one for each year."""
    return str(uuid5(NAMESPACE_OID, f"{catalogue}/{codes.mgi_catalogue_version()}/{year}"))


def open_round(
    existing: Round | None, command_id: str, principal: Principal, body: OpenRound, now: datetime
) -> tuple[Round, RoundOpened]:
    """A new round over the catalogue as it stands; `existing` is the one of its id.

    Raises Refused `round_exists` or `invalid_value`.
    """
    if existing is not None:
        raise Refused("round_exists", "/year")
    if body.due_at <= now:
        raise Refused("invalid_value", "/due_at", "later than now")
    opened = Round(
        id=round_id(body.catalogue, body.year),
        catalogue=body.catalogue,
        catalogue_version=codes.mgi_catalogue_version(),
        year=body.year,
        due_at=body.due_at.astimezone(UTC),
        opened_at=now,
        opened_by=principal.organisation,
        command_id=command_id,
        questions=tuple(
            Question(indicator.code, indicator.dimension_no, indicator.kind, indicator.lead_org)
            for indicator in codes.mgi_indicators().values()
        ),
    )
    return opened, RoundOpened(
        round=opened.id,
        catalogue=opened.catalogue,
        catalogue_version=opened.catalogue_version,
        year=opened.year,
        due_at=opened.due_at,
        assignments=tuple(
            Assignment(indicator=question.indicator, organisation=question.organisation)
            for question in opened.questions
        ),
    )
