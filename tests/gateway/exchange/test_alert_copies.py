"""What one receiver gets of an alert."""

import json
from dataclasses import replace

from contracts import exchange, notifications
from contracts.exchange import ReportPart
from tests.gateway.exchange.copying import COPIER, alert_copy, joined
from tests.gateway.exchange.samples import (
    ALERT,
    NIK,
    NOW,
    OTHER,
    PERSON,
    envelope,
    raised,
    selection,
    state,
)


def test_an_alert_tells_those_told_who_and_where() -> None:
    report = ReportPart(narrative="Terkunci", phone="+628340000001")
    body, _, copy = alert_copy(state=state(), report=report)
    assert copy.message.topic == "to.kbri_kul.urgent.v1"
    assert body.personal is not None
    assert body.personal.clear is not None
    assert body.report is not None
    assert (body.state, body.personal.clear.nik, body.report.narrative) == ("raised", NIK, "Terkunci")
    assert body.acknowledge_by == NOW


def test_who_responds_to_an_alert_gets_all_parts_of_a_person() -> None:
    personal = json.loads(alert_copy(state=joined("HK", "MY"))[2].message.value)["personal"]
    assert personal["clear"].keys() == {"full_name", "nik", "sex", "passport"}


def test_an_alert_that_may_be_about_two_persons_gives_responders_both_and_puts_both_on_record() -> None:
    candidates = [state(), state(person=OTHER, personal={"full_name": "Dewi", "mother_name": "Kartinah"})]
    body, head, copy = alert_copy(raised(person=None), candidates=candidates)
    assert (body.person, body.personal, len(body.candidates)) == (None, None, 2)
    shown = [candidate.personal.clear for candidate in body.candidates if candidate.personal]
    assert [(fields.full_name, fields.mother_name) for fields in shown if fields] == [
        ("Sulastri", None),
        ("Dewi", None),
    ]
    assert len({candidate.person for candidate in body.candidates}) == 2
    assert head.dataclassification == "restricted"
    by_person = {disclosure.person: disclosure.fields for disclosure in copy.disclosures if disclosure.person}
    assert by_person.keys() == {PERSON, OTHER}
    assert by_person[OTHER] == ("personal.clear.full_name",)


def test_who_does_not_respond_learns_of_no_candidate() -> None:
    told = selection("KBRI_KUL").of_alert(raised())[0]
    copy = COPIER.of_alert(replace(told, responds=False), raised(person=None), envelope(raised()), candidates=[state()])
    assert exchange.AlertCopied.model_validate_json(copy.message.value).candidates == ()
    assert copy.disclosures == ()


def test_whoever_was_told_of_an_alert_is_told_what_becomes_of_it() -> None:
    given = {name: value for name, value in raised().model_dump().items() if name not in ("type", "acknowledge_by")}
    taken = notifications.AlertAcknowledged(**given, by="KEMLU", at=NOW)
    ended = notifications.AlertResolved(**given, by="KEMLU", at=NOW, resolution="helped")
    bodies = [alert_copy(event)[0] for event in (taken, ended)]
    assert [(one.state, one.acknowledged_by, one.resolution) for one in bodies] == [
        ("acknowledged", "KEMLU", None), ("resolved", None, "helped"),
    ]  # fmt: skip
    assert {(one.alert, one.alert_type, one.country) for one in bodies} == {(ALERT, "ALT-DISTRESS", "MY")}


def test_an_alert_that_went_without_is_completed_by_a_second_copy() -> None:
    first_body, first, _ = alert_copy(part="first")
    second_body, second, _ = alert_copy(state=state(), part="completion")
    assert first_body.personal is None
    assert second_body.completes == first.id != second.id
    assert alert_copy(state=state())[1].id not in (first.id, second.id)


def test_an_alert_of_a_survivor_names_nobody_and_leads_nowhere() -> None:
    event = raised(alert_type="ALT-TPPO", privacy="survivor", person=None, region="33")
    body, head, copy = alert_copy(event, state=state(), report=ReportPart(narrative="Terkunci"))
    assert (body.person, body.personal, body.report) == (None, None, None)
    assert (head.traceparent, head.dataclassification) == (None, "survivor")
    assert copy.disclosures == ()


def test_what_is_said_about_nobody_known_is_for_the_record_too() -> None:
    event = raised(person=None)
    copy = alert_copy(event, report=ReportPart(narrative="Terkunci", phone="+628340000001"))[2]
    (disclosure,) = copy.disclosures
    assert (disclosure.person, disclosure.fields) == (None, ("report.narrative", "report.phone"))
    assert alert_copy(event)[2].disclosures == ()
