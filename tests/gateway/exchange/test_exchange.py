"""Records in, receipts and copies out, over real Kafka with each partner's own login."""

import json
from datetime import date
from itertools import count
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from chassis.security.keys import KeyRing
from contracts.registry import MergePersons, UnmergePerson
from services.gateway.domain.receiver_ids import person_of
from services.gateway.exchange.refusal_counts import REFUSED
from simulation.scenario.people import make_nik
from tests.eventually import eventually
from tests.gateway.exchange.installation import Installation, Partner
from tests.gateway.exchange.samples import DEPARTURE, DISTRESS, IDENTITY, REGISTRATION, with_

REGISTER, CONFIRM, ALERT = (
    "partner.registration.submitted.v1",
    "partner.identity.confirmed.v1",
    "partner.alert.reported.v1",
)
COPY, ALERT_COPY = "exchange.person.copied.v1", "exchange.alert.copied.v1"

_serials = count(100)


def a_nik() -> str:
    return make_nik("33.07", date(1998, 12, 5), "P", next(_serials))


async def receipt(running: Installation, code: str, record: str) -> dict[str, Any]:
    return (await eventually(lambda: running[code].receipts(record), timeout=30))[-1]


def clear_of(copy: dict[str, Any]) -> dict[str, Any]:
    clear: dict[str, Any] = copy.get("personal", {}).get("clear", {})
    return clear


async def copy_of(running: Installation, code: str, name: str, kind: str = COPY) -> dict[str, Any]:
    """The first copy of a kind that tells this name."""

    def named() -> list[dict[str, Any]]:
        return [
            one
            for one in running[code].copies(kind)
            if one.get("personal", {}).get("clear", {}).get("full_name") == name
        ]

    return (await eventually(named, timeout=30))[0]


async def copies_of(running: Installation, code: str, event: str, count: int) -> list[dict[str, Any]]:
    """Copies of one kind of event, when there are so many."""

    def there() -> list[dict[str, Any]]:
        found = [one for one in running[code].copies(COPY) if one["event"] == event]
        return found if len(found) >= count else []

    return await eventually(there, timeout=30)


async def test_a_registration_reaches_those_whom_agreements_name(running: Installation) -> None:
    nik, name = a_nik(), "Sulastri Pertama"
    body = with_(with_(REGISTRATION, "person.nik", nik), "person.full_name", name)
    await running["KP2MI"].send(REGISTER, body, id="reg-1")
    told = await receipt(running, "KP2MI", "reg-1")
    assert told["result"] == "applied"

    mission = await copy_of(running, "KBRI_KUL", name)
    regency = await copy_of(running, "KAB-33.07", name)
    insurance = await copy_of(running, "BPJS_TK", name)
    assert (mission["agreements"], regency["agreements"]) == (["mission-destination/1"], ["home-regency/1"])
    assert (insurance["agreements"], set(insurance["personal"])) == (["social-security/1"], {"clear"})
    ring: KeyRing = running.exchange.ring
    mine = person_of(ring, "KP2MI", str(told["person"]))
    assert person_of(ring, "KBRI_KUL", str(mission["person"])) == mine
    of_registrations = [one for one in running["KP2MI"].copies(COPY) if one["event"] == mission["event"]]
    assert of_registrations == []


async def test_records_in_structured_mode_are_taken_and_answered_like_all_others(running: Installation) -> None:
    """Headers say nothing but the form; what cannot be read is named by its place."""
    partner = running["KP2MI"]
    event: dict[str, Any] = {
        "specversion": "1.0", "id": "structured-1", "source": "/KP2MI/sdk", "type": REGISTER,
        "data": with_(REGISTRATION, "person.nik", a_nik()),
    }  # fmt: skip
    media = [("Content-Type", b"application/CloudEvents+json; charset=utf-8")]
    bad = event | {"id": "structured-2", "data": event["data"] | {"occurred_at": "yesterday"}}
    async with AIOKafkaProducer(**partner.login.client) as producer:
        topic = running.names.intake("KP2MI")
        for value in json.dumps(event).encode(), json.dumps(bad).encode():
            await producer.send_and_wait(topic, value, headers=media)
        broken = await producer.send_and_wait(topic, b'{"id": "structured-3"', headers=media)
    assert (await receipt(running, "KP2MI", "structured-1"))["result"] == "applied"
    refused = (await receipt(running, "KP2MI", "structured-2"))["problems"]
    assert [(one["code"], one["pointer"]) for one in refused] == [("invalid_value", "/occurred_at")]

    def named_by_place() -> list[dict[str, Any]]:
        told = [one for body in partner.copies("exchange.receipts.reported.v1") for one in body["receipts"]]
        return [one for one in told if one.get("offset") == broken.offset]

    (nameless,) = await eventually(named_by_place, timeout=30)
    assert [one["code"] for one in nameless["problems"]] == ["bad_json"]


