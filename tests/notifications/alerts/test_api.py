"""Queries about alerts, as the gateway asks them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from chassis.mongo import Client, ensure_indexes, transact
from contracts.commands import Principal
from contracts.notifications import AlertDetails
from services.notifications.alerts.api import router
from services.notifications.alerts.domain.alert import Alert, Report
from services.notifications.alerts.store import INDEXES, Store
from tests.builders import told
from tests.domain_service import Asking, asking
from tests.notifications.alerts.builders import NOW, PERSON, institution, officer, raised

DISTRESS = raised(alert="0b6e2f6a-5a2f-8c11-8e6a-000000000001")
SURVIVOR = raised("ALT-TPPO", alert="0b6e2f6a-5a2f-8c11-8e6a-000000000002")
VESSEL = raised("ALT-VESSEL", alert="0b6e2f6a-5a2f-8c11-8e6a-000000000003", now=NOW - timedelta(days=1))
COORDINATOR = officer("BAPPENAS", "coordinator-1", "migration_coordinator")
EXCHANGE = Principal(organisation="SIMPUL", roles=("exchange",))


@pytest.fixture
async def ask(mongo: str, database_name: str) -> AsyncIterator[Asking]:
    """Asks a service that holds a distress call and a survivor's alert."""
    client: Client = AsyncIOMotorClient(mongo, tz_aware=True, w="majority")
    await ensure_indexes(client[database_name], INDEXES)
    store = Store(client[database_name])
    reports = [_report(DISTRESS), _report(SURVIVOR)]
    await transact(client, lambda session: store.save([DISTRESS, SURVIVOR, VESSEL], reports, session))
    async with asking("alerts", lambda verifier: [router(store, verifier)]) as asked:
        yield asked
    client.close()


def _report(alert: Alert) -> Report:
    details = AlertDetails(narrative="Minta dijemput.", place="Klang", phone="+60123456789", passport="C1234567")
    return Report(alert.id, NOW, details)


async def test_a_recipient_sees_the_alert_and_that_it_is_overdue(ask: Asking) -> None:
    alert = (await ask(officer(), f"/alerts/{DISTRESS.id}")).json()
    assert (alert["state"], alert["version"], alert["severity"], alert["overdue"]) == ("raised", 1, "critical", True)
    assert alert["steps"][0]["by"] == "KP2MI"
    assert "Klang" not in str(alert)


async def test_whoever_is_no_recipient_finds_nothing(ask: Asking) -> None:
    stranger = officer("KEMENKES")
    denied = await ask(stranger, f"/alerts/{DISTRESS.id}")
    unknown = await ask(stranger, "/alerts/0b6e2f6a-5a2f-8c11-8e6a-000000000009")
    assert denied.status_code == unknown.status_code == 404
    assert told(denied) == told(unknown)
    assert (await ask(stranger, "/alerts", state="raised")).json() == {"alerts": [], "after": None}


async def test_whoever_has_no_part_in_alerts_is_told_so_whether_there_is_one_or_not(ask: Asking) -> None:
    nobody_on_duty = officer("KEMLU", "somebody", "indicator_focal_point")
    for who in (nobody_on_duty, institution("UI"), EXCHANGE):
        for path in ("/alerts", f"/alerts/{DISTRESS.id}", "/alerts/0b6e2f6a-5a2f-8c11-8e6a-000000000009"):
            answer = await ask(who, path)
            assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


async def test_a_survivors_alert_is_for_officers_on_duty_of_its_recipients_alone(ask: Asking) -> None:
    statuses = {
        who.organisation: (await ask(who, f"/alerts/{SURVIVOR.id}")).status_code
        for who in (officer("LPSK"), institution("KEMENPPPA"), officer("KEMENKES"))
    }
    assert statuses == {"LPSK": 200, "KEMENPPPA": 404, "KEMENKES": 404}


async def test_a_coordinator_sees_every_alert_but_those_of_survivors(ask: Asking) -> None:
    listed = (await ask(COORDINATOR, "/alerts", state="raised")).json()["alerts"]
    assert [alert["alert"] for alert in listed] == [VESSEL.id, DISTRESS.id]
    assert (await ask(COORDINATOR, f"/alerts/{SURVIVOR.id}")).status_code == 404


