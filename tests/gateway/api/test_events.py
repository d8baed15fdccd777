"""The door of systems without a Kafka client: CloudEvents in, copies and receipts out."""

import asyncio
import json
import re
from typing import Any

import httpx
import pytest
from confluent_kafka import Uuid

from services.gateway.api.mailbox import OF_ONE
from services.gateway.topics import base64url
from tests.gateway.api.conftest import Gateway

ALERT = {"occurred_at": "2026-03-01T08:30:00+08:00", "alert_type": "ALT-DISTRESS", "country": "MY"}
HEADERS = [
    ("ce_specversion", b"1.0"), ("ce_id", b"copy-1"), ("ce_source", b"/simpul/gateway"),
    ("ce_type", b"exchange.alert.copied.v1"), ("ce_time", b"2026-03-01T00:30:00.000Z"),
    ("content-type", b"application/json"),
]  # fmt: skip


def event(number: int, **changes: Any) -> dict[str, Any]:
    given = {
        "specversion": "1.0", "id": f"rec-{number}", "source": "/KP2MI/siskop2mi",
        "type": "partner.alert.reported.v1", "time": "2026-03-01T00:30:00Z", "data": ALERT,
    }  # fmt: skip
    return given | changes


def codes(answer: httpx.Response) -> tuple[int, list[tuple[str, str]]]:
    return answer.status_code, [(one["code"], one["pointer"]) for one in answer.json()["problems"]]


async def send(client: httpx.AsyncClient, body: Any, kind: str, **query: str) -> httpx.Response:
    headers = {"content-type": f"application/{kind}; charset=utf-8"}
    content = body if isinstance(body, bytes) else json.dumps(body)
    return await client.post("/v1/events", content=content, headers=headers, params=query)


async def test_the_three_forms_of_an_event_come_to_the_same_record(api: Gateway) -> None:
    async with api.as_("KP2MI", kind="system") as system:
        assert (await send(system, [event(1), event(2)], "cloudevents-batch+json")).json() == {"accepted": 2}
        assert (await send(system, event(3), "cloudevents+json")).json() == {"accepted": 1}
        attributes = {f"ce-{name}": str(value) for name, value in event(4).items() if name != "data"}
        answer = await system.post("/v1/events", json=ALERT, headers=attributes)
        assert (answer.status_code, answer.json()) == (202, {"accepted": 1})
        assert (await send(system, event(5), "cloudevents+json", priority="urgent")).status_code == 202
    records = await api.records(api.names.intake("KP2MI"))
    own = {"ce_id", "traceparent"}  # every request is a trace of its own
    forms = {tuple(sorted((k, v) for k, v in one.headers if k not in own)) for one in records}
    assert [dict(one.headers)["ce_id"] for one in records] == [b"rec-1", b"rec-2", b"rec-3", b"rec-4"]
    assert len(forms) == 1
    assert all(json.loads(one.value) == ALERT for one in records)
    assert len(await api.records(api.names.intake("KP2MI", urgent=True))) == 1


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        ([event(1), event(2, id=None)], "cloudevents-batch+json", (422, [("missing_value", "/1/headers/ce_id")])),
        ([event(1), 7], "cloudevents-batch+json", (400, [("bad_json", "/1")])),
        ([event(1), event(2, data="text")], "cloudevents-batch+json", (400, [("bad_json", "/1")])),
        (event(1), "cloudevents-batch+json", (400, [("bad_json", "")])),
        (event(1, specversion="0.3"), "cloudevents+json", (422, [("unsupported_version", "/headers/ce_specversion")])),
        (event(1, id=7), "cloudevents+json", (422, [("invalid_value", "/headers/ce_id")])),
        (event(1, id="x" * 300), "cloudevents+json", (400, [("bad_header", "/headers/ce_id")])),
        (event(1, id="\ud800"), "cloudevents+json", (400, [("not_utf8", "/headers/ce_id")])),
        (event(1, datacontenttype="text/xml"), "cloudevents+json", (400, [("bad_header", "/headers/content-type")])),
        (event(1, data=None, data_base64="AA=="), "cloudevents+json", (400, [("bad_json", "")])),
        (ALERT, "json", (422, [("missing_value", "/headers/ce_specversion")])),
        ([ALERT], "json", (400, [("bad_json", "")])),
        (b'{"foo"', "json", (400, [("bad_json", "")])),
        (b'{"foo"', "cloudevents+json", (400, [("bad_json", "")])),
        (b'{"foo": 1, "foo": 2}', "json", (400, [("bad_json", "")])),
        (b'{"foo": NaN}', "json", (400, [("bad_json", "")])),
        (b'{"foo": "\xff"}', "json", (400, [("not_utf8", "")])),
        (b'[{"foo": "\xff"}]', "cloudevents-batch+json", (400, [("not_utf8", "")])),
    ],
)
async def test_what_is_no_event_is_refused_and_nothing_of_its_batch_is_taken(
    api: Gateway, body: Any, kind: str, expected: Any
) -> None:
    async with api.as_("KEMLU", kind="system") as system:
        assert codes(await send(system, body, kind)) == expected
    assert await api.records(api.names.intake("KEMLU")) == []


