"""Who sees what on the stream: what REST would give the same caller."""

import json
from itertools import product

import pytest

from contracts.commands import Principal
from contracts.indicators import AnswerSubmitted, RoundOpened
from contracts.notifications import AlertRaised
from contracts.outcomes import Refused
from services.gateway.api.visibility import StreamMessage, is_visible, message_of
from services.indicators.domain.answer import may_read
from services.indicators.domain.round import Question
from services.notifications.alerts.domain.alert import Alert, Step, may_see
from tests.gateway.api.samples import ALERT, AT, PERSON, answered, caller, opened, raised

Event = AlertRaised | RoundOpened | AnswerSubmitted


def message_for(event: Event, version: int | None, who: Principal) -> StreamMessage | None:
    return message_of(event, version) if is_visible(event, who) else None


CALLERS = [
    *(caller(code, *roles) for code, roles in product(
        ("KEMLU", "KBRI_KUL", "KP2MI", "BPS", "KEMENKO_PM", "UI"),
        [(), ("duty_officer",), ("migration_coordinator",), ("mgi_coordinator",), ("indicator_focal_point",)],
    )),
    *(Principal(organisation=code) for code in ("KEMLU", "KBRI_KUL", "KP2MI", "BPS", "UI")),
]  # fmt: skip


def test_an_alert_is_seen_by_officers_of_those_told_and_of_whoever_raised_it() -> None:
    for organisation in ("KEMLU", "KBRI_KUL", "KP2MI"):
        message = message_for(raised(), 1, caller(organisation, "duty_officer"))
        assert message
        assert (message.name, message.data["version"]) == ("alert.raised", 1)
        assert message_for(raised(), 1, caller(organisation)) is None
    assert message_for(raised(), 1, caller("BPS", "duty_officer")) is None


def test_a_coordinator_sees_every_alert_but_those_of_survivors() -> None:
    coordinator = caller("BAPPENAS", "migration_coordinator")
    assert message_for(raised(), 1, coordinator)
    assert message_for(raised(privacy="survivor", person=None), 1, coordinator) is None
    assert message_for(raised(), 1, caller("UI", "migration_coordinator")) is None


def test_a_survivors_alert_is_seen_by_officers_of_those_who_respond_and_not_of_whoever_raised_it() -> None:
    survivors = raised(privacy="survivor", person=None)
    assert message_for(survivors, 1, caller("KEMLU", "duty_officer"))
    assert message_for(survivors, 1, caller("KP2MI", "duty_officer")) is None
    assert message_for(survivors, 1, Principal(organisation="KEMLU")) is None
    assert message_for(raised(privacy="survivor", responders=("KBRI_KUL",)), 1, caller("KEMLU", "duty_officer")) is None


def test_no_person_stands_on_the_stream() -> None:
    message = message_for(raised(), 1, caller("KEMLU", "duty_officer"))
    assert message
    assert PERSON not in json.dumps(message.data)
    assert "unrouted" not in message.data


def test_a_round_is_seen_by_those_who_answer_or_coordinate() -> None:
    for who in (caller("BPS", "indicator_focal_point"), caller("KEMLU", "mgi_coordinator")):
        message = message_for(opened(), 1, who)
        assert message
        assert len(message.data["assignments"]) == 2
    assert message_for(opened(), 1, caller("BPS", "duty_officer")) is None


def test_an_answer_is_seen_by_its_focal_points_and_by_the_coordinator_of_the_assessment() -> None:
    assert message_for(answered(), 1, caller("KEMLU", "indicator_focal_point"))
    assert message_for(answered(organisation="BPS"), 1, caller("KEMLU", "mgi_coordinator"))
    assert message_for(answered(), 1, caller("KEMLU")) is None
    assert message_for(answered(), 1, caller("KP2MI", "indicator_focal_point")) is None
    assert message_for(answered(), 1, caller("KP2MI", "mgi_coordinator")) is None


@pytest.mark.parametrize("privacy", ["restricted", "survivor"])
@pytest.mark.parametrize("who", CALLERS, ids=lambda who: "-".join((who.organisation, who.user or "", *who.roles)))
def test_the_stream_shows_an_alert_to_whom_the_alerts_service_shows_it(who: Principal, privacy: str) -> None:
    event = raised(privacy=privacy, responders=("KEMLU",))
    alert = Alert(
        ALERT, event.alert_type, event.severity, event.privacy, event.source, event.recipients, event.unrouted,
        event.occurred, (Step("raised", ALERT, event.source, None, AT),), event.responders,
    )  # fmt: skip
    try:
        seen = may_see(alert, who)
    except Refused:
        seen = False
    assert (message_for(event, 1, who) is not None) is seen


@pytest.mark.parametrize("who", CALLERS, ids=lambda who: "-".join((who.organisation, who.user or "", *who.roles)))
def test_the_stream_shows_an_answer_to_whom_the_indicators_service_shows_it(who: Principal) -> None:
    assert (message_for(answered(), 1, who) is not None) is may_read(Question("MGI-1.01", 1, "scale", "KEMLU"), who)
