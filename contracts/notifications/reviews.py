"""Reviews of alerts that name somebody whom no agreement of their reporter covers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from contracts.codes import Severity
from contracts.model import Code, Id, Model

EmergencyReason = Literal[
    "life_in_danger", "violence", "held_against_will", "medical_emergency", "missing", "death", "child_at_risk",
    "asked_for_help",
]  # fmt: skip
"""Why an alert names a person: vital interest (UU 27/2022 art. 20(2)(d)), or she asks for help herself."""
NamedUnder = Literal["agreement", "reason", "unconfirmed"]
"""`agreement`: one of the reporter's covers the person. `reason`: none does, or none was known to, and a reason was
given. `unconfirmed`: she is named to those who respond only once an agreement is known to cover her."""
Withheld = Literal["no_reason", "limit"]
"""The reporter named somebody, and those who respond are not told whom: it gave no reason, or too many before."""
Finding = Literal["justified", "covered_by_agreement", "unjustified"]


class CloseReview(Model):
    """The data protection officer of the reporter's organisation has looked into it."""

    type: Literal["alerts.review.close.v1"] = "alerts.review.close.v1"
    alert: Id
    finding: Finding


class ReviewClosed(Model):
    """What a review came to, and when that was recorded (UTC)."""

    type: Literal["alerts.review.closed.v1"] = "alerts.review.closed.v1"
    alert: Id
    organisation: Code
    finding: Finding
    at: datetime


class ReviewSummary(Model):
    """One review. Times are UTC; `due` is seven days after it was opened. Of a survivor the type stays out."""

    alert: Id
    organisation: Code
    """Whose system or officer raised the alert."""
    alert_type: Code | None = None
    severity: Severity
    reason: EmergencyReason | None = None
    withheld: Withheld | None = None
    opened_at: datetime
    due: datetime
    overdue: bool
    """Still open, and past `due`."""
    closed_at: datetime | None = None
    finding: Finding | None = None


class ReviewPage(Model):
    """Answer to GET /reviews?state=&after=&limit=, oldest first; `after` is the cursor of the next page."""

    reviews: Annotated[tuple[ReviewSummary, ...], Field(max_length=200)]
    after: str | None = None


ReviewState = Literal["open", "closed"]