async def test_pages_follow_one_another(ask: Asking) -> None:
    kp2mi = officer("KP2MI")
    first = (await ask(kp2mi, "/alerts", since=NOW.isoformat(), limit=1)).json()
    second = (await ask(kp2mi, "/alerts", limit=1, after=first["after"])).json()
    assert [page["alerts"][0]["alert"] for page in (first, second)] == [DISTRESS.id, SURVIVOR.id]
    assert second["after"] is None
    assert (await ask(institution(), "/alerts", after="tomorrow")).json()["code"] == "invalid_value"


async def test_a_list_of_every_state_starts_thirty_days_ago_unless_told_otherwise(ask: Asking) -> None:
    assert (await ask(institution(), "/alerts")).json()["alerts"] == []
    later = (NOW + timedelta(seconds=1)).isoformat()
    assert (await ask(institution(), "/alerts", since=later)).json()["alerts"] == []
    assert len((await ask(officer("KP2MI"), "/alerts", since=NOW.isoformat())).json()["alerts"]) == 2


async def test_the_report_is_for_officers_on_duty_of_those_who_respond(ask: Asking) -> None:
    on_duty = duty("KBRI_KUL")
    report = (await ask(on_duty, f"/alerts/{DISTRESS.id}/report")).json()
    assert (report["narrative"], report["place"], report["phone"]) == ("Minta dijemput.", "Klang", "+60123456789")
    assert (report["person"], report["passport"], report["source"]) == (PERSON, "C1234567", "KP2MI")
    survivors = (await ask(duty("LPSK"), f"/alerts/{SURVIVOR.id}/report")).json()
    assert (survivors["narrative"], survivors["privacy"]) == ("Minta dijemput.", "survivor")
    denied = {
        "a coordinator": (COORDINATOR, DISTRESS),
        "a coordinator with a purpose": (duty("BAPPENAS", "migration_coordinator"), DISTRESS),
        "who is told and does not respond": (duty("KEMENHUB"), VESSEL),
        "a stranger": (duty("KEMENKES"), DISTRESS),
        "who reported it of a survivor": (duty("KEMENKES"), SURVIVOR),
    }
    for who, (principal, alert) in denied.items():
        answer = await ask(principal, f"/alerts/{alert.id}/report")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), who
    assert (await ask(duty("KEMLU"), f"/alerts/{VESSEL.id}/report")).status_code == 200
    for nobody in (officer(), institution("KEMLU"), duty("KEMLU", "protection_officer")):
        assert (await ask(nobody, f"/alerts/{DISTRESS.id}/report")).status_code in (403, 404)


def duty(organisation: str, *roles: str) -> Principal:
    """An officer on duty, whose token names the purpose."""
    principal = officer(organisation, "officer-1", *roles)
    return principal.model_copy(update={"purpose": "emergency_protection"})


async def test_the_exchange_alone_asks_which_ids_are_alerts(ask: Asking) -> None:
    wanted = {"alerts": [DISTRESS.id, "0b6e2f6a-5a2f-8c11-8e6a-000000000009", SURVIVOR.id]}
    assert (await ask(EXCHANGE, "/alerts/find", wanted)).json() == {"alerts": [DISTRESS.id, SURVIVOR.id]}
    assert (await ask(officer(), "/alerts/find", wanted)).status_code == 403


async def test_the_exchange_alone_reads_many_reports_at_once(ask: Asking) -> None:
    wanted = {"alerts": [DISTRESS.id, "0b6e2f6a-5a2f-8c11-8e6a-000000000009"]}
    reports = (await ask(EXCHANGE, "/alerts/reports/read", wanted)).json()["reports"]
    assert [(report["alert"], report["place"]) for report in reports] == [(DISTRESS.id, "Klang")]
    for other in (officer(), Principal(organisation="KP2MI", roles=("exchange",)), Principal(organisation="SIMPUL")):
        assert (await ask(other, "/alerts/reports/read", wanted)).status_code in (401, 403)
