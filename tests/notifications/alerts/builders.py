"""Alerts and principals that are valid by default, so that a test names only what matters."""

from datetime import UTC, datetime
from typing import Any

from contracts import codes
from contracts.commands import Principal
from contracts.model import Moment
from contracts.notifications import RaiseAlert
from services.notifications.alerts.domain.alert import Alert, raise_alert

NOW = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
PERSON = "5f0c7bfe-3c0e-8d6b-9a55-0f3d6a1b2c3d"
ALERT = "0b6e2f6a-5a2f-8c11-8e6a-7d1f0c9b8a70"


def raising(alert_type: str = "ALT-DISTRESS", **changes: Any) -> RaiseAlert:
    """What raises an alert in Malaysia about somebody from Wonosobo."""
    body: dict[str, Any] = {
        "occurred": Moment.parse("2026-03-01T08:20:00+07:00"),
        "alert_type": alert_type,
        "person": PERSON,
        "country": "MY",
        "region": "33.07",
    }
    return RaiseAlert(**(body | changes))


def institution(code: str = "KP2MI") -> Principal:
    """A partner system."""
    return Principal(organisation=code)


def officer(code: str = "KBRI_KUL", user: str = "officer-1", *roles: str) -> Principal:
    """A duty officer, unless other roles are named."""
    return Principal(organisation=code, user=user, roles=roles or ("duty_officer",))


def raised(alert_type: str = "ALT-DISTRESS", *, alert: str = ALERT, now: datetime = NOW, **changes: Any) -> Alert:
    """An alert just raised by KP2MI, about nobody where its type names nobody."""
    if not codes.alert_types()[alert_type].names_person:
        changes = {"person": None} | changes
    return raise_alert(alert, institution(), raising(alert_type, **changes), None, now)[0]
