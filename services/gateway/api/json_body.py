"""JSON in the body of a request is what it is over Kafka: RFC 8259, no name twice in an object, no NaN."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.web.app import problem_response
from contracts.envelope import media_type
from contracts.outcomes import Refused, problem
from services.gateway.domain.validation import parse_json

READ_BY_THE_ROUTE = "/v1/events"
"""CloudEvents have three forms, and the route names the event of a batch that is wrong."""


class StrictJson:
    """ASGI middleware within `BodyLimit`: 400 `bad_json` or `not_utf8` for what Python's reader would let pass.

    Of two values under one name it takes the last, and whoever looked at the request before may have seen the first.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when its body is JSON, or says that it is none."""
        if scope["type"] != "http" or not _is_json(scope):
            await self._app(scope, receive, send)
            return
        try:
            body = await _read(receive)
            if body:
                parse_json(body)
        except Refused as refusal:
            await problem_response(refusal.problems)(scope, receive, send)
        except HTTPException:  # of BodyLimit
            await problem_response([problem("too_large")])(scope, receive, send)
        else:
            if body is not None:
                await self._app(scope, _replayed(body, receive), send)


def _is_json(scope: Scope) -> bool:
    kind = media_type(Headers(scope=scope).get("content-type", ""))
    is_json = kind.startswith("application/") and kind.endswith(("/json", "+json"))
    return is_json and not scope["path"].startswith(READ_BY_THE_ROUTE)


async def _read(receive: Receive) -> bytes | None:
    """None when the caller has left."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replaying() -> Message:
        return waiting.pop() if waiting else await receive()

    return replaying
