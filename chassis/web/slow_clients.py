"""Connections that send nothing, or one byte now and then, are closed: each would hold a place for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS, BODY_SECONDS = 10.0, 30.0
"""For the head of a request, from the connection or the answer before it; and for its body."""


class PunctualProtocol(HttpToolsProtocol):
    """uvicorn's protocol with time limits for what a client sends; idle connections are its `timeout_keep_alive`."""

    header_seconds, body_seconds = HEADER_SECONDS, BODY_SECONDS
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._close_after(self.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._close_after(self.header_seconds)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._close_after(self.body_seconds)
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
