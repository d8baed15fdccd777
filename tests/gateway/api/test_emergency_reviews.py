"""An alert is no key to the registry: whom no agreement covers is named by a reason, and each time is reviewed."""

from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Any

import httpx

from services.gateway.domain.receiver_ids import person_of
from simulation.scenario.people import make_nik
from tests.gateway.api.bodies import alert, codes, disclosed, kp2mi, registration, whole_report
from tests.gateway.api.conftest import Gateway

UNKNOWN = make_nik("33.07", date(1990, 2, 3), "P", 98)
"""Nobody's."""


def duty(api: Gateway, organisation: str) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    return api.as_(organisation, "duty_officer", purpose="emergency_protection")


def dpo(api: Gateway, organisation: str) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    return api.as_(organisation, "data_protection_officer", user=f"dpo-{organisation}")


async def somebody(api: Gateway, serial: int) -> tuple[str, str]:
    """The NIK and the id of somebody who goes to Malaysia."""
    nik = make_nik("33.07", date(1990, 2, 3), "P", serial)
    async with kp2mi(api) as registrar:
        made = await registrar.post("/v1/persons", json=registration(birth_date="1990-02-03", nik=nik))
    return nik, person_of(api.ring, "KP2MI", made.json()["id"])


async def reviews(api: Gateway, organisation: str, **query: Any) -> dict[str, dict[str, Any]]:
    async with dpo(api, organisation) as officer:
        listed = await officer.get("/v1/emergency-reviews", params={"limit": 200} | query)
    assert listed.status_code == 200, listed.text
    return {review["alert"]: review for review in listed.json()["reviews"]}


async def raised(api: Gateway, by: str, **changes: Any) -> str:
    async with duty(api, by) as reporter:
        made = await reporter.post("/v1/alerts", json=alert(**changes))
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_without_an_agreement_or_a_reason_an_alert_that_can_wait_is_refused_whoever_it_names(
    api: Gateway,
) -> None:
    """The same for somebody who is registered and for nobody."""
    nik, _ = await somebody(api, 41)
    async with duty(api, "KJRI_HKG") as reporter:
        for number in (nik, UNKNOWN):
            body = alert(alert_type="ALT-MISSING", country="HK", person={"nik": number})
            answer = await reporter.post("/v1/alerts", json=body)
            if answer.status_code == 422:
                assert codes(answer)[1] == [("reason_missing", "/reason")]
            else:  # the registry did not answer within 150 ms: nobody is named then
                assert (await reporter.get(answer.headers["Location"])).json().get("person") is None


async def test_a_distress_call_without_either_goes_out_and_tells_its_reporter_nothing_of_who_is_registered(
    api: Gateway,
) -> None:
    """The reporter responds itself: a mission that picks its own country."""
    nik, person = await somebody(api, 42)
    answers = []
    async with duty(api, "KJRI_HKG") as reporter:
        for number in (nik, UNKNOWN):
            name = await raised(api, "KJRI_HKG", country="HK", person={"nik": number})
            view = (await reporter.get(f"/v1/alerts/{name}")).json()
            report = await whole_report(reporter, f"/v1/alerts/{name}/report")
            assert view.get("person") is None
            answers.append({part: report.get(part) for part in ("person", "personal", "candidates", "person_withheld")})
    assert answers[0] == answers[1]
    assert answers[0] == {"person": None, "personal": None, "candidates": [], "person_withheld": "no_reason"}
    assert not [one for one in await disclosed(api, person) if one["receiver"] == "KJRI_HKG"]


async def test_with_a_reason_those_who_respond_are_told_and_the_reporters_officer_closes_a_review(api: Gateway) -> None:
    nik, person = await somebody(api, 43)
    name = await raised(api, "KEMENKES", person={"nik": nik}, reason="medical_emergency")
    async with duty(api, "KEMLU") as responder:
        report = await whole_report(responder, f"/v1/alerts/{name}/report")
    assert person_of(api.ring, "KEMLU", report["person"]) == person

    review = (await reviews(api, "KEMENKES"))[name]
    assert (review["reason"], review["alert_type"], review["overdue"]) == ("medical_emergency", "ALT-DISTRESS", False)
    assert name in await reviews(api, "KP2MI"), "the institution that gives"
    assert name not in await reviews(api, "KEMLU")
    place = f"/v1/emergency-reviews/{name}/closure"
    for organisation, expected in (
        ("KP2MI", (403, [("not_permitted", "")])),
        ("KEMLU", (404, [("not_found", "/alert")])),
    ):
        async with dpo(api, organisation) as other:
            assert codes(await other.post(place, json={"finding": "justified"})) == expected
    async with dpo(api, "KEMENKES") as officer:
        assert (await officer.post(place, json={"finding": "justified"})).status_code == 200
        assert codes(await officer.post(place, json={"finding": "unjustified"})) == (409, [("state_conflict", "")])
    assert name not in await reviews(api, "KEMENKES")
    assert (await reviews(api, "KEMENKES", state="closed"))[name]["finding"] == "justified"


async def test_of_a_survivor_the_reporters_officer_alone_sees_the_review_and_not_of_which_type(api: Gateway) -> None:
    nik, _ = await somebody(api, 44)
    name = await raised(api, "KEMENKES", alert_type="ALT-TPPO", person={"nik": nik}, reason="held_against_will")
    review = (await reviews(api, "KEMENKES"))[name]
    assert (review["reason"], "alert_type" in review) == ("held_against_will", False)
    assert name not in await reviews(api, "KP2MI")


async def test_what_an_agreement_covers_is_reviewed_by_nobody(api: Gateway) -> None:
    nik, _ = await somebody(api, 45)
    name = await raised(api, "KP2MI", person={"nik": nik})
    assert name not in await reviews(api, "KP2MI")
