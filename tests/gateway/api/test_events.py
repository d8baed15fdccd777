"""The door of systems without a Kafka client: CloudEvents in, copies and receipts out."""

import asyncio
import json
from typing import Any

import httpx
import pytest

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
    return await client.post("/v1/events", content=json.dumps(body), headers=headers, params=query)


async def test_the_three_forms_of_an_event_come_to_the_same_record(api: Gateway) -> None:
    async with api.as_("KP2MI", kind="system") as system:
        assert (await send(system, [event(1), event(2)], "cloudevents-batch+json")).json() == {"accepted": 2}
        assert (await send(system, event(3), "cloudevents+json")).json() == {"accepted": 1}
        attributes = {f"ce-{name}": str(value) for name, value in event(4).items() if name != "data"}
        answer = await system.post("/v1/events", json=ALERT, headers=attributes)
        assert (answer.status_code, answer.json()) == (202, {"accepted": 1})
        assert (await send(system, event(5), "cloudevents+json", lane="urgent")).status_code == 202
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
        ([event(1), event(2, id=None)], "cloudevents-batch+json", (422, [("missing_value", "/1/id")])),
        ([event(1), 7], "cloudevents-batch+json", (400, [("bad_json", "/1")])),
        (event(1), "cloudevents-batch+json", (400, [("bad_json", "")])),
        (event(1, specversion="0.3"), "cloudevents+json", (422, [("unsupported_version", "/specversion")])),
        (event(1, id=7), "cloudevents+json", (422, [("invalid_value", "/id")])),
        (event(1, id="x" * 300), "cloudevents+json", (400, [("bad_header", "/id")])),
        (event(1, data_base64="AA=="), "cloudevents+json", (422, [("invalid_value", "/data_base64")])),
        (ALERT, "json", (422, [("missing_value", "/header/ce-specversion")])),
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
        for client in (person, unconnected):
            assert codes(await send(client, event(1), "cloudevents+json")) == (403, [("not_permitted", "")])
            assert codes(await client.get("/v1/events")) == (403, [("not_permitted", "")])


async def test_a_system_reads_its_own_topic_on_from_its_cursor(api: Gateway) -> None:
    topic = api.names.delivery("KEMLU")
    await api.publish(topic, *({"number": number} for number in range(5)), headers=HEADERS)
    async with api.as_("KEMLU", kind="system") as system:
        first = (await system.get("/v1/events", params={"limit": 3, "wait": 5})).json()
        assert [one["data"]["number"] for one in first["events"]] == [0, 1, 2]
        assert (first["events"][0]["id"], first["events"][0]["specversion"]) == ("copy-1", "1.0")
        rest = (await system.get("/v1/events", params={"cursor": first["cursor"], "wait": 5})).json()
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
        for gone in ("", "abc", f"{topic_id}.999999", f"{topic_id}.-1", f"{topic_id}.x", "Zm9vYmFyYmF6cXV4cXV1eA.0"):
            assert codes(await system.get("/v1/events", params={"cursor": gone})) == (410, [("cursor_expired", "")])


async def test_many_systems_read_at_once(api: Gateway) -> None:
    async with api.as_("KP2MI", kind="system") as system:
        answers = await asyncio.gather(*(system.get("/v1/events", params={"lane": "urgent"}) for _ in range(16)))
    assert {answer.status_code for answer in answers} == {200}
