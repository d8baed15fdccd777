"""Traces, metrics and JSON logs. No exception text is ever written: it may quote what somebody sent."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge, Histogram

from chassis import __version__
from chassis.settings import Settings
from chassis.span_filter import Discreet

log: Any = structlog.get_logger("simpul")
tracer = trace.get_tracer("simpul")

RECORDS = Counter("simpul_records_total", "Records by topic and what became of them", ["topic", "result"])
BATCH_SECONDS = Histogram("simpul_batch_seconds", "Seconds from taking a batch to committing it", ["topic"])
PUBLISHED = Counter("simpul_published_total", "Messages acknowledged by Kafka", ["topic"])
DEAD_LETTERS = Gauge("simpul_dead_letters", "Records put aside now, held or postponed")
DELETED = Counter("simpul_deleted_total", "Documents deleted because of their age", ["collection"])
WAITING = Gauge("simpul_waiting_for_servers", "1 while an outage is being waited out")
LAG = Gauge("simpul_lag", "Records behind the end of the log", ["topic"])
LAG_SECONDS = Gauge("simpul_lag_seconds", "Age of the first record not acknowledged", ["topic"])

BUILD = Gauge("simpul_build_info", "1; the label says which version runs", ["version"])

MAX_LINKS = 128
PROPAGATOR, TRACEPARENT = TraceContextTextMapPropagator(), "traceparent"
ARGUMENTS_ARE_SAFE = frozenset({"uvicorn", "aiokafka"})
"""Libraries whose log lines are filled in: all they name are addresses, topics, groups and process numbers."""
LONG_DIGITS = re.compile(r"\d{13}")


def setup(settings: Settings, service: str) -> None:
    """Log JSON lines to standard error, and send spans out when an endpoint is set.

    Traces are carried on and their ids logged without one too.
    """
    _setup_logs(settings)
    BUILD.labels(__version__).set(1)
    if isinstance(trace.get_tracer_provider(), TracerProvider):
        return
    trace.set_tracer_provider(make_provider(settings, service))


def make_provider(settings: Settings, service: str) -> TracerProvider:
    """Where the spans of one process come from, and go to when an endpoint is set."""
    resource = Resource.create({"service.name": service, "service.instance.id": settings.instance})
    provider = TracerProvider(resource=resource, sampler=ParentBased(TraceIdRatioBased(settings.trace_ratio)))
    if exporter := _exporter(settings):
        sending = BatchSpanProcessor(Discreet(exporter), schedule_delay_millis=1000, export_timeout_millis=1000)
        provider.add_span_processor(sending)
    return provider


def _exporter(settings: Settings) -> SpanExporter | None:
    if settings.zipkin_endpoint:
        from opentelemetry.exporter.zipkin.json import ZipkinExporter

        return ZipkinExporter(endpoint=settings.zipkin_endpoint, timeout=1)
    if settings.otel_exporter_otlp_endpoint:
        return _otlp_exporter(f"{settings.otel_exporter_otlp_endpoint.rstrip('/')}/v1/traces", settings)
    return None


def _otlp_exporter(endpoint: str, settings: Settings) -> SpanExporter:
    import requests
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    session = requests.Session()
    session.trust_env = False  # else REQUESTS_CA_BUNDLE takes the place of TLS_CA, and proxies see what is sent
    files = (settings.tls_ca, settings.tls_certificate, settings.tls_key or settings.tls_certificate)
    ca, certificate, key = (str(file) if file else None for file in files)
    return OTLPSpanExporter(
        endpoint=endpoint, timeout=1, session=session,
        certificate_file=ca, client_certificate_file=certificate, client_key_file=key,
    )  # fmt: skip


def shutdown() -> None:
    """Send what is left, for at most a few seconds."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        provider.force_flush(2000)
        provider.shutdown()


# -- logs


def _setup_logs(settings: Settings) -> None:
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    strip, render = structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()
    chain: list[Any] = [structlog.stdlib.add_logger_name, _hide_exception, strip, render]
    formatter = structlog.stdlib.ProcessorFormatter
    handler.setFormatter(formatter(foreign_pre_chain=shared, processors=chain, pass_foreign_args=True))
    handler.addFilter(OncePerMinute())
    logging.root.handlers = [handler]
    logging.root.setLevel(settings.log_level)
    for name in ("aiokafka", "faststream", "httpx", "httpcore", "pymongo", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)


