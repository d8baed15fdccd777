"""Who of those told of an alert learns whom it is about: whoever responds, and nobody else."""

from typing import Any

import pytest

from contracts import codes
from contracts.exchange import ReportPart
from services.gateway.domain.agreements import load
from services.notifications.alerts.domain.routing import Place, route
from tests.gateway.domain.agreements import BUILDER, body_of
from tests.gateway.exchange.samples import ALERT, envelope, raised, selection, state


@pytest.mark.parametrize("alert_type", codes.alert_types())
def test_who_knows_people_by_pseudonyms_responds_to_no_alert(alert_type: str) -> None:
    pseudonymised = {agreement.receiver.organisation for agreement in load() if agreement.pseudonymised}
    for place in (Place("MY", "33.07"), Place("HK", "52.03")):
        assert pseudonymised.isdisjoint(route(alert_type, place).responders)


@pytest.mark.parametrize("reporter", ["KP2MI", "BPS"])
@pytest.mark.parametrize("privacy", ["public", "internal", "restricted", "survivor"])
def test_who_is_told_and_does_not_respond_gets_neither_person_nor_report_though_it_reported(
    reporter: str, privacy: Any
) -> None:
    event = raised(privacy=privacy, source=reporter, recipients=("BPS", "KEMLU"), responders=("KEMLU",))
    (recipient,) = selection("BPS").of_alert(event)
    report = ReportPart(narrative="Terkunci", place="Klang", phone="+628340000001")
    for part in ("main", "completion"):
        copy = BUILDER.of_alert(recipient, event, envelope(event), state(), report, part)
        assert body_of(copy)["alert"] == ALERT
        assert {"person", "personal", "report", "asof"}.isdisjoint(body_of(copy))
        assert copy.disclosures == ()


def test_what_was_said_of_an_event_that_names_nobody_is_for_those_who_respond_and_marked_restricted() -> None:
    event = raised(alert_type="ALT-CRISIS", privacy="internal", person=None, named_under=None)
    (recipient,) = selection("KEMLU").of_alert(event)
    copy = BUILDER.of_alert(recipient, event, envelope(event), report=ReportPart(narrative="Terkunci"))
    assert body_of(copy)["report"] == {"narrative": "Terkunci"}
    assert dict(copy.message.headers)["ce_dataclassification"] == b"restricted"
    assert [disclosure.fields for disclosure in copy.disclosures] == [("report.narrative",)]


def test_an_event_that_does_not_say_who_responds_names_nobody_to_anybody() -> None:
    """Of a release before there were responders."""
    event = raised(responders=())
    for recipient in selection("KEMLU", "KBRI_KUL", "KP2MI").of_alert(event):
        body = body_of(BUILDER.of_alert(recipient, event, envelope(event), state(), ReportPart(narrative="Terkunci")))
        assert {"person", "personal", "report"}.isdisjoint(body)