async def test_the_owner_learns_that_an_identity_was_confirmed(running: Installation) -> None:
    nik = a_nik()
    await running["KP2MI"].send(REGISTER, with_(REGISTRATION, "person.nik", nik), id="reg-2")
    person = (await receipt(running, "KP2MI", "reg-2"))["person"]
    await running["KEMENDAGRI"].send(CONFIRM, with_(IDENTITY, "person.nik", nik), id="idn-2")
    assert (await receipt(running, "KEMENDAGRI", "idn-2"))["result"] == "applied"
    copies = await eventually(
        lambda: [one for one in running["KP2MI"].copies(COPY) if one["person"] == person], timeout=30
    )
    assert copies[0]["event"] == "registry.person.identity_confirmed.v1"
    assert copies[0]["facts"]["identity_matched"] is True
    assert "personal" not in copies[0]


async def test_whoever_holds_a_copy_is_told_of_a_merge_and_of_its_undoing(running: Installation) -> None:
    """To Malaysia first and to Hong Kong later: as one person, she is no longer the mission's in Kuala Lumpur."""
    later = with_(with_(REGISTRATION, "occurred_at", "2026-03-05"), "episode.destination", "HK")
    registered = {}
    for name, body in (("Sulastri Lama", REGISTRATION), ("Sulastri Baru", later)):
        body = with_(with_(with_(body, "person.nik", a_nik()), "person.passport", None), "person.full_name", name)
        await running["KP2MI"].send(REGISTER, body, id=name)
        told = await receipt(running, "KP2MI", name)
        registered[name] = person_of(running.exchange.ring, "KP2MI", told["person"])
    one, other = registered.values()
    mission = await copy_of(running, "KBRI_KUL", "Sulastri Lama")
    regency = await copy_of(running, "KAB-33.07", "Sulastri Baru")

    await running.decide(MergePersons(persons=(one, other), survivor=one, reason="same_documents"))
    found = await copies_of(running, "KAB-33.07", "registry.person.merged.v1", 2)
    assert {each["facts"]["absorbed"] for each in found} == {regency["person"]}
    assert {each["personal"]["clear"]["full_name"] for each in found} == {"Sulastri Baru"}
    (left,) = await copies_of(running, "KBRI_KUL", "registry.person.merged.v1", 1)
    assert (left["person"], left["left"], left["facts"]) == (mission["person"], ["mission-destination/1"], {})

    await running.decide(UnmergePerson(person=other, reason="twin"))
    found = await copies_of(running, "KAB-33.07", "registry.person.unmerged.v1", 2)
    assert {each["personal"]["clear"]["full_name"] for each in found} == registered.keys()
    assert {each["person"] for each in found} == {each["facts"]["separated"] for each in found}
    (back,) = await copies_of(running, "KBRI_KUL", "registry.person.unmerged.v1", 1)
    assert (back["person"], back["personal"]["clear"]["full_name"]) == (mission["person"], "Sulastri Lama")


