"""A thousand streams of one organisation take its share and no more: others listen, raise alerts and are answered."""

import asyncio
import contextlib
import os
from collections import Counter
from dataclasses import dataclass

import httpx
import psutil

from services.gateway.api.stream import OF_ONE
from tests.eventually import eventually
from tests.gateway.api.bodies import alert
from tests.gateway.api.conftest import Gateway

STREAMS, OFFICERS = 1000, 20
MOST_BYTES = 200 * 2**20
"""That a thousand connections may add, with this side of them, which is in the same process."""


@dataclass
class Connection:
    """An open stream as its client sees it; None without an answer."""

    status: int | None
    head: bytes
    writer: asyncio.StreamWriter


async def opened(api: Gateway, token: str) -> Connection:
    url = httpx.URL(api.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(f"GET /v1/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n".encode())
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
    except (asyncio.IncompleteReadError, ConnectionError):
        return Connection(None, b"", writer)
    return Connection(int(head[9:12]), head, writer)


async def test_a_thousand_streams_of_one_organisation_hold_up_nobody_else(api: Gateway) -> None:
    process = psutil.Process(os.getpid())
    before = process.memory_info().rss
    tokens = [api.token("KEMENKES", "duty_officer", user=f"officer-{number}") for number in range(OFFICERS)]
    connections = await asyncio.gather(*(opened(api, tokens[number % OFFICERS]) for number in range(STREAMS)))
    try:
        assert Counter(one.status for one in connections) == {200: OF_ONE, 429: STREAMS - OF_ONE}
        refused = next(one for one in connections if one.status == 429)
        assert b"retry-after: " in refused.head.lower()
        async with api.as_("KEMLU", "duty_officer") as other:
            async with other.stream("GET", "/v1/stream") as stream:
                assert stream.status_code == 200
            assert (await other.post("/v1/alerts", json=alert())).status_code in (201, 202)
            assert (await other.get("/healthz")).status_code == 200
        assert process.memory_info().rss - before < MOST_BYTES
    finally:
        for one in connections:
            one.writer.close()
    await eventually(lambda: has_room(api, tokens[0]))


async def has_room(api: Gateway, token: str) -> bool:
    """When its streams are closed, the organisation may open one again."""
    one = await opened(api, token)
    one.writer.close()
    with contextlib.suppress(ConnectionError):
        await one.writer.wait_closed()
    return one.status == 200
