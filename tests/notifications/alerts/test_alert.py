"""What may become of an alert."""

from datetime import timedelta

import pytest

from contracts import codes
from contracts.notifications import AcknowledgeAlert, AlertDetails, ResolveAlert
from contracts.outcomes import Refused
from services.notifications.alerts.domain.alert import Alert, acknowledge, raise_alert, report_of, resolve
from tests.notifications.alerts.builders import ALERT, NOW, PERSON, institution, officer, raised, raising

LATER = NOW + timedelta(minutes=5)
SURVIVOR = ("ALT-TPPO", "ALT-GBV", "ALT-CHILD", "ALT-REFSLA")


def code_of(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.problems[0].code


def taken(alert: Alert | None = None) -> Alert:
    return acknowledge(alert or raised(), "c1", officer(), AcknowledgeAlert(alert=ALERT), LATER)[0]


def test_an_alert_is_named_by_the_command_that_raised_it_and_due_from_its_recording() -> None:
    alert, event = raise_alert(ALERT, institution(), raising(), None, NOW)
    assert (alert.id, alert.state, alert.version, alert.severity) == (ALERT, "raised", 1, "critical")
    assert event.acknowledge_by == NOW + timedelta(minutes=15)
    assert event.first_action_by == NOW + timedelta(hours=1)
    assert event.recipients == ("KBRI_KUL", "KJRI_JHB", "KJRI_BKI", "KEMLU", "KP2MI")


def test_a_limit_in_working_days_sets_no_due_time_and_a_range_starts_at_its_lowest_severity() -> None:
    alert = raised("ALT-EXPIRY")
    assert (alert.acknowledge_by, alert.severity) == (None, "low")


@pytest.mark.parametrize("alert_type", SURVIVOR)
def test_a_survivors_alert_names_no_person_and_no_place_finer_than_the_province(alert_type: str) -> None:
    person = PERSON if codes.alert_types()[alert_type].names_person else None
    alert, event = raise_alert(ALERT, institution(), raising(alert_type, person=person), None, NOW)
    assert alert.privacy == "survivor"
    assert (event.person, event.region) == (None, "33")
    assert PERSON not in event.model_dump_json()
    assert "33.07" not in event.model_dump_json()


def test_who_the_survivor_is_stands_only_in_the_report() -> None:
    body = raising("ALT-GBV")
    report = report_of(raised("ALT-GBV"), body, AlertDetails(narrative="…"))
    assert report is not None
    assert (report.person, report.region, report.details.narrative) == (PERSON, "33.07", "…")
    assert report_of(raised(), raising(), None) is None


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"alert_type": "ALT-NONE"}, "unknown_code", "/alert_type"),
        ({"country": "ZZ"}, "unknown_code", "/country"),
        ({"region": "99.99"}, "unknown_code", "/region"),
        ({"region": "ID"}, "unknown_code", "/region"),
        ({"country": None}, "missing_value", "/country"),
    ],
)
def test_a_report_with_a_code_that_is_not_in_the_list_is_refused(
    changes: dict[str, str | None], code: str, pointer: str
) -> None:
    with pytest.raises(Refused) as refused:
        raise_alert(ALERT, institution(), raising().model_copy(update=changes), None, NOW)
    assert [(problem.code, problem.pointer) for problem in refused.value.problems] == [(code, pointer)]


@pytest.mark.parametrize(
    ("alert_type", "organisation", "details", "code"),
    [
        ("ALT-QMIDUE", "KP2MI", None, "alert_type_not_permitted"),
        ("ALT-CRISIS", "KP2MI", None, "alert_type_not_permitted"),
        ("ALT-DISTRESS", "UI", None, "alert_type_not_permitted"),
        ("ALT-CRISIS", "KEMLU", None, "person_not_permitted"),
        ("ALT-QMIDUE", "BPS", AlertDetails(nik="3307054512980001"), "person_not_permitted"),
        ("ALT-QMIDUE", "BPS", AlertDetails(passport="X0000000"), "person_not_permitted"),
        ("ALT-REFSLA", "KP2MI", AlertDetails(person=PERSON), "person_not_permitted"),
    ],
)
def test_what_its_functions_do_not_let_an_organisation_raise_is_refused_and_so_is_a_person_in_the_wrong_type(
    alert_type: str, organisation: str, details: AlertDetails | None, code: str
) -> None:
    body = raising(alert_type, person=None if details else PERSON)
    with pytest.raises(Refused) as refused:
        raise_alert(ALERT, institution(organisation), body, details, NOW)
    assert code_of(refused) == code


