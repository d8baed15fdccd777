"""Whether an alert may say whom it is about."""

from datetime import timedelta

import pytest

from contracts import codes
from contracts.notifications import AlertDetails, EmergencyReason, NamedUnder, RaiseAlert
from contracts.outcomes import Refused
from services.notifications.alerts.domain.alert import raise_alert, report_of
from services.notifications.alerts.domain.naming import HOUR, Allowance, Naming, naming_of
from tests.notifications.alerts.builders import ALERT, NOW, PERSON, institution, raising

NIK = AlertDetails(nik="3307054512980001", passport="X0000000", narrative="…")
SPENT = Allowance("KP2MI", (NOW - timedelta(minutes=50), NOW - timedelta(minutes=10)))
PER_HOUR = 2


def naming(body: RaiseAlert, allowance: Allowance | None = None, details: AlertDetails | None = NIK) -> Naming:
    alert_type = codes.alert_types()[body.alert_type]
    return naming_of(body, details, alert_type, allowance or Allowance("KP2MI"), NOW, PER_HOUR)


def about(covered: bool | None, reason: EmergencyReason | None, alert_type: str = "ALT-DISTRESS") -> RaiseAlert:
    return raising(alert_type, person=None, covered=covered, reason=reason)


@pytest.mark.parametrize(
    ("covered", "reason", "allowance", "under", "withheld"),
    [
        (True, None, None, "agreement", None),
        (True, None, SPENT, "agreement", None),
        (False, "violence", None, "reason", None),
        (None, "violence", None, "reason", None),
        (None, None, None, "unconfirmed", None),
        (None, "violence", SPENT, "unconfirmed", None),
        (False, None, None, None, "no_reason"),
        (False, "violence", SPENT, None, "limit"),
    ],
)
def test_a_distress_call_is_never_refused_and_names_nobody_without_an_agreement_or_a_reason(
    covered: bool | None,
    reason: EmergencyReason | None,
    allowance: Allowance | None,
    under: NamedUnder | None,
    withheld: str | None,
) -> None:
    assert naming(about(covered, reason), allowance) == (under, withheld)


@pytest.mark.parametrize(
    ("reason", "allowance", "code", "allowed"),
    [(None, None, "reason_missing", "violence"), ("missing", SPENT, "emergency_limit", "2026-03-01T01:40:00.000Z")],
)
def test_an_alert_that_can_wait_is_refused_and_says_what_is_missing_or_when_again(
    reason: EmergencyReason | None, allowance: Allowance | None, code: str, allowed: str
) -> None:
    with pytest.raises(Refused) as refused:
        naming(about(False, reason, "ALT-MISSING"), allowance)
    (problem,) = refused.value.problems
    assert (problem.code, problem.pointer) == (code, "/reason")
    assert allowed in (problem.allowed or "")


def test_an_alert_about_nobody_needs_no_reason() -> None:
    assert naming(about(None, None), details=None) == naming(about(None, None), details=AlertDetails(phone="+60123456"))
    assert naming(about(None, None), details=None) == (None, None)


def test_an_hour_later_it_may_name_somebody_again() -> None:
    allowance = Allowance("KP2MI").use(NOW - HOUR).use(NOW - HOUR + timedelta(seconds=1))
    assert allowance.again_at(NOW - timedelta(seconds=1), PER_HOUR) == NOW
    assert allowance.again_at(NOW, PER_HOUR) is None
    assert allowance.use(NOW).again_at(NOW, PER_HOUR) == NOW + timedelta(seconds=1)


@pytest.mark.parametrize("alert_type", ["ALT-DISTRESS", "ALT-TPPO"])
def test_whom_nobody_may_be_told_is_kept_nowhere(alert_type: str) -> None:
    body = raising(alert_type, covered=False)
    alert, event = raise_alert(ALERT, institution(), body, NIK, NOW)
    assert (alert.withheld, alert.person) == ("no_reason", None)
    report = report_of(alert, body, NIK)
    assert report is not None
    assert (report.details.nik, report.details.passport, report.person, report.details.narrative) == (
        None, None, None, "…",
    )  # fmt: skip
    assert PERSON not in event.model_dump_json()
    assert event.withheld == (None if alert_type == "ALT-TPPO" else "no_reason")
