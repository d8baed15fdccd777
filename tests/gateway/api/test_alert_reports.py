"""The report of an alert over HTTPS: who reads it, and what stands on record before they do."""

from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any
from uuid import uuid4

import httpx

from services.gateway.domain.receiver_ids import person_of
from simulation.scenario.people import make_nik
from tests.gateway.api.bodies import alert, codes, disclosed, kp2mi, registration, whole_report
from tests.gateway.api.conftest import Gateway

PURPOSE = "emergency_protection"


def duty(api: Gateway, organisation: str, **claims: Any) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    return api.as_(organisation, "duty_officer", **({"purpose": PURPOSE} | claims))


async def reported(api: Gateway, serial: int, **changes: Any) -> tuple[str, str]:
    """Where the report of an alert about somebody stands, and who that is."""
    nik = make_nik("33.07", date(1991, 3, 9), "P", serial)
    async with kp2mi(api) as officer:
        known = registration(birth_date="1991-03-09", nik=nik, address="Jalan Contoh 9")
        person = person_of(api.ring, "KP2MI", (await officer.post("/v1/persons", json=known)).json()["id"])
        body = alert(person={"nik": nik}, place="Klang", phone="+60123456789") | changes
        made = await officer.post("/v1/alerts", json=body)
    assert made.status_code == 201, made.text
    return f"{made.headers['Location']}/report", person


async def test_an_officer_on_duty_of_those_who_respond_reads_what_was_said_and_of_whom_on_record(api: Gateway) -> None:
    place, person = await reported(api, 31)
    async with duty(api, "KEMLU") as officer:
        read = await whole_report(officer, place)
    assert read["report"] == {"narrative": "Minta dijemput.", "place": "Klang", "phone": "+60123456789"}
    assert person_of(api.ring, "KEMLU", read["person"]) == person
    clear = read["personal"]["clear"]
    assert (clear["full_name"], clear["address"], "mother_name" in clear) == ("Sulastri", "Jalan Contoh 9", False)
    (reading,) = [one for one in await disclosed(api, person) if "report.narrative" in one["fields"]]
    assert (reading["receiver"], reading["agreement"], reading["purpose"]) == ("KEMLU", "emergency/1", PURPOSE)
    assert set(reading["fields"]) == {
        "report.narrative", "report.place", "report.phone", *(f"personal.clear.{name}" for name in clear)
    }  # fmt: skip


async def test_of_a_survivor_officers_on_duty_of_those_who_respond_alone_read_it(api: Gateway) -> None:
    place, person = await reported(api, 32, alert_type="ALT-TPPO", region="33.07")
    async with duty(api, "LPSK") as officer:
        read = await whole_report(officer, place)
    assert (read["report"]["narrative"], read["region"]) == ("Minta dijemput.", "33.07")
    assert person_of(api.ring, "LPSK", read["person"]) == person
    (reading,) = [one for one in await disclosed(api, person) if "report.narrative" in one["fields"]]
    assert (reading["receiver"], [copy[4] for copy in reading["copies"]]) == ("LPSK", [None])
    async with duty(api, "KEMENKES") as stranger:
        assert codes(await stranger.get(place)) == (404, [("not_found", "")])


async def test_denied_looks_like_not_found_and_a_token_needs_the_purpose(api: Gateway) -> None:
    place, person = await reported(api, 33)
    nowhere = f"/v1/alerts/{uuid4()}/report"
    async with duty(api, "KEMENKES") as stranger:
        assert codes(await stranger.get(place)) == codes(await stranger.get(nowhere)) == (404, [("not_found", "")])
    for purpose in (None, "placement_and_protection", "official_statistics"):
        async with duty(api, "KEMLU", purpose=purpose) as aimless:
            for path in (place, nowhere):
                assert codes(await aimless.get(path)) == (403, [("purpose_not_allowed", "")])
    async with api.as_("BAPPENAS", "migration_coordinator", purpose=PURPOSE) as coordinator:
        assert codes(await coordinator.get(place)) == (403, [("not_permitted", "")])
    async with api.as_("KEMLU", kind="system", purpose=PURPOSE) as system:
        assert codes(await system.get(place)) == (403, [("not_permitted", "")])
    assert not [one for one in await disclosed(api, person) if "report.narrative" in one["fields"]]


async def test_a_report_about_nobody_known_is_put_on_record_too(api: Gateway) -> None:
    place, _ = await reported(api, 34, person=None, narrative="Seseorang terkunci.")
    before = await api.disclosures.count_documents({})
    async with duty(api, "KEMLU") as officer:
        read = await whole_report(officer, place)
    assert (read["report"]["narrative"], read.get("person"), read["incomplete"]) == ("Seseorang terkunci.", None, False)
    assert await api.disclosures.count_documents({}) == before + 1