async def test_only_systems_of_connected_organisations_may_use_it(api: Gateway) -> None:
    async with api.as_("KP2MI") as person, api.as_("BPS", kind="system") as unconnected:
        for client, code in (person, "not_permitted"), (unconnected, "not_connected"):
            assert codes(await send(client, event(1), "cloudevents+json")) == (403, [(code, "")])
            assert codes(await client.get("/v1/events")) == (403, [(code, "")])


async def test_attributes_in_headers_are_decoded_and_may_stand_there_once(api: Gateway) -> None:
    attributes = {f"ce-{name}": value for name, value in event(1).items() if name != "data"}
    async with api.as_("KEMLU", kind="system") as system:
        encoded = attributes | {"ce-id": "50%25%20%C3%A9", "ce-source": "/KEMLU/peduli"}
        assert (await system.post("/v1/events", json=ALERT, headers=encoded)).status_code == 202
        twice = [*attributes.items(), ("ce-id", "rec-2")]
        assert codes(await system.post("/v1/events", json=ALERT, headers=twice)) == (
            400,
            [("bad_header", "/headers/ce_id")],
        )
    (record,) = await api.records(api.names.intake("KEMLU"))
    assert dict(record.headers)["ce_id"].decode() == "50% é"


async def check(client: httpx.AsyncClient, body: Any, **query: str) -> list[tuple[Any, ...]]:
    """Per event its id, the result, the command it would become, and the problems."""
    kind = "cloudevents-batch+json" if isinstance(body, list) else "cloudevents+json"
    headers = {"content-type": f"application/{kind}"}
    answer = await client.post("/v1/events:check", content=json.dumps(body), headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return [
        (one.get("record"), one["result"], one.get("command"), [(p["code"], p["pointer"]) for p in one["problems"]])
        for one in answer.json()["events"]
    ]


async def test_events_are_checked_one_by_one_as_at_intake_and_nothing_is_sent(api: Gateway) -> None:
    bad = ALERT | {"alert_type": "ALT-NONE", "country": "XX"}
    batch = [event(1), event(2, data=bad), event(3, source="/KEMLU/x"), event(4, id=None), 5]
    topics = [api.names.intake("BPS"), api.names.commands("alerts")]
    before = [len(await api.records(topic)) for topic in topics[1:]]
    async with api.as_("KP2MI", kind="system") as system:
        assert await check(system, batch) == [
            ("rec-1", "acceptable", "alerts.alert.raise.v1", []),
            ("rec-2", "refused", None, [("unknown_code", "/alert_type"), ("unknown_code", "/country")]),
            ("rec-3", "refused", None, [("wrong_organisation", "/headers/ce_source")]),
            (None, "refused", None, [("missing_value", "/headers/ce_id")]),
            (None, "refused", None, [("bad_json", "")]),
        ]
        placement = {
            "occurred_at": "2026-04-10",
            "person": {"id": f"p_{'A' * 43}"},
            "destination": "MY",
            "scheme": "p_to_p",
        }
        fact = event(6, type="partner.placement.reported.v1", data=placement)
        assert await check(system, fact) == [("rec-6", "refused", None, [("person_unknown", "/person/id")])]
        fact["data"] = placement | {"person": {"passport": "X0000001"}}
        assert await check(system, fact) == [("rec-6", "acceptable", "registry.placement.record.v1", [])]
        assert await check(system, fact, priority="urgent") == [
            ("rec-6", "refused", None, [("unknown_type", "/headers/ce_type")])
        ]
        batch_type = {"content-type": "application/cloudevents-batch+json"}
        for broken in b'{"foo"', b"{}":
            answer = await system.post("/v1/events:check", content=broken, headers=batch_type)
            assert codes(answer) == (400, [("bad_json", "")])
    assert [len(await api.records(topic)) for topic in topics[1:]] == before


async def test_a_system_reads_its_own_topic_on_from_its_cursor(api: Gateway) -> None:
    topic = api.names.delivery("KEMLU")
    await api.publish(topic, *({"number": number} for number in range(5)), headers=HEADERS)
    async with api.as_("KEMLU", kind="system") as system:
        first = (await system.get("/v1/events", params={"limit": 3, "cursor": ""})).json()
        assert [one["data"]["number"] for one in first["events"]] == [0, 1, 2]
        assert re.fullmatch(r"[A-Za-z0-9_-]{22}\.\d+", first["cursor"])
        assert (first["events"][0]["id"], first["events"][0]["specversion"]) == ("copy-1", "1.0")
        rest = (await system.get("/v1/events", params={"cursor": first["cursor"]})).json()
        assert [one["data"]["number"] for one in rest["events"]] == [3, 4]
        none = (await system.get("/v1/events", params={"cursor": rest["cursor"]})).json()
        assert none == {"events": [], "cursor": rest["cursor"]}
        waiting = asyncio.create_task(system.get("/v1/events", params={"cursor": rest["cursor"], "wait": 20}))
        await api.publish(topic, {"number": 5}, headers=HEADERS)
        assert [one["data"]["number"] for one in (await waiting).json()["events"]] == [5]


async def test_a_cursor_that_is_unknown_or_too_old_is_expired(api: Gateway) -> None:
    async with api.as_("KP2MI", kind="system") as system:
        cursor = (await system.get("/v1/events")).json()["cursor"]
        topic_id = cursor.rpartition(".")[0]
        for gone in ("abc", f"{topic_id}.999999", f"{topic_id}.-1", f"{topic_id}.x", "Zm9vYmFyYmF6cXV4cXV1eA.0"):
            assert codes(await system.get("/v1/events", params={"cursor": gone})) == (410, [("cursor_expired", "")])


def test_the_id_of_a_topic_passes_through_an_address_unchanged() -> None:
    assert str(Uuid(-(2**58), -1)) == "/AAAAAAAAAD//////////w"
    assert base64url(Uuid(-(2**58), -1)) == "_AAAAAAAAAD__________w"
    assert str(Uuid(-(2**59), 0)) == "+AAAAAAAAAAAAAAAAAAAAA"
    assert base64url(Uuid(-(2**59), 0)) == "-AAAAAAAAAAAAAAAAAAAAA"


async def test_many_systems_read_at_once(api: Gateway) -> None:
    async with api.as_("KP2MI", kind="system") as system:
        readings = (system.get("/v1/events", params={"priority": "urgent"}) for _ in range(OF_ONE))
        answers = await asyncio.gather(*readings)
    assert {answer.status_code for answer in answers} == {200}