async def test_a_bad_record_comes_back_while_its_neighbours_go_on(running: Installation) -> None:
    kp2mi = running["KP2MI"]
    await kp2mi.send(REGISTER, with_(REGISTRATION, "person.sex", "X"), id="bad-1")
    await kp2mi.send("partner.person.erased.v1", REGISTRATION, id="bad-2")
    await kp2mi.send(REGISTER, REGISTRATION, id="bad-3", source="/KEMLU/peduli")
    await kp2mi.send(REGISTER, b"\xff", id="bad-4", subject=b"\xff")
    await kp2mi.send(REGISTER, with_(REGISTRATION, "person.nik", a_nik()), id="good-1")
    assert (await receipt(running, "KP2MI", "good-1"))["result"] == "applied"
    told = {name: await receipt(running, "KP2MI", name) for name in ("bad-1", "bad-2", "bad-3", "bad-4")}
    reasons = {name: [(p["code"], p["pointer"]) for p in one["problems"]] for name, one in told.items()}
    assert reasons == {
        "bad-1": [("invalid_value", "/person/sex")],
        "bad-2": [("unknown_type", "/headers/ce_type")],
        "bad-3": [("wrong_organisation", "/headers/ce_source")],
        "bad-4": [("not_utf8", "/headers/ce_subject"), ("not_utf8", "")],
    }


async def test_a_record_without_a_readable_id_is_named_by_its_place(running: Installation) -> None:
    await running["KEMENDAGRI"].send(CONFIRM, IDENTITY, id=b"\xff")

    def told() -> list[dict[str, Any]]:
        bodies = running["KEMENDAGRI"].copies("exchange.receipts.reported.v1")
        return [one for body in bodies for one in body["receipts"] if "record" not in one]

    (found,) = await eventually(told, timeout=30)
    assert isinstance(found["offset"], int)


async def test_the_same_id_with_another_body_is_refused_and_counted(running: Installation) -> None:
    before = refusals("KP2MI", "id_reused")
    body = with_(REGISTRATION, "person.nik", a_nik())
    await running["KP2MI"].send(REGISTER, body, id="twice-1")
    await receipt(running, "KP2MI", "twice-1")
    await running["KP2MI"].send(REGISTER, with_(body, "person.full_name", "Orang Lain"), id="twice-1")

    def refused() -> list[dict[str, Any]]:
        return [one for one in running["KP2MI"].receipts("twice-1") if one["result"] == "refused"]

    (found,) = await eventually(refused, timeout=30)
    assert found["problems"][0]["code"] == "id_reused"
    await eventually(lambda: refusals("KP2MI", "id_reused") > before)


def refusals(organisation: str, code: str) -> float:
    return float(REFUSED.labels(organisation, code)._value.get())


@pytest.mark.parametrize(("sender", "code"), [("KP2MI", "missing_value"), ("KEMENDAGRI", "not_owner")])
async def test_a_refusal_of_the_gateway_is_counted_for_its_sender(
    running: Installation, sender: str, code: str
) -> None:
    before = refusals(sender, code)
    await running[sender].send(REGISTER, with_(REGISTRATION, "person", {}), id=f"refused-{code}")
    assert (await receipt(running, sender, f"refused-{code}"))["problems"][0]["code"] == code
    await eventually(lambda: refusals(sender, code) > before)


async def test_a_distress_call_names_the_person_to_those_told(running: Installation) -> None:
    nik = a_nik()
    body = with_(with_(REGISTRATION, "person.nik", nik), "person.full_name", "Sulastri Darurat")
    await running["KP2MI"].send(REGISTER, body, id="reg-3")
    await receipt(running, "KP2MI", "reg-3")
    await running["KP2MI"].send(ALERT, with_(DISTRESS, "person.nik", nik), id="sos-1", urgent=True)
    alert = str((await receipt(running, "KP2MI", "sos-1"))["subject"])
    for code in ("KBRI_KUL", "KEMLU", "KP2MI"):
        told = await copy_of(running, code, "Sulastri Darurat", ALERT_COPY)
        assert (told["alert"], told["report"]["narrative"]) == (alert, DISTRESS["narrative"])
    assert not [one for one in running["BPS"].copies(ALERT_COPY) if one["alert"] == alert]


