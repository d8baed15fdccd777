"""What of a caller's trace headers may pass: nothing but a traceparent whose ids can hold no identifier."""

from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.telemetry import clean_traceparent

DROPPED = (b"traceparent", b"tracestate", b"baggage")


class CleanTraces:
    """Wraps the whole app, because FastAPI begins its span before any middleware runs."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on without the rest."""
        if scope["type"] == "http":
            scope = {**scope, "headers": _clean(scope["headers"])}
        await self.app(scope, receive, send)


def _clean(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Of two traceparents none is right."""
    traces = [value for name, value in headers if name == b"traceparent"]
    kept = clean_traceparent(traces[0].decode("latin-1")) if len(traces) == 1 else None
    rest = [(name, value) for name, value in headers if name not in DROPPED]
    return [*rest, (b"traceparent", kept.encode())] if kept else rest
