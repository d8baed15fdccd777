"""The review of an alert that names somebody whom no agreement of its reporter covers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts import authority, codes
from contracts.commands import Principal
from contracts.notifications import CloseReview, EmergencyReason, Finding, ReviewClosed, ReviewState, Severity, Withheld
from contracts.outcomes import Refused
from services.notifications.alerts.domain.alert import Alert

READ, READ_ALL = "reviews.read", "reviews.read_all"
DUE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Review:
    """Opened with its alert, whose id it has; closed once. `revision` is the saved one, 0 when never saved."""

    id: str
    organisation: str
    alert_type: str
    severity: Severity
    privacy: codes.PrivacyClass
    opened_at: datetime
    reason: EmergencyReason | None = None
    withheld: Withheld | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    finding: Finding | None = None
    revision: int = 0

    @property
    def due(self) -> datetime:
        """By when it is to be closed."""
        return self.opened_at + DUE

    @property
    def state(self) -> ReviewState:
        return "closed" if self.closed_at else "open"

    @property
    def version(self) -> int:
        return 2 if self.closed_at else 1

    @property
    def readers(self) -> tuple[str, ...]:
        """As of an alert: by name, who may see it. Of a survivor its reporter's organisation alone."""
        own = f"{READ}/{self.organisation}"
        return (own,) if self.privacy == "survivor" else (own, READ_ALL)

    def overdue(self, now: datetime) -> bool:
        """Whether nobody closed it in time."""
        return self.closed_at is None and self.due < now


def review_of(alert: Alert) -> Review | None:
    """None where an agreement covers the person, or nobody is named unless one does."""
    if not (alert.named_under == "reason" or alert.withheld or (alert.named_under == "unconfirmed" and alert.reason)):
        return None
    return Review(
        id=alert.id,
        organisation=alert.source,
        alert_type=alert.type,
        severity=alert.severity,
        privacy=alert.privacy,
        opened_at=alert.recorded_at,
        reason=alert.reason,
        withheld=alert.withheld,
    )


def review_readers(principal: Principal) -> tuple[str, ...]:
    """The names in a review's `readers` by which the principal may see it. Raises Refused where it may see none."""
    rows = authority.check_any((READ, READ_ALL), principal)
    own = tuple(f"{READ}/{organisation}" for organisation in principal.stands_for)
    return tuple(dict.fromkeys(name for row in rows for name in (own if row.relations else (READ_ALL,))))


def close_review(
    review: Review | None, principal: Principal, body: CloseReview, now: datetime
) -> tuple[Review, ReviewClosed | None]:
    """Close a review; the same finding again changes nothing and gives no event.

    Raises Refused `not_found`, `not_permitted` for the giver's officer, who reads and does not close, or
    `state_conflict`.
    """
    if review is None or set(review_readers(principal)).isdisjoint(review.readers):
        raise Refused("not_found", "/alert")
    if not authority.allows(body.type, principal, {"own"} if review.organisation in principal.stands_for else ()):
        raise Refused("not_permitted")
    if review.closed_at:
        if (review.closed_by, review.finding) == (principal.user, body.finding):
            return review, None
        raise Refused("state_conflict")
    closed = replace(review, closed_at=now, closed_by=principal.user, finding=body.finding)
    event = ReviewClosed(alert=review.id, organisation=review.organisation, finding=body.finding, at=now)
    return closed, event
