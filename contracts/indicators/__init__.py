"""What the indicators service is told, announces and answers: rounds, their questions and answers."""

from __future__ import annotations

from contracts.indicators.reads import (
    AnswerState,
    AnswerVersion,
    Completeness,
    DimensionProgress,
    InstitutionProgress,
    Question,
    RoundDetail,
    RoundList,
    RoundSummary,
)
from contracts.indicators.rounds import (
    AnswerDetails,
    AnswerSubmitted,
    AnswerValue,
    Assignment,
    Catalogue,
    CatalogueVersion,
    Command,
    Dimension,
    Event,
    Evidence,
    OpenRound,
    RoundOpened,
    SubmitAnswer,
)

__all__ = [
    "AnswerDetails",
    "AnswerState",
    "AnswerSubmitted",
    "AnswerValue",
    "AnswerVersion",
    "Assignment",
    "Catalogue",
    "CatalogueVersion",
    "Command",
    "Completeness",
    "Dimension",
    "DimensionProgress",
    "Event",
    "Evidence",
    "InstitutionProgress",
    "OpenRound",
    "Question",
    "RoundDetail",
    "RoundList",
    "RoundOpened",
    "RoundSummary",
    "SubmitAnswer",
]
