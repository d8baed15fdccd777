"""Requests that a proxy and the api could read in two ways, on the real socket: each is read in one way."""

import asyncio
import contextlib
import json
from typing import Any

import httpx
import pytest

from tests.gateway.api.conftest import Gateway

ME = b"GET /v1/me HTTP/1.1\r\nhost: x\r\n"
HIDDEN = b"GET /v1/alerts HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
"""What somebody would like to have asked with the rights of whoever comes next on the connection."""


async def exchange(api: Gateway, request: bytes) -> bytes:
    """Everything that the server says until it closes the connection."""
    url = httpx.URL(api.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    with contextlib.suppress(ConnectionError):
        writer.write(request)
        await writer.drain()
        answer = await asyncio.wait_for(reader.read(), 60)
        writer.close()
        return answer
    writer.close()
    return b""


def statuses(answer: bytes) -> list[int]:
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


def authorized(api: Gateway) -> bytes:
    return f"authorization: Bearer {api.token('KEMLU', 'duty_officer')}\r\n".encode()


def post(*headers: bytes) -> bytes:
    lines = [b"POST /v1/events HTTP/1.1", b"host: x", b"content-type: application/json", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


FRAMES = {
    "both lengths": (post(b"content-length: 5", b"transfer-encoding: chunked"), b"0\r\n\r\n"),
    "both lengths, the other way": (post(b"transfer-encoding: chunked", b"content-length: 5"), b"0\r\n\r\n"),
    "two lengths": (post(b"content-length: 0", b"content-length: 5"), b"12345"),
    "a list of lengths": (post(b"content-length: 0, 5"), b"12345"),
    "a signed length": (post(b"content-length: +5"), b"12345"),
    "a negative length": (post(b"content-length: -1"), b""),
    "a length in hexadecimal": (post(b"content-length: 0x5"), b"12345"),
    "a length without end": (post(b"content-length: " + b"9" * 40), b"12345"),
    "another encoding": (post(b"transfer-encoding: xchunked"), b"0\r\n\r\n"),
    "chunked and more": (post(b"transfer-encoding: chunked, identity"), b"0\r\n\r\n"),
    "chunked twice": (post(b"transfer-encoding: chunked", b"transfer-encoding: identity"), b"0\r\n\r\n"),
    "a space before the colon": (post(b"transfer-encoding : chunked"), b"0\r\n\r\n"),
    "a folded header": (post(b"content-length: 0", b" 5"), b"12345"),
    "NUL in a name": (post(b"content-length\x00: 5"), b"12345"),
    "NUL in a value": (post(b"x-a: a\x00b", b"content-length: 0"), b""),
    "a bare CR in a value": (post(b"x-a: a\rcontent-length: 5", b"content-length: 0"), b""),
    "a name that is none": (post(b"x(a): b", b"content-length: 0"), b""),
    "no name": (post(b": b", b"content-length: 0"), b""),
    "a size of no number": (post(b"transfer-encoding: chunked"), b"zz\r\n\r\n"),
    "a size without end": (post(b"transfer-encoding: chunked"), b"f" * 40 + b"\r\n"),
    "a size that is signed": (post(b"transfer-encoding: chunked"), b"-1\r\n\r\n"),
    "a space in the path": (b"GET /v1/me /v1/alerts HTTP/1.1\r\nhost: x\r\n\r\n", b""),
    "another version": (b"GET /v1/me HTTP/3.7\r\nhost: x\r\n\r\n", b""),
    "bytes in the path": (b"GET /v1/\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n", b""),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b""),
    "a tunnel": (b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: x\r\n\r\n", b""),
    "no method": (b"G\x00T /v1/me HTTP/1.1\r\nhost: x\r\n\r\n", b""),
}
"""A request with a frame of which there are two readings, and what comes after its head."""


@pytest.mark.parametrize("name", FRAMES)
async def test_a_frame_of_two_readings_is_refused_and_what_hides_in_it_is_not_answered(api: Gateway, name: str) -> None:
    head, body = FRAMES[name]
    answer = await exchange(api, head + body + HIDDEN + authorized(api) + b"\r\n")
    assert statuses(answer) == [400], answer
    assert b"alerts" not in answer


async def test_a_right_frame_is_read_to_its_end_and_no_further(api: Gateway) -> None:
    body = b'5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n'
    request = post(b"transfer-encoding: chunked") + body + HIDDEN + authorized(api) + b"\r\n"
    assert statuses(await exchange(api, request)) == [401, 200]


async def test_two_tokens_in_one_request_are_none(api: Gateway) -> None:
    two = authorized(api) + f"authorization: Bearer {api.token('KP2MI', 'registrar')}\r\n".encode()
    answer = await exchange(api, ME + two + b"connection: close\r\n\r\n")
    assert statuses(answer) == [400]
    assert b'"bad_header"' in answer


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-For: 10.0.0.1", "X-Forwarded-User: wayan.adi", "X-Forwarded-Proto: https",
        "X-Forwarded-Host: evil.example", "X-Forwarded-Prefix: /evil", "Forwarded: for=10.0.0.1;host=evil.example",
        "X-Original-URL: /v1/operations/pass", "X-Rewrite-URL: /v1/operations/pass", "X-HTTP-Method-Override: DELETE",
        "X-Simpul-Principal: {}", "X-Organisation: KP2MI", "Host: evil.example", "Cookie: organisation=KP2MI",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAA\r\nSec-WebSocket-Version: 13",
        "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
    ],
)  # fmt: skip
async def test_no_other_header_says_who_asks_or_for_what(api: Gateway, header: str) -> None:
    """The answer is that of the request without it, byte for byte but for when and in which trace."""
    request = b"GET /v1/me HTTP/1.1\r\n" + authorized(api) + b"connection: close\r\n"
    plain = await exchange(api, request + b"host: x\r\n\r\n")
    odd = await exchange(api, request + b"host: x\r\n" * (not header.startswith("Host")) + f"{header}\r\n\r\n".encode())
    assert json.loads(odd.partition(b"\r\n\r\n")[2]) == json.loads(plain.partition(b"\r\n\r\n")[2])
    assert statuses(odd) == [200]
    assert b"evil" not in odd


async def test_no_answer_leads_where_a_header_points(api: Gateway) -> None:
    for path in ("/v1/alerts/", "/v1/me/", "//evil.example/..", "/docs/", "/"):
        request = f"GET {path} HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n".encode()
        answer = await exchange(api, request)
        assert b"evil" not in answer, path


async def test_headers_that_are_no_text_are_refused_or_passed_over(api: Gateway) -> None:
    names = ("if-match", "idempotency-key", "last-event-id", "traceparent", "ce-id", "accept", "content-type")
    values: tuple[Any, ...] = (b"\xff\xfe", b"\xc3\xa9" * 50, b"a" * 8000, b"\x7f", b"\t\t", b"")
    for name in names:
        for value in values:
            line = name.encode() + b": " + value + b"\r\n"
            request = b"POST /v1/alerts HTTP/1.1\r\nhost: x\r\n" + authorized(api) + line
            answer = await exchange(api, request + b"connection: close\r\ncontent-length: 2\r\n\r\n{}")
            assert statuses(answer)[0] in (400, 422), (name, value, answer)
