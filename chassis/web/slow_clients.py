"""Connections that send nothing, one byte now and then, or a head without end, are closed: each would hold a place."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS, BODY_SECONDS = 10.0, 30.0
"""For the head of a request, from the connection or the first byte after an answer; and for its body."""
HEAD_BYTES, REQUEST_BYTES = 64 * 2**10, 4 * 2**20
"""Of a head before it is complete, and of a whole request as it comes; uvicorn keeps whatever is sent."""


class PunctualProtocol(HttpToolsProtocol):
    """uvicorn's protocol with time limits for what a client sends; idle connections are its `timeout_keep_alive`."""

    header_seconds, body_seconds = HEADER_SECONDS, BODY_SECONDS
    _deadline: asyncio.TimerHandle | None = None
    _requests, _received, _limit = 0, 0, HEAD_BYTES

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._close_after(self.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deadline is None and self.cycle.response_complete:
            self._close_after(self.header_seconds)  # line breaks between requests begin none
        before = self._requests
        super().data_received(data)
        if self._requests == before:  # else some of it belongs to the request before
            self._received += len(data)
            if self._received > self._limit:
                self._close()

    def on_message_begin(self) -> None:
        self._close_after(self.header_seconds)
        self._requests, self._received, self._limit = self._requests + 1, 0, HEAD_BYTES
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._close_after(self.body_seconds)
        self._limit = REQUEST_BYTES
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._cancel_deadline()
        super().on_message_complete()

    def _close_after(self, seconds: float) -> None:
        self._cancel_deadline()
        self._deadline = self.loop.call_later(seconds, self._close)

    def _cancel_deadline(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None

    def _close(self) -> None:
        transport: Any = self.transport
        if transport is not None and not transport.is_closing():
            transport.close()
