"""A collector that takes the spans which services send to Zipkin, and keeps them for the checks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from deploy.local.ports import HOST

Span = dict[str, Any]


class SpanCollector:
    """Zipkin v2 spans in the order of arrival, at `endpoint`."""

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://{HOST}:{port}/api/v2/spans"
        self.spans: list[Span] = []

    def services_of(self, trace_id: str) -> set[str]:
        """The services that took part in a trace."""
        return {span["localEndpoint"]["serviceName"] for span in self.spans if span["traceId"] == trace_id}

    def lines(self) -> Iterator[bytes]:
        """Every attribute of every span."""
        for span in self.spans:
            yield json.dumps(span, ensure_ascii=False).encode()


@contextmanager
def collecting_spans() -> Iterator[SpanCollector]:
    """Runs in a thread of its own, on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # named by the library
            collector.spans += json.loads(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(202)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing to the terminal."""

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        collector = SpanCollector(server.server_address[1])
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield collector
        finally:
            server.shutdown()
