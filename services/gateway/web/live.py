"""/live: the stream of /v1 for a browser, which names its session by a cookie and never sees a token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import telemetry
from chassis.messaging.retry import failure_of
from services.gateway.web.sessions import Session
from services.gateway.web.site import Site

LOOK_SECONDS = 15.0
"""How often an open stream asks whether its session is still there. Watching counts as use."""
MAX_CURSOR = 1000


class Live:
    """Passes the request on to /v1/stream with the session's token; ends with the session."""

    def __init__(self, site: Site, api: ASGIApp) -> None:
        self._site, self._api = site, api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        session = await self._site.session(request)
        if session is None:
            await PlainTextResponse("", 401)(scope, receive, send)
            return
        async with self._watched(session) as over:
            await self._api(_inner(scope, request, session), _until(over, receive), send)

    @asynccontextmanager
    async def _watched(self, session: Session) -> AsyncIterator[asyncio.Event]:
        """An event that is set when the session is over, here or in another process."""
        over = self._site.sessions.ended(session)
        task = asyncio.create_task(self._watch(session, over))
        try:
            yield over
        finally:
            task.cancel()

    async def _watch(self, session: Session, over: asyncio.Event) -> None:
        async def look() -> None:
            if await self._site.sessions.find_by_id(session.id) is None:
                over.set()

        while not over.is_set():
            await asyncio.sleep(LOOK_SECONDS)
            if (error := await failure_of(look())) is not None:  # it says nothing of the session: the next one does
                telemetry.log.warning("session_not_looked_up", error=telemetry.describe(error))


def _inner(scope: Scope, request: Request, session: Session) -> Scope:
    """The request as /v1 takes it. A tab that takes over from another names the cursor in the address."""
    cursor = request.headers.get("last-event-id") or request.query_params.get("after", "")
    headers = [
        (b"host", b"v1"),
        (b"accept", b"text/event-stream"),
        (b"authorization", f"Bearer {session.tokens.access}".encode()),
    ]
    if cursor and len(cursor) <= MAX_CURSOR:
        headers.append((b"last-event-id", cursor.encode("latin-1", "replace")))
    kept = {name: scope[name] for name in ("type", "asgi", "http_version", "method", "scheme", "client", "server")}
    return {
        **kept, "path": "/v1/stream", "raw_path": b"/v1/stream", "query_string": b"", "root_path": "",
        "headers": headers, "state": {},
    }  # fmt: skip


def _until(over: asyncio.Event, receive: Receive) -> Receive:
    """As `receive`, with a disconnect when the session is over."""

    async def receive_or_end() -> Message:
        message, end = asyncio.ensure_future(receive()), asyncio.ensure_future(over.wait())
        try:
            await asyncio.wait((message, end), return_when=asyncio.FIRST_COMPLETED)
            return message.result() if message.done() else {"type": "http.disconnect"}
        finally:
            message.cancel()
            end.cancel()

    return receive_or_end