async def test_a_system_of_those_told_takes_an_alert_and_ends_it(running: Installation) -> None:
    await running["KP2MI"].send(ALERT, with_(DISTRESS, "person", None), id="sos-steps", urgent=True)
    alert = str((await receipt(running, "KP2MI", "sos-steps"))["subject"])
    taken, ended = {"alert": alert}, {"alert": alert, "resolution": "helped"}
    await running["BPS"].send("partner.alert.acknowledged.v1", taken, id="not-ours", urgent=True)
    assert (await receipt(running, "BPS", "not-ours"))["problems"][0]["code"] == "not_found"
    await running["KEMLU"].send("partner.alert.acknowledged.v1", taken, id="taken", urgent=True)
    assert (await receipt(running, "KEMLU", "taken"))["result"] == "applied"
    await running["KBRI_KUL"].send("partner.alert.resolved.v1", ended, id="ended", urgent=True)
    assert (await receipt(running, "KBRI_KUL", "ended"))["result"] == "applied"

    def steps() -> list[tuple[str, str | None, str | None]]:
        copies = _alerts(running["KP2MI"], alert)
        found = [(one["state"], one.get("acknowledged_by"), one.get("resolution")) for one in copies]
        return found if len(found) >= 3 else []

    assert await eventually(steps, timeout=30) == [
        ("raised", None, None), ("acknowledged", "KEMLU", None), ("resolved", None, "helped"),
    ]  # fmt: skip


async def test_who_could_not_be_found_in_time_is_named_in_the_completion(running: Installation) -> None:
    nik = a_nik()
    body = with_(with_(REGISTRATION, "person.nik", nik), "person.full_name", "Wulandari Kemudian")
    await running["KP2MI"].send(REGISTER, body, id="reg-late")
    await receipt(running, "KP2MI", "reg-late")
    async with running.away("registry"):
        await running["KP2MI"].send(ALERT, with_(DISTRESS, "person.nik", nik), id="sos-late", urgent=True)
        alert = str((await receipt(running, "KP2MI", "sos-late"))["subject"])
        first = await eventually(lambda: _alerts(running["KEMLU"], alert), timeout=30)
        assert "person" not in first[0]
    second = (await eventually(lambda: _alerts(running["KEMLU"], alert)[1:], timeout=30))[0]
    assert second["personal"]["clear"]["full_name"] == "Wulandari Kemudian"
    assert second["person"]


def _alerts(partner: Partner, alert: str) -> list[dict[str, Any]]:
    return [one for one in partner.copies(ALERT_COPY) if one["alert"] == alert]


async def test_what_is_disclosed_is_recorded_first(running: Installation) -> None:
    await running["KP2MI"].send(REGISTER, with_(REGISTRATION, "person.nik", a_nik()), id="reg-4")
    told = await receipt(running, "KP2MI", "reg-4")
    person = person_of(running.exchange.ring, "KP2MI", str(told["person"]))

    async def disclosed() -> dict[str, list[str]]:
        found = await running.exchange.database["disclosures"].find({}).to_list(None)
        groups = [group for document in found for group in document["disclosed"]]
        mine = [group for group in groups if any(copy[2] == person for copy in group["copies"])]
        fields = {group["receiver"]: group["fields"] for group in mine}
        assert set(fields) == {"KBRI_KUL", "KAB-33.07", "BPJS_TK"}
        return fields

    found = await eventually(disclosed, timeout=30)
    assert "personal.clear.phone" in found["KBRI_KUL"]
    assert "personal.clear.phone" not in found["BPJS_TK"]


async def test_who_is_connected_while_everything_runs_is_heard_and_told(running: Installation) -> None:
    async with running.connected("KJRI_JHB") as partner:
        await partner.send("partner.departure.reported.v1", DEPARTURE, id="dep-1")
        (told,) = await eventually(lambda: partner.receipts("dep-1"), timeout=40)
        assert [one["code"] for one in told["problems"]] == ["not_owner"]
        await running["KP2MI"].send(REGISTER, with_(REGISTRATION, "person.nik", a_nik()), id="reg-5")
        (copy,) = await eventually(lambda: partner.copies(COPY), timeout=30)
        assert copy["agreements"] == ["mission-destination/1"]
