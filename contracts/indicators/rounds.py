"""Rounds of the Migration Governance Indicators and their answers, as commands and as events."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from contracts.model import Code, Id, Model, Moment

Catalogue = Literal["mgi-national"]
CatalogueVersion = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]
"""The catalogue's content in 12 hexadecimal digits: another wording is another version."""
Dimension = Annotated[int, Field(ge=1, le=6)]
"""Number of one of the six dimensions of the MGI."""
AnswerValue = Literal["yes", "no"] | float
"""yes or no, 0, 0.5 or 1, or a number, by the kind of the question."""


class Evidence(Model):
    """The instrument an answer rests on (docs/domain.md section 5.3)."""

    instrument: Literal["UU", "PP", "PERPRES", "PERMEN", "PERDA", "PERGUB", "SE", "MOU", "STATISTIC", "OTHER"]
    number: Annotated[str, Field(max_length=60)] | None = None
    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    article: Annotated[str, Field(max_length=200)] | None = None
    title: Annotated[str, Field(min_length=1, max_length=400)]
    url: Annotated[str, Field(max_length=400)] | None = None


class AnswerDetails(Model):
    """What of an answer the institution wrote itself; travels sealed for indicators."""

    text: str | None = None
    explanation: str | None = None
    evidence: tuple[Evidence, ...] = ()


class OpenRound(Model):
    """Open an assessment round over one catalogue. `due_at` in UTC."""

    type: Literal["indicators.round.open.v1"] = "indicators.round.open.v1"
    catalogue: Catalogue
    year: int
    due_at: AwareDatetime


class SubmitAnswer(Model):
    """Sealed part: AnswerDetails. `value` is yes/no, 0|0.5|1 or a number by the kind of the question; None for text.

    `ifversion` is the version of the answer that the writer saw; None when there was none.
    """

    type: Literal["indicators.answer.submit.v1"] = "indicators.answer.submit.v1"
    occurred: Moment
    round: Id
    indicator: Code
    value: AnswerValue | None = None
    ifversion: int | None = None


Command = Annotated[OpenRound | SubmitAnswer, Field(discriminator="type")]


class Assignment(Model):
    """Which institution leads the answer to one question."""

    indicator: Code
    organisation: Code


class RoundOpened(Model):
    """A round takes answers from now until it is closed; answers after `due_at` count as late."""

    type: Literal["indicators.round.opened.v1"] = "indicators.round.opened.v1"
    round: Id
    catalogue: Catalogue
    year: int
    due_at: AwareDatetime
    catalogue_version: CatalogueVersion | None = None
    """Of the catalogue as it stood when the round opened."""
    assignments: tuple[Assignment, ...]


class AnswerSubmitted(Model):
    """An institution answered, or changed its answer."""

    type: Literal["indicators.answer.submitted.v1"] = "indicators.answer.submitted.v1"
    round: Id
    indicator: Code
    dimension: Dimension
    organisation: Code
    occurred: Moment
    value: AnswerValue | None = None
    evidence: int
    """How many pieces of evidence stand behind it."""
    late: bool = False
    """Recorded after the round's `due_at`."""
    stands: bool = True
    """False when a system's report arrived after a newer answer: it is kept, and the newer one counts."""


Event = Annotated[RoundOpened | AnswerSubmitted, Field(discriminator="type")]
