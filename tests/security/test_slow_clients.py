"""A client that sends a byte now and then holds no place: its connection is closed, and others are answered."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from chassis.web.slow_clients import PunctualProtocol
from deploy.local import ports
from tests.eventually import eventually


class Impatient(PunctualProtocol):
    header_seconds, body_seconds = 0.3, 0.3


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with how much it was sent, once it has all of it."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
    await asyncio.sleep(0.5 if scope["path"] == "/long" else 0)
    await send({"type": "http.response.body", "body": b"%d" % size})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    (port,) = ports.free(1)
    config = uvicorn.Config(application, port=port, http=Impatient, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    yield port
    server.should_exit = True
    await serving


async def exchange(port: int, *parts: bytes, pause: float = 0.0) -> bytes:
    """What is answered until the server closes the connection."""
    reader, writer = await asyncio.open_connection(ports.HOST, port)
    with contextlib.suppress(ConnectionError):
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        answer = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        return answer
    writer.close()
    return b""


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (b"GET / HTT",),
        (b"GET / HTTP/1.1\r\n", *[b"a: b\r\n"] * 12),
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n", *[b"x"] * 12),
    ],
    ids=["nothing", "half a line", "headers without end", "a body byte by byte"],
)
async def test_a_slow_client_is_closed_without_an_answer(port: int, parts: tuple[bytes, ...]) -> None:
    assert b"200" not in await exchange(port, *parts, pause=0.1)


async def test_a_line_break_after_a_request_holds_no_place(port: int) -> None:
    """It ends uvicorn's time for an idle connection, and begins no request."""
    reader, writer = await asyncio.open_connection(ports.HOST, port)
    writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    assert (await reader.readuntil(b"\r\n\r\n0")).startswith(b"HTTP/1.1 200")
    writer.write(b"\r\n")
    assert await asyncio.wait_for(reader.read(), 20) == b""
    writer.close()


@pytest.mark.parametrize(
    "part", [b"a: " + b"b" * 30_000 + b"\r\n", b"b" * 30_000], ids=["headers without end", "a header without end"]
)
async def test_a_head_without_end_is_closed_before_it_fills_the_memory(port: int, part: bytes) -> None:
    start = b"GET / HTTP/1.1\r\na: "
    assert await exchange(port, start, *[part] * 40, pause=0.001) == b""


async def test_a_body_is_closed_when_its_frame_is_larger_than_any_message(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n"
    trailers = [b"a: " + b"b" * 500_000 + b"\r\n"] * 20
    assert b"200" not in await exchange(port, head, *trailers)


async def test_a_request_that_is_answered_late_is_answered(port: int) -> None:
    request = b"POST /long HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\nab"
    assert (await exchange(port, request)).endswith(b"\r\n\r\n2")
