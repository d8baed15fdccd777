"""Serves apps until SIGTERM: on one address, or on several in the same process."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.web.app import problem_response
from chassis.web.slow_clients import HEADER_SECONDS, PunctualProtocol
from contracts.outcomes import problem

GRACE_SECONDS = 25
MAX_CONNECTIONS = 2_000
"""Connections of one listener at the same time; one more is answered 503."""
HTTP: dict[str, Any] = {
    "http": PunctualProtocol,
    "ws": "none",
    "limit_concurrency": MAX_CONNECTIONS,
    "log_config": None,
    "access_log": False,
    "proxy_headers": False,
    "server_header": False,
}
"""How every process speaks HTTP. No header says for whom else a connection stands: nothing depends on where it is from.
"""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where an app is served, and with which certificate; plainly without one."""

    app: ASGIApp
    host: str
    port: int
    tls: ssl.SSLContext | None = None

    def config(self, *, lifespan: bool) -> uvicorn.Config:
        """Of uvicorn."""
        tls = self.tls
        return uvicorn.Config(
            self.app,
            host=self.host,
            port=self.port,
            lifespan="on" if lifespan else "off",
            timeout_graceful_shutdown=GRACE_SECONDS,
            ssl_context_factory=None if tls is None else lambda _config, _default: tls,
            **HTTP,
        )


class Paths:
    """An ASGI app that answers some paths of another and, for the rest, that there is nothing.

    `only` those and what is below them, or all `but` them.
    """

    def __init__(self, app: ASGIApp, *, only: Sequence[str] = ("",), but: Sequence[str] = ()) -> None:
        self.app, self.only, self.but = app, tuple(only), tuple(but)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self.answers(scope["path"]):
            await problem_response([problem("not_found")])(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def answers(self, path: str) -> bool:
        """Whether a request for this path goes on."""
        return any(_is_below(path, top) for top in self.only) and not any(_is_below(path, top) for top in self.but)


def _is_below(path: str, top: str) -> bool:
    return path == top or (top != "/" and path.startswith(f"{top}/"))


def serve(listeners: Sequence[Listener]) -> None:
    """Until SIGTERM, all in one process; the first one begins and ends with the app's life."""
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(First(listeners).serve())


class Loop(uvloop.Loop):
    """A client has as long for its TLS handshake as for the head of a request."""

    handshake_seconds = HEADER_SECONDS

    async def create_server(self, *arguments: Any, **options: Any) -> Any:
        if options.get("ssl") is not None:
            options = {"ssl_handshake_timeout": self.handshake_seconds, **options}
        return await super().create_server(*arguments, **options)


class First(uvicorn.Server):
    """The server of the first listener; those of the others begin after it and end with it."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        first, *others = listeners
        super().__init__(first.config(lifespan=True))
        self._others = [_Other(listener.config(lifespan=False)) for listener in others]
        self._serving: list[asyncio.Task[None]] = []

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self._serving = [asyncio.create_task(other.serve()) for other in self._others]

    async def shutdown(self, sockets: Any = None) -> None:
        for other in self._others:
            other.should_exit = True
        await asyncio.gather(super().shutdown(sockets), *self._serving)


class _Other(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the first one's."""
        yield
