"""Alerts over HTTPS: who may take them, and what is told of whom they are about."""

import json
from datetime import date
from functools import partial

import httpx

from contracts import envelope
from services.gateway.domain.receiver_ids import person_of
from simulation.scenario.people import make_nik
from tests.eventually import eventually
from tests.gateway.api.bodies import alert, codes, disclosed, kp2mi, raised, registration, whole_report
from tests.gateway.api.conftest import Gateway

TRACE = b"0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE.decode()}-b7ad6b7169203331-01"


async def test_a_told_officer_takes_and_resolves_an_alert_at_the_version_that_was_read(api: Gateway) -> None:
    found = f"/v1/alerts/{await raised(api)}"
    async with api.as_("KEMLU", "duty_officer") as officer, api.as_("KEMENKES", "duty_officer") as other:
        seen = await officer.get(found)
        assert seen.headers["ETag"] == '"1"'
        assert seen.json()["state"] == "raised"
        assert codes(await other.get(found)) == (404, [("not_found", "")])
        match = {"If-Match": seen.headers["ETag"]}
        taken = await officer.post(f"{found}/acknowledgement", headers=match)
        assert (taken.status_code, taken.headers["ETag"], taken.headers["Location"]) == (200, '"2"', found)
        stale = await officer.post(f"{found}/resolution", json={"resolution": "helped"}, headers=match)
        assert codes(stale) == (409, [("version_conflict", "")])
        odd = await officer.post(f"{found}/resolution", json={"resolution": "helped"}, headers={"If-Match": "abc"})
        assert codes(odd) == (422, [("invalid_value", "/headers/If-Match")])
        ended = await officer.post(f"{found}/resolution", json={"resolution": "helped"}, headers={"If-Match": '"2"'})
        assert ended.status_code == 200
        assert (await officer.get(found)).json()["state"] == "resolved"
        listed = await officer.get("/v1/alerts", params={"state": "resolved", "limit": 200})
        assert found.rpartition("/")[2] in [one["alert"] for one in listed.json()["alerts"]]


async def test_a_list_is_filtered_and_counted_for_whoever_asks(api: Gateway) -> None:
    """The same filters for both, and nobody counts what he may not see."""
    name = await raised(api)
    wanted: dict[str, str | bool] = {
        "state": "raised",
        "severity": "critical",
        "alert_type": "ALT-DISTRESS",
        "country": "MY",
        "ours": True,
    }
    async with api.as_("KEMLU", "duty_officer") as told, api.as_("KEMENKES", "duty_officer") as other:
        listed = await told.get("/v1/alerts", params=wanted | {"limit": 200})
        assert name in [entry["alert"] for entry in listed.json()["alerts"]]
        counted = (await told.get("/v1/alerts/count", params=wanted)).json()
        assert counted["number"] >= 1
        first = (await told.get("/v1/alerts/count", params=wanted | {"limit": 1})).json()
        assert first == {"number": 1, "more": counted["number"] > 1}
        assert (await other.get("/v1/alerts/count", params={"state": "raised"})).json()["number"] == 0
        for change in {"country": "SG"}, {"severity": "low"}, {"region": "33"}, {"overdue": True}:
            rest = await told.get("/v1/alerts", params=wanted | change | {"limit": 200})
            assert name not in [entry["alert"] for entry in rest.json()["alerts"]]
        assert codes(await told.get("/v1/alerts/count", params={"severity": "x"}))[0] == 422


async def test_whoever_reads_an_alert_and_may_not_take_it_is_told_so(api: Gateway) -> None:
    place = f"/v1/alerts/{await raised(api)}"
    async with (
        api.as_("BAPPENAS", "duty_officer", "migration_coordinator") as coordinator,
        api.as_("KEMENKES", "duty_officer") as other,
    ):
        assert (await coordinator.get(place)).status_code == 200
        assert codes(await coordinator.post(f"{place}/acknowledgement")) == (403, [("not_permitted", "")])
        assert codes(await other.post(f"{place}/acknowledgement")) == (404, [("not_found", "/alert")])


async def test_an_alert_names_whom_its_reporter_knows_by_nik_or_passport(api: Gateway) -> None:
    async with kp2mi(api) as officer:
        nik = make_nik("33.07", date(1996, 4, 1), "P", 77)
        known = {"birth_date": "1996-04-01", "nik": nik, "passport": "Z7654321"}
        person = (await officer.post("/v1/persons", json=registration(**known))).json()["id"]
        assert await named(officer, passport="Z7654329") is None
        for known_by in {"nik": nik}, {"passport": "Z7654321"}:
            found = await eventually(partial(named, officer, **known_by))  # not within 150 ms on a busy machine
            assert found == person


