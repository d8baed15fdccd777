"""Rounds, answers and principals that are valid by default, so that a test names only what matters."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.commands import Principal
from contracts.indicators import AnswerDetails, Evidence, OpenRound, SubmitAnswer
from contracts.model import Moment
from services.indicators.domain.round import Round, open_round, round_id

NOW = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
DUE = NOW + timedelta(days=30)
ROUND = round_id("mgi-national", 2026)
OPENED_BY = "0b6e2f6a-5a2f-8c11-8e6a-7d1f0c9b8a71"
"""The command."""
LAW = Evidence(instrument="UU", number="18", year=2017, title="Pelindungan Pekerja Migran Indonesia")
SCALE = "MGI-1.01"


def coordinator() -> Principal:
    """Kemlu's coordinator of the assessment."""
    return Principal(organisation="KEMLU", user="coordinator-1", roles=("mgi_coordinator",))


def institution(code: str = "KEMENKES") -> Principal:
    """A partner system."""
    return Principal(organisation=code)


def person(code: str = "KEMENKES", user: str = "focal-point-1") -> Principal:
    """A focal point."""
    return Principal(organisation=code, user=user, roles=("indicator_focal_point",))


def opening(**changes: Any) -> OpenRound:
    """A round due in thirty days."""
    body: dict[str, Any] = {"catalogue": "mgi-national", "year": 2026, "due_at": DUE}
    return OpenRound(**(body | changes))


def a_round(**changes: Any) -> Round:
    """A round opened by the coordinator."""
    return open_round(None, OPENED_BY, coordinator(), opening(**changes), NOW)[0]


def answer(indicator: str = SCALE, value: Any = 1.0, **changes: Any) -> SubmitAnswer:
    """An answer given a day after the opening."""
    body: dict[str, Any] = {
        "occurred": Moment.parse("2026-03-02T09:00:00+07:00"),
        "round": ROUND,
        "indicator": indicator,
        "value": value,
    }
    return SubmitAnswer(**(body | changes))


def details(*evidence: Evidence, text: str | None = None) -> AnswerDetails:
    """One law as evidence, unless others are given."""
    return AnswerDetails(text=text, explanation="Berlaku di semua daerah.", evidence=evidence or (LAW,))
