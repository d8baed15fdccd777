"""What a span may tell outside its process."""

from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Status

LET_OUT = frozenset(
    {
        "code.function.name", "error.type", "http.request.method", "http.response.status_code", "http.route",
        "network.protocol.version", "url.scheme",
    }
)  # fmt: skip


class Discreet(SpanExporter):
    """Lets out only attributes of which no caller chooses the value.

    Libraries put paths, queries, host names and texts of exceptions into spans: what is not listed stays here.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self.exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Pass them on without the rest."""
        return self.exporter.export([_discreet(span) for span in spans])

    def shutdown(self) -> None:
        """Nothing goes out any more."""
        self.exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Send what the exporter still holds."""
        return self.exporter.force_flush(timeout_millis)


def _discreet(span: ReadableSpan) -> ReadableSpan:
    attributes = (span.attributes or {}).items()
    return ReadableSpan(
        span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: value for name, value in attributes if name in LET_OUT or name.startswith("messaging.")},
        links=[Link(link.context) for link in span.links],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
