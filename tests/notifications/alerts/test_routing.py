"""Which organisations receive an alert."""

from dataclasses import replace

import pytest

from contracts import codes
from contracts.outcomes import Refused
from services.notifications.alerts.domain.routing import NotUnderstood, Place, _rule, _rules, route, rules

HERE = Place(country="MY", region="33.07")


@pytest.mark.parametrize("alert_type", codes.alert_types())
def test_every_row_of_the_list_is_understood_and_no_recipient_is_dropped(alert_type: str) -> None:
    routing = route(alert_type, HERE)
    entries = codes.alert_types()[alert_type].notify
    assert len(rules()[alert_type]) == len(entries)
    assert set(routing.recipients) <= codes.organisations().keys()
    assert set(routing.unrouted) <= set(entries)
    assert routing.recipients or routing.unrouted


@pytest.mark.parametrize("alert_type", codes.alert_types())
def test_those_who_respond_are_among_those_told(alert_type: str) -> None:
    routing = route(alert_type, HERE)
    assert set(routing.responders) <= set(routing.recipients)


def test_whoever_is_told_of_an_administrative_alert_responds_to_nothing() -> None:
    for alert_type in ("ALT-QMIDUE", "ALT-MGIDUE", "ALT-THRESH"):
        routing = route(alert_type, HERE)
        assert (bool(routing.recipients), routing.responders) == (True, ())


def test_a_recipient_that_only_has_to_know_does_not_respond() -> None:
    assert route("ALT-DEATH", HERE).responders == (*route("ALT-DISTRESS", HERE).recipients[:3], "KP2MI", "KAB-33.07")
    crisis = route("ALT-CRISIS", HERE)
    assert ("PROV-33" in crisis.recipients, "PROV-33" in crisis.responders) == (True, False)


def test_responders_that_are_not_told_are_an_error() -> None:
    distress = codes.alert_types()["ALT-DISTRESS"]
    with pytest.raises(NotUnderstood):
        _rules(replace(distress, responders=("BPS",)))


def test_a_row_in_words_that_no_rule_knows_is_an_error() -> None:
    with pytest.raises(NotUnderstood):
        _rule("the neighbours")
    with pytest.raises(NotUnderstood):
        _rule("KP2MI/the neighbours")


def test_a_distress_call_reaches_every_mission_of_the_country_kemlu_and_kp2mi() -> None:
    assert route("ALT-DISTRESS", Place("MY")).recipients == ("KBRI_KUL", "KJRI_JHB", "KJRI_BKI", "KEMLU", "KP2MI")
    assert route("ALT-DISTRESS", Place("HK")).recipients == ("KJRI_HKG", "KEMLU", "KP2MI")


def test_a_country_without_a_listed_mission_is_said_and_the_others_are_told() -> None:
    routing = route("ALT-DISTRESS", Place("BR"))
    assert routing.recipients == ("KEMLU", "KP2MI")
    assert routing.unrouted == ("mission for the country",)


@pytest.mark.parametrize("alert_type", ["ALT-DISTRESS", "ALT-DEATH", "ALT-VESSEL", "ALT-WAGE"])
def test_the_country_is_needed_where_a_mission_is_told(alert_type: str) -> None:
    with pytest.raises(Refused) as refused:
        route(alert_type, Place())
    assert [(problem.code, problem.pointer) for problem in refused.value.problems] == [("missing_value", "/country")]


def test_the_home_regency_and_the_province_are_told_by_region() -> None:
    assert "KAB-33.07" in route("ALT-DEATH", HERE).recipients
    assert "PROV-33" in route("ALT-SCAM", Place(region="33.07")).recipients
    assert "PROV-33" in route("ALT-CRISIS", Place(region="33")).recipients
    assert "provinces of origin" in route("ALT-CRISIS", Place()).unrouted


def test_a_slash_tells_both_the_ministry_and_its_office_in_the_region() -> None:
    assert route("ALT-MASSRET", Place(region="52.03")).recipients[:2] == ("KP2MI", "BP3MI-52")
    assert route("ALT-MASSRET", Place()).recipients[:2] == ("KP2MI", "KEMENSOS")


def test_an_or_tells_the_first_that_exists_at_the_place() -> None:
    assert "KBRI_KUL" in route("ALT-CHILD", HERE).recipients
    assert "BP3MI-33" not in route("ALT-CHILD", HERE).recipients
    assert "BP3MI-33" in route("ALT-CHILD", Place("ID", "33.07")).recipients
    assert "mission or BP3MI" in route("ALT-CHILD", Place()).unrouted


def test_a_condition_that_an_officer_must_judge_tells_nobody_by_itself() -> None:
    routing = route("ALT-GBV", HERE)
    assert routing.recipients == ("KEMENPPPA",)
    assert "POLRI women unit where consent or law requires" in routing.unrouted
