"""Callers and events that are valid by default, so that a test names only what matters."""

from datetime import UTC, datetime
from typing import Any

from contracts.commands import Principal
from contracts.indicators import AnswerSubmitted, Assignment, RoundOpened
from contracts.model import Moment
from contracts.notifications import AlertRaised
from services.gateway.tokens import Caller

ROUND = "11111111-1111-8111-8111-111111111111"
ALERT = "22222222-2222-8222-8222-222222222222"
PERSON = "33333333-3333-8333-8333-333333333333"
NEVER = 32_503_680_000.0
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


def caller(organisation: str = "KP2MI", *roles: str) -> Principal:
    return Principal(organisation=organisation, user="officer-1", roles=roles)


def token_holder(organisation: str) -> Caller:
    """An officer on duty who also answers the questions of the organisation."""
    return Caller(organisation, "officer-1", ("duty_officer", "indicator_focal_point"), None, "person", NEVER)


def answered(**changes: Any) -> AnswerSubmitted:
    return AnswerSubmitted.model_validate(
        {
            "round": ROUND, "indicator": "MGI-1.01", "dimension": 1, "organisation": "KEMLU",
            "occurred": Moment(at=AT), "value": 1.0, "evidence": 1,
        } | changes
    )  # fmt: skip


def opened() -> RoundOpened:
    given = (
        Assignment(indicator="MGI-1.01", organisation="KEMLU"),
        Assignment(indicator="MGI-1.02", organisation="BPS"),
    )
    return RoundOpened(round=ROUND, catalogue="mgi-national", year=2026, due_at=AT, assignments=given)


def raised(**changes: Any) -> AlertRaised:
    return AlertRaised.model_validate(
        {
            "alert": ALERT, "alert_type": "ALT-DISTRESS", "severity": "critical", "privacy": "restricted",
            "source": "KP2MI", "recipients": ("KEMLU", "KBRI_KUL"), "unrouted": ("placement company",),
            "person": PERSON, "country": "MY", "occurred": Moment(at=AT), "responders": ("KEMLU", "KBRI_KUL"),
            "named_under": "agreement",
        } | changes
    )  # fmt: skip
