"""The stream: what happens shows at once, to those who may see it, and nothing is missed across a lost connection."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.gateway.api.bodies import raised
from tests.gateway.api.conftest import Gateway

Event = dict[str, Any]


@asynccontextmanager
async def listening(client: httpx.AsyncClient, last: str | None = None) -> AsyncIterator[AsyncIterator[Event]]:
    headers = {"Last-Event-ID": last} if last else {}
    async with client.stream("GET", "/v1/stream", headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        yield _events(response)


async def _events(response: httpx.Response) -> AsyncIterator[Event]:
    """Events as a browser would parse them; a comment that moves the cursor counts as an event without a name."""
    event: Event = {}
    async for line in response.aiter_lines():
        name, _, value = line.partition(": ")
        if name:
            event[name] = value
        elif event or line == "":
            yield event
            event = {}


async def until(events: AsyncIterator[Event], alert: str) -> list[Event]:
    """What comes up to the next news of this alert, with it: news of other tests' alerts may still be on its way."""
    seen = []
    async for event in events:
        if "data" in event:
            seen.append(event)
            if json.loads(event["data"]).get("alert") == alert:
                return seen
    raise AssertionError("the stream ended")


async def test_an_alert_and_its_acknowledgement_show_on_the_coordinators_stream(api: Gateway) -> None:
    async with api.as_("BAPPENAS", "migration_coordinator") as coordinator, api.as_("KEMLU", "duty_officer") as officer:
        async with listening(coordinator) as events:
            assert (await anext(events))["id"]
            alert = await raised(api)
            first = (await until(events, alert))[-1]
            assert first["event"] == "alert.raised"
            assert (await officer.post(f"/v1/alerts/{alert}/acknowledgement")).status_code == 200
            second = (await until(events, alert))[-1]
            assert (second["event"], json.loads(second["data"])["by"]) == ("alert.acknowledged", "KEMLU")
        async with listening(coordinator, first["id"]) as events:
            again = (await until(events, alert))[-1]
            assert (again["event"], again["data"]) == (second["event"], second["data"])


async def test_whoever_may_not_see_an_alert_hears_nothing_of_it(api: Gateway) -> None:
    async with api.as_("KEMENKES", "duty_officer") as other, api.as_("KEMLU", "duty_officer") as told:
        async with listening(other) as theirs, listening(told) as events:
            start = await anext(theirs)
            await anext(events)
            alert = await raised(api)
            await until(events, alert)
            their_own = await raised(api, by="KEMENKES")
            assert alert not in {json.loads(event["data"]).get("alert") for event in await until(theirs, their_own)}
        async with listening(other, start["id"]) as theirs, listening(told, start["id"]) as events:
            await until(events, alert)
            assert alert not in {json.loads(event["data"]).get("alert") for event in await until(theirs, their_own)}


async def test_a_cursor_of_another_log_is_expired(api: Gateway) -> None:
    async with api.as_("KEMLU", "duty_officer") as officer:
        answer = await officer.get("/v1/stream", headers={"Last-Event-ID": "abc.1.2.3"})
    assert (answer.status_code, answer.json()["code"]) == (410, "cursor_expired")


async def test_a_stream_ends_with_its_token(api: Gateway) -> None:
    async with api.as_("KEMLU", "duty_officer", hours=1 / 3600) as officer, listening(officer) as events:
        found = [event async for event in events]
    assert found[-1]["event"] == "ended"
    assert json.loads(found[-1]["data"]) == {"reason": "token_expired"}
