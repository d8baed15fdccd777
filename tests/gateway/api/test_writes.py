"""People's writes over REST, from the request to the outcome and the reading of it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.gateway.domain.receiver_ids import person_of, person_token
from tests.gateway.api.bodies import codes, disclosed, kp2mi, raised, registration
from tests.gateway.api.conftest import Gateway, a_gateway
from tests.servers import KafkaServer

SOON = (datetime.now(UTC) + timedelta(days=30)).isoformat()


async def test_a_person_is_registered_and_read_under_an_agreement_that_is_put_on_record(api: Gateway) -> None:
    async with kp2mi(api) as officer:
        made = await officer.post("/v1/persons", json=registration(passport="X1234567"))
        assert made.status_code == 201, made.text
        person = made.json()["id"]
        assert made.headers["Location"] == f"/v1/persons/{person}"
        assert person.startswith("p_")
        assert "version" not in made.json()
    async with kp2mi(api, purpose="placement_and_protection") as officer:
        read = await officer.get(made.headers["Location"])
    assert read.status_code == 200, read.text
    assert read.json()["facts"]["destination"] == "MY"
    (shared,) = await disclosed(api, person_of(api.ring, "KP2MI", person))
    assert (shared["agreement"], "facts.destination" in shared["fields"]) == ("owner-follow-up/1", True)
    assert read.json()["given_by"] == {shared["agreement"]: shared["fields"]}
    assert "Sulastri" not in str(shared)


async def test_a_person_looks_absent_to_whoever_no_agreement_covers(api: Gateway) -> None:
    async with kp2mi(api) as officer, api.as_("KJRI_HKG", "protection_officer", purpose="consular_protection") as other:
        person = (await officer.post("/v1/persons", json=registration())).json()["id"]
        foreign = await other.get(f"/v1/persons/{person}")
        unknown = await other.get(f"/v1/persons/p_{'A' * 43}")
    assert codes(foreign) == codes(unknown) == (404, [("not_found", "")])


async def test_a_person_is_found_for_the_purpose_of_the_agreement_and_for_no_other(api: Gateway) -> None:
    async with kp2mi(api) as officer:
        place = (await officer.post("/v1/persons", json=registration())).headers["Location"]
    async with kp2mi(api, purpose="placement_and_protection") as officer:
        assert (await officer.get(place)).status_code == 200
    for another in ("official_statistics", "migration_governance"):
        async with kp2mi(api, purpose=another) as other:
            assert codes(await other.get(place)) == (404, [("not_found", "")])
    async with kp2mi(api, purpose=None) as aimless:
        assert codes(await aimless.get(place)) == (403, [("purpose_not_allowed", "")])


async def test_the_largest_body_is_taken_and_one_byte_more_is_not(api: Gateway) -> None:
    body = json.dumps(registration()).encode()
    headers = {"content-type": "application/json"}

    async def streamed(padding: int) -> Any:
        yield body
        yield b" " * padding

    room = 256 * 1024 - len(body)
    async with kp2mi(api) as officer:
        for more, status in ((0, 201), (1, 413)):
            whole = await officer.post("/v1/persons", content=body + b" " * (room + more), headers=headers)
            parts = await officer.post("/v1/persons", content=streamed(room + more), headers=headers)
            assert (whole.status_code, parts.status_code) == (status, status)


async def test_the_same_idempotency_key_does_the_same_thing_once(api: Gateway) -> None:
    async with kp2mi(api) as officer, kp2mi(api, user="officer-2") as colleague:
        key = {"Idempotency-Key": "form-1"}
        first = await officer.post("/v1/persons", json=registration(), headers=key)
        again = await officer.post("/v1/persons", json=registration(), headers=key)
        assert (again.status_code, again.json()) == (201, first.json())
        other = await officer.post("/v1/persons", json=registration(sex="L"), headers=key)
        assert codes(other) == (409, [("id_reused", "")])
        theirs = await colleague.post("/v1/persons", json=registration(), headers=key)
        assert theirs.json()["command"] != first.json()["command"]


async def test_the_outcome_of_a_write_is_told_to_the_writers_organisation_alone(api: Gateway) -> None:
    async with kp2mi(api) as officer, api.as_("KEMLU", "duty_officer") as other:
        made = (await officer.post("/v1/persons", json=registration())).json()
        place = f"/v1/outcomes/{made['command']}"
        assert (await officer.get(place)).json() == made
        assert (await other.get(place)).status_code == 404


async def test_the_outcome_of_a_refused_write_is_the_refusal_that_the_write_got(api: Gateway) -> None:
    alert = await raised(api)
    async with api.as_("KEMENKES", "duty_officer") as foreign:
        refused = await foreign.post(f"/v1/alerts/{alert}/acknowledgement")
        written = await api.records(api.names.commands("alerts"))
        (theirs,) = (
            record
            for record in written
            if json.loads(record.value)["principal"]["organisation"] == "KEMENKES" and alert.encode() in record.value
        )
        command = dict(theirs.headers)["ce_id"].decode()
        again = await foreign.get(f"/v1/outcomes/{command}")
    assert codes(refused) == codes(again) == (404, [("not_found", "/alert")])


async def test_an_id_that_was_given_and_leads_to_nobody_is_not_found(api: Gateway) -> None:
    given = person_token(api.ring, "KP2MI", str(uuid4()))
    async with kp2mi(api) as officer:
        assert codes(await officer.get(f"/v1/persons/{given}")) == (404, [("not_found", "")])


async def test_thirty_two_people_write_at_once(api: Gateway) -> None:
    async with kp2mi(api) as officer:
        answers = await asyncio.gather(*(officer.post("/v1/persons", json=registration()) for _ in range(32)))
    assert [answer.status_code for answer in answers] == [201] * 32
    assert len({answer.json()["id"] for answer in answers}) == 32


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (registration(birth_date=None), (422, ("invalid_value", "/person/birth_date"))),
        (registration(nik_lama="3307010101900001"), (422, ("unknown_field", "/person"))),
        (registration(home_regency="99.99"), (422, ("unknown_code", "/person/home_regency"))),
        (registration(nik="123"), (422, ("nik_malformed", "/person/nik"))),
        (registration(birth_date=str(datetime.now(UTC).year - 5)), (422, ("under_age", "/person/birth_date"))),
        (registration() | {"occurred_at": "2999-01-01"}, (422, ("clock_out_of_range", "/occurred_at"))),
        ({}, (422, ("missing_value", "/occurred_at"))),
    ],
)
async def test_a_bad_body_is_refused_with_a_pointer_and_without_its_values(
    api: Gateway, body: dict[str, Any], expected: tuple[int, tuple[str, str]]
) -> None:
    async with kp2mi(api) as officer:
        answer = await officer.post("/v1/persons", json=body)
    status, problems = codes(answer)
    assert (status, problems[0]) == expected
    assert answer.headers["content-type"] == "application/problem+json"
    assert not any(said in answer.text for said in ("Sulastri", "3307010101900001", "nik_lama"))


async def test_what_is_no_json_or_too_large_is_refused(api: Gateway) -> None:
    async with kp2mi(api) as officer:
        headers = {"content-type": "application/json"}
        broken = await officer.post("/v1/persons", content=b'{"person": ', headers=headers)
        assert codes(broken)[1][0][0] == "bad_json"
        latin = await officer.post("/v1/persons", content=b'{"person": "\xe9"}', headers=headers)
        assert codes(latin) == (400, [("not_utf8", "")])
        deep = await officer.post("/v1/persons", content=b"[" * 200_000, headers=headers)
        assert codes(deep) == (400, [("bad_json", "")])
        large = await officer.post("/v1/persons", content=b" " * 2_000_000, headers=headers)
        assert codes(large) == (413, [("too_large", "")])

        async def chunks() -> Any:
            for _ in range(8):
                yield b" " * 65_536

        streamed = await officer.post("/v1/persons", content=chunks(), headers=headers)
        assert codes(streamed) == (413, [("too_large", "")])


async def test_what_the_table_does_not_allow_becomes_no_command(api: Gateway) -> None:
    before = len(await api.records(api.names.commands("registry")))
    async with (
        api.as_("KEMENIMIPAS", "registrar") as foreign,
        api.as_("KP2MI", "duty_officer") as on_duty,
        api.as_("KP2MI", "registrar", kind="system") as system,
    ):
        assert codes(await foreign.post("/v1/persons", json=registration())) == (403, [("not_owner", "")])
        assert codes(await on_duty.post("/v1/persons", json=registration())) == (403, [("not_permitted", "")])
        assert codes(await system.post("/v1/persons", json=registration())) == (403, [("not_permitted", "")])
    assert len(await api.records(api.names.commands("registry"))) == before


async def test_without_a_valid_token_nothing_is_said(api: Gateway) -> None:
    async with httpx.AsyncClient(base_url=api.url, trust_env=False) as nobody:
        for headers in ({}, {"Authorization": "Bearer abc"}, {"Authorization": "Basic abc"}):
            for path in ("/v1/me", "/v1/alerts", "/v1/stream", "/v1/events"):
                answer = await nobody.get(path, headers=headers)
                assert codes(answer) == (401, [("unauthenticated", "")])
                assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_two_tokens_are_one_too_many_and_one_that_is_over_says_so(api: Gateway) -> None:
    async with httpx.AsyncClient(base_url=api.url, trust_env=False) as client:
        good = ("Authorization", f"Bearer {api.token('KP2MI')}")
        for headers in [good, ("Authorization", "Bearer abc")], [("Authorization", "Bearer abc"), good], [good, good]:
            answer = await client.get("/v1/me", headers=headers)
            assert codes(answer) == (400, [("bad_header", "/headers/Authorization")])
        over = await client.get("/v1/me", headers={"Authorization": f"Bearer {api.token('KP2MI', hours=-1)}"})
        assert codes(over) == (401, [("token_expired", "")])
        assert over.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_round_is_opened_answered_and_shown_as_complete_or_not(api: Gateway) -> None:
    async with api.as_("KEMLU", "mgi_coordinator") as coordinator:
        taken = {row["year"] for row in (await coordinator.get("/v1/rounds")).json()["rounds"]}
        year = next(year for year in range(2027, 2100) if year not in taken)
        wanted = {"catalogue": "mgi-national", "year": year, "due_at": SOON}
        opened = await coordinator.post("/v1/rounds", json=wanted)
        assert opened.status_code == 201, opened.text
        assert codes(await coordinator.post("/v1/rounds", json=wanted)) == (409, [("round_exists", "/year")])
        place = opened.headers["Location"]
        questions = (await coordinator.get(place)).json()["questions"]
        (health,) = [one for one in questions if one["indicator"] == "MGI-1.01"]
        assert (health["organisation_name_id"], health["organisation_name_en"]) == (
            "Kementerian Kesehatan",
            "Ministry of Health",
        )
        assert (health["dimension_id"], health["question_en"][:14]) == ("Hak-hak migran", "On what terms ")
        asked = next(one for one in questions if one["kind"] == "yes_no")
        where = f"{place}/answers/{asked['indicator']}"
        async with api.as_(asked["organisation"], "indicator_focal_point") as officer:
            first = await officer.put(where, json={"value": "no"})
            assert (first.status_code, first.headers["ETag"], first.headers["Location"]) == (201, '"1"', where)
            assert codes(await officer.put(where, json={"value": "no"}))[1][0][0] == "version_conflict"
            explained = {"value": "no", "explanation": "Dicabut."}
            changed = await officer.put(where, json=explained, headers={"If-Match": first.headers["ETag"]})
            assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
            assert (await officer.get(where)).json()["explanation"] == "Dicabut."
            theirs = next(one for one in questions if one["organisation"] != asked["organisation"])
            denied = await officer.get(f"{place}/answers/{theirs['indicator']}")
            assert codes(denied) == (403, [("not_permitted", "")])
        assert codes(await coordinator.get(f"{place}/answers/{theirs['indicator']}")) == (404, [("not_found", "")])
        rows = (await coordinator.get(f"{place}/answers")).json()["answers"]
        assert [one["indicator"] for one in rows] == [one["indicator"] for one in questions]
        (answered,) = [one for one in rows if one["status"] == "answered"]
        assert (answered["indicator"], answered["answer"]["explanation"]) == (asked["indicator"], "Dicabut.")
        assert answered["question_en"] == asked["question_en"]
        progress = (await coordinator.get(f"{place}/completeness")).json()["institutions"]
        mine = next(one for one in progress if one["organisation"] == asked["organisation"])
        assert (mine["answered"], mine["name_en"]) == (1, asked["organisation_name_en"])
        assert opened.json()["id"] in [one["round"] for one in (await coordinator.get("/v1/rounds")).json()["rounds"]]
    async with api.as_("BPS", "indicator_focal_point") as other:
        assert codes(await other.post("/v1/rounds", json=wanted)) == (403, [("not_permitted", "")])


async def test_nothing_personal_of_a_write_stands_in_the_log(api: Gateway) -> None:
    async with kp2mi(api, user="3307010101900001") as officer:
        key = {"Idempotency-Key": "3307010101900002"}
        made = await officer.post("/v1/persons", json=registration(phone="+6281234567890"), headers=key)
        assert made.status_code == 201
    written = await api.records(api.names.commands("registry"))
    log = b"".join(one.value + one.key + str(one.headers).encode() for one in written)
    assert not any(said in log for said in (b"Sulastri", b"3307010101900001", b"3307010101900002", b"81234567890"))


async def test_the_description_of_the_api_shows_examples_that_hold(api: Gateway) -> None:
    async with kp2mi(api) as officer:
        described = (await officer.get("/openapi.json")).json()
        body = described["paths"]["/v1/alerts"]["post"]["requestBody"]["content"]["application/json"]
        (example,) = body["schema"].get("examples") or [json.loads(json.dumps(body["example"]))]
        assert (await officer.post("/v1/alerts", json=example)).status_code == 201
        assert "/v1/stream" in described["paths"]
        mine = (await officer.get("/v1/me")).json()
    assert (mine["organisation"], mine["kind"]) == ("KP2MI", "person")


async def test_a_write_is_kept_while_its_service_is_away(kafka: KafkaServer, mongo: str, tmp_path: Path) -> None:
    async with a_gateway(kafka, mongo, tmp_path, {}) as api, kp2mi(api) as officer:
        kept = await officer.post("/v1/persons", json=registration())
        assert (kept.status_code, kept.json()["result"]) == (202, "pending")
        assert kept.headers["Location"] == f"/v1/outcomes/{kept.json()['command']}"
        assert codes(await officer.get(kept.headers["Location"])) == (503, [("unavailable", "")])
        assert codes(await officer.get("/v1/alerts")) == (503, [("unavailable", "")])
        (record,) = await api.records(api.names.commands("registry"))
    assert dict(record.headers)["ce_id"].decode() == kept.json()["command"]