def test_who_responds_stands_in_the_alert_and_in_its_events() -> None:
    alert, event = raise_alert(ALERT, institution(), raising("ALT-CHILD"), None, NOW)
    assert "KEMENSOS" in alert.recipients
    assert event.responders == alert.responders == ("KEMENPPPA", "KEMENSOS", "KBRI_KUL", "KJRI_JHB", "KJRI_BKI")
    taken_over, step = acknowledge(alert, "c1", officer("KEMENSOS"), AcknowledgeAlert(alert=ALERT), LATER)
    assert step is not None
    assert step.responders == taken_over.responders == alert.responders


def test_a_region_code_from_before_2022_is_brought_up_to_date() -> None:
    assert raised(region="91.01").region == "93.01"


def test_a_duty_officer_takes_an_alert_and_ends_it() -> None:
    alert, event = acknowledge(raised(), "c1", officer(), AcknowledgeAlert(alert=ALERT, ifversion=1), LATER)
    assert event is not None
    assert (event.by, event.at, alert.state, alert.version) == ("KBRI_KUL", LATER, "acknowledged", 2)
    ended, last = resolve(alert, "c2", officer("KEMLU"), ResolveAlert(alert=ALERT, resolution="helped"), LATER)
    assert last is not None
    assert (last.resolution, last.by, ended.state, ended.version) == ("helped", "KEMLU", "resolved", 3)


def test_the_same_step_again_changes_nothing() -> None:
    alert = taken()
    again, event = acknowledge(alert, "c9", officer(), AcknowledgeAlert(alert=ALERT), LATER)
    assert again is alert
    assert event is None


@pytest.mark.parametrize("second", [officer(user="officer-2"), officer("KEMLU")])
def test_an_alert_that_somebody_took_cannot_be_taken_by_another(second: object) -> None:
    with pytest.raises(Refused) as refused:
        acknowledge(taken(), "c2", second, AcknowledgeAlert(alert=ALERT), LATER)  # type: ignore[arg-type]
    assert code_of(refused) == "state_conflict"


def test_a_system_of_those_told_takes_an_alert_and_none_of_a_survivor() -> None:
    taken_by_system, event = acknowledge(raised(), "c1", institution("KEMLU"), AcknowledgeAlert(alert=ALERT), LATER)
    assert event is not None
    assert (event.by, taken_by_system.steps[-1].user) == ("KEMLU", None)
    with pytest.raises(Refused) as refused:
        acknowledge(raised("ALT-TPPO"), "c1", institution("KP2MI"), AcknowledgeAlert(alert=ALERT), LATER)
    assert code_of(refused) == "not_found"


def test_what_nobody_took_cannot_be_resolved() -> None:
    with pytest.raises(Refused) as refused:
        resolve(raised(), "c1", officer(), ResolveAlert(alert=ALERT, resolution="false_alarm"), LATER)
    assert code_of(refused) == "state_conflict"


def test_a_decision_on_a_version_that_is_no_more_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        acknowledge(taken(), "c2", officer("KEMLU"), AcknowledgeAlert(alert=ALERT, ifversion=1), LATER)
    assert code_of(refused) == "version_conflict"


def test_denied_looks_like_not_found() -> None:
    body = AcknowledgeAlert(alert=ALERT)
    with pytest.raises(Refused) as unknown:
        acknowledge(None, "c1", officer(), body, LATER)
    with pytest.raises(Refused) as denied:
        acknowledge(raised(), "c1", officer("KEMENKES"), body, LATER)
    assert unknown.value.problems == denied.value.problems
    assert code_of(denied) == "not_found"


def test_whoever_may_see_an_alert_and_not_take_it_is_told_so() -> None:
    alert, _ = raise_alert(ALERT, institution("KEMENKES"), raising(), None, NOW)
    assert "KEMENKES" not in alert.recipients
    for who in officer("KEMENKES"), officer("BAPPENAS", "c-1", "duty_officer", "migration_coordinator"):
        with pytest.raises(Refused) as denied:
            acknowledge(alert, "c1", who, AcknowledgeAlert(alert=ALERT), LATER)
        assert code_of(denied) == "not_permitted"


def test_a_person_of_a_recipient_needs_the_role_of_duty_officer() -> None:
    with pytest.raises(Refused) as refused:
        acknowledge(
            raised(), "c1", officer("KEMLU", "somebody", "indicator_focal_point"), AcknowledgeAlert(alert=ALERT), LATER
        )
    assert code_of(refused) == "not_permitted"


def test_an_alert_is_overdue_until_somebody_takes_it() -> None:
    late = NOW + timedelta(minutes=16)
    assert not raised().overdue(LATER)
    assert raised().overdue(late)
    assert not taken().overdue(late)