async def test_whom_an_alert_is_about_is_told_to_those_it_concerns_and_put_on_record(api: Gateway) -> None:
    async with kp2mi(api) as source:
        token = (await source.post("/v1/persons", json=registration())).json()["id"]
        person = person_of(api.ring, "KP2MI", token)
        found = (await source.post("/v1/alerts", json=alert(person={"id": token}, reason="asked_for_help"))).headers[
            "Location"
        ]
        assert (await source.get(found)).json()["person"] == token
    async with api.as_("KEMLU", "duty_officer") as told:
        theirs = (await told.get(found)).json()["person"]
        assert person_of(api.ring, "KEMLU", theirs) == person
        listed = (await told.get("/v1/alerts", params={"limit": 200})).json()["alerts"]
        assert theirs in [one.get("person") for one in listed]
    async with api.as_("BAPPENAS", "migration_coordinator") as coordinator:
        seen = (await coordinator.get(found)).json()
        assert "BAPPENAS" not in (seen["source"], *seen["recipients"])
        assert seen.get("person") is None
        listed = (await coordinator.get("/v1/alerts", params={"limit": 200})).json()["alerts"]
        assert {one.get("person") for one in listed} == {None}
    given = await disclosed(api, person)
    assert {one["receiver"] for one in given} == {"KP2MI", "KEMLU"}
    assert {(one["agreement"], one["purpose"], *one["fields"]) for one in given} == {
        ("emergency/1", "emergency_protection", "person")
    }


async def test_a_reporter_that_is_told_and_does_not_respond_learns_nobody_and_those_who_respond_do(
    api: Gateway,
) -> None:
    async with kp2mi(api) as registrar:
        nik = make_nik("33.07", date(1993, 5, 7), "L", 81)
        known = registration(birth_date="1993-05-07", nik=nik, sex="L")
        person = person_of(api.ring, "KP2MI", (await registrar.post("/v1/persons", json=known)).json()["id"])
    purpose = "emergency_protection"
    async with (
        api.as_("KKP", "duty_officer") as reporter,
        api.as_("KEMLU", "duty_officer", purpose=purpose) as responder,
    ):
        body = alert(alert_type="ALT-VESSEL", person={"nik": nik}, reason="life_in_danger")
        found = (await reporter.post("/v1/alerts", json=body)).headers["Location"]
        view = (await reporter.get(found)).json()
        assert ("KKP" in view["recipients"], "KKP" in view["responders"]) == (True, False)
        assert view.get("person") is None
        report = await whole_report(responder, f"{found}/report")
        assert person_of(api.ring, "KEMLU", report["person"]) == person


async def test_an_alert_that_its_reporter_may_not_raise_is_refused_and_so_is_a_person_it_may_not_name(
    api: Gateway,
) -> None:
    async with api.as_("KP2MI", "duty_officer") as officer:
        due = await officer.post("/v1/alerts", json=alert(alert_type="ALT-QMIDUE", person={"nik": "1"}))
        assert codes(due) == (403, [("alert_type_not_permitted", "/alert_type")])
    async with api.as_("BPS", "duty_officer") as officer:
        named_one = await officer.post("/v1/alerts", json=alert(alert_type="ALT-QMIDUE", person={"nik": "1"}))
        assert codes(named_one) == (422, [("person_not_permitted", "/person")])
        assert (await officer.post("/v1/alerts", json=alert(alert_type="ALT-QMIDUE"))).status_code == 201


async def named(officer: httpx.AsyncClient, **known_by: str) -> str | None:
    """The id of the person in an alert raised about whoever this identifies."""
    made = await officer.post("/v1/alerts", json=alert(person=known_by))
    assert made.status_code == 201, made.text
    person: str | None = (await officer.get(made.headers["Location"])).json().get("person")
    return person


async def test_a_survivors_alert_says_in_clear_neither_who_nor_where_nor_whence(api: Gateway) -> None:
    async with kp2mi(api) as officer:
        person = (await officer.post("/v1/persons", json=registration())).json()["id"]
        body = alert(alert_type="ALT-GBV", person={"id": person}, region="33.07")
        headers = {"traceparent": TRACEPARENT}
        made = (await officer.post("/v1/alerts", json=body, headers=headers)).json()
    written = await api.records(api.names.commands("alerts"))
    (command,) = [one for one in written if dict(one.headers)["ce_id"].decode() == made["command"]]
    head, clear = envelope.read(command.headers), json.loads(command.value)["body"]
    assert (head.dataclassification, head.traceparent, clear.get("person"), clear["region"]) == (
        "survivor", None, None, "33",
    )  # fmt: skip
    outcomes = await api.records(api.names.outcomes("alerts"))
    (outcome,) = [one for one in outcomes if one.key.decode() == made["command"]]
    for one in (command, outcome):
        seen = str(one.headers).encode() + one.value
        assert not any(said in seen for said in (person_of(api.ring, "KP2MI", person).encode(), b"33.07", TRACE))


async def test_an_alert_tells_its_reporter_nothing_of_whether_a_nik_is_registered(api: Gateway) -> None:
    """Neither where nobody is told, for there is no mission in Antarctica, nor where its reporter is told."""
    known, unknown = (make_nik("33.07", date(1994, 8, 2), "P", serial) for serial in (61, 62))
    async with kp2mi(api) as registrar:
        person = {"birth_date": "1994-08-02", "nik": known}
        assert (await registrar.post("/v1/persons", json=registration(**person))).status_code == 201
    views = []
    async with api.as_("KEMENIMIPAS", "duty_officer") as reporter:
        for nik in (known, unknown):
            body = alert(alert_type="ALT-EXPIRY", country="AQ", person={"nik": nik}, reason="asked_for_help")
            made = await reporter.post("/v1/alerts", json=body)
            assert (made.status_code, made.json().keys()) == (201, {"command", "result", "id", "version", "warnings"})
            views.append((await reporter.get(made.headers["Location"])).json())
    own = {"alert", "occurred", "steps"}
    assert len({str({name: value for name, value in view.items() if name not in own}) for view in views}) == 1
    assert [view.get("person") for view in views] == [None, None]