class OncePerMinute(logging.Filter):
    """Libraries log an outage a thousand times: let each distinct line of theirs through once a minute."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """False for a repetition."""
        if record.name.startswith("simpul"):
            return True
        place = (record.pathname, record.lineno)
        if record.created - self.seen.get(place, 0.0) < 60:
            return False
        self.seen[place] = record.created
        return True


def _add_trace(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        event |= {"trace_id": f"{span.trace_id:032x}", "span_id": f"{span.span_id:016x}"}
    return event


def _hide_exception(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """Foreign log records: their text without what may quote data, and of an exception only type and place."""
    record, arguments = event.get("_record"), event.pop("positional_args", ())
    if record is not None and not record.name.startswith("simpul"):
        event["event"] = _foreign_text(record, arguments)
    raised = event.pop("exc_info", None) or (record.exc_info if record is not None else None)
    if isinstance(raised, tuple) and raised[1] is not None:
        event["error"] = describe(raised[1])
    return event


def _foreign_text(record: logging.LogRecord, arguments: object) -> str:
    """The first line of the template (asyncio's further lines quote the exception of a task).

    Arguments are filled in for ARGUMENTS_ARE_SAFE alone: those of other libraries may quote what somebody sent.
    """
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    template = record.msg.split("\n", 1)[0]
    safe = record.name.split(".")[0] in ARGUMENTS_ARE_SAFE
    if not safe or not isinstance(arguments, tuple) or not arguments:
        return template
    try:
        return template % tuple(_safe_argument(argument) for argument in arguments)
    except (TypeError, ValueError):
        return template


def _safe_argument(argument: object) -> object:
    """Numbers, names and places as they are; of an error, and of anything else, its type."""
    if isinstance(argument, str | int | float):
        return argument
    if isinstance(argument, type):
        return argument.__name__
    if isinstance(argument, tuple) and all(isinstance(part, str | int) for part in argument):
        return ":".join(map(str, argument))  # a topic and its partition
    return type(argument).__name__


def describe(error: BaseException) -> str:
    """Type and place of an error, never its text."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    places = " < ".join(
        f"{frame.name}:{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(frames)
    )
    return f"{type(error).__name__} in {places}" if places else type(error).__name__


# -- traces


def trace_id() -> str | None:
    """Trace id of the current span, if one is recorded."""
    span = trace.get_current_span().get_span_context()
    return f"{span.trace_id:032x}" if span.is_valid else None


def clean_traceparent(text: str | None) -> str | None:
    """A valid W3C traceparent without 13 or more decimal digits in a row in either id; None otherwise."""
    context = span_context(text)
    if context is None or traceparent_of(NonRecordingSpan(context)) != text:
        return None
    if any(LONG_DIGITS.search(part) for part in (f"{context.trace_id:032x}", f"{context.span_id:016x}")):
        return None
    return text


def span_context(text: str | None) -> SpanContext | None:
    """The context that a traceparent of version 00 names (W3C Trace Context), or None."""
    if not text or not text.startswith("00-"):
        return None
    context = trace.get_current_span(PROPAGATOR.extract({TRACEPARENT: text}, otel_context.Context())).get_span_context()
    return context if context.is_valid else None


def traceparent_of(span: Span) -> str | None:
    """The traceparent by which the next hop continues a span; None when the span's context is invalid."""
    carrier: dict[str, str] = {}
    PROPAGATOR.inject(carrier, trace.set_span_in_context(span, otel_context.Context()))
    return carrier.get(TRACEPARENT)


def current_traceparent() -> str | None:
    """The traceparent of the span we are in."""
    return traceparent_of(trace.get_current_span())


@contextmanager
def batch_span(topic: str, group: str, traceparents: Sequence[str | None]) -> Iterator[Span]:
    """One span per batch, linked to at most 128 sampled messages of it."""
    links = []
    for text in traceparents:
        context = span_context(text) if text else None
        if context and context.trace_flags.sampled:
            links.append(Link(context))
        if len(links) == MAX_LINKS:
            break
    attributes: dict[str, str | int] = {
        "messaging.system": "kafka",
        "messaging.operation.type": "process",
        "messaging.operation.name": "process",
        "messaging.destination.name": topic,
        "messaging.consumer.group.name": group,
        "messaging.batch.message_count": len(traceparents),
    }
    with tracer.start_as_current_span(
        f"process {topic}", otel_context.Context(), SpanKind.CONSUMER, attributes, links,
        record_exception=False, set_status_on_exception=False,
    ) as span:  # fmt: skip
        try:
            yield span
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR))
            raise


def hop(name: str, traceparent: str | None, kind: SpanKind = SpanKind.CONSUMER) -> Span | None:
    """A child span of one sampled message, so that its trace goes on across the hop; None for the unsampled.

    End it with `end`; hand `traceparent_of(span)` to what is published because of that message.
    """
    parent = span_context(traceparent)
    if parent is None or not parent.trace_flags.sampled:
        return None
    context = trace.set_span_in_context(NonRecordingSpan(parent), otel_context.Context())
    return tracer.start_span(name, context, kind)


@contextmanager
def following(traceparent: str | None) -> Iterator[None]:
    """What is asked of other services meanwhile goes on in the trace of one message."""
    parent = span_context(traceparent)
    if parent is None:
        yield
        return
    token = otel_context.attach(trace.set_span_in_context(NonRecordingSpan(parent)))
    try:
        yield
    finally:
        otel_context.detach(token)


def onward(span: Span | None, traceparent: str | None) -> str | None:
    """What the next hop gets: the hop's own span if it is recorded, else the traceparent as it came."""
    if span is not None and (text := traceparent_of(span)):
        return text
    return traceparent


def end(spans: Iterable[Span | None]) -> None:
    """End the hops of a batch."""
    for span in spans:
        if span is not None:
            span.end()
