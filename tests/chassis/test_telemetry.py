import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NonRecordingSpan, use_span

from chassis import telemetry
from chassis.settings import Settings

NIK = "3307014101900001"
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED = f"00-{TRACE}-{SPAN}-01"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a process writes to its log."""
    root, level = logging.root.handlers[:], logging.root.level
    settings = {"kafka_url": "k:1", "mongo_url": "m", "mongo_database": "d", "keys": "k", "instance": "i"}
    telemetry.setup(Settings.model_validate(settings), "registry")
    written = io.StringIO()
    handler: Any = logging.root.handlers[0]
    handler.setStream(written)
    handler.filters[0].seen.clear()  # what other tests left behind may have been told meanwhile, from the same line
    yield written
    logging.root.handlers, logging.root.level = root, level


def logged(lines: io.StringIO) -> list[dict[str, Any]]:
    assert NIK not in lines.getvalue()
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_an_error_is_described_by_type_and_place_never_by_its_text() -> None:
    with pytest.raises(ValueError, match=NIK) as raised:
        int(f"x{NIK}")
    text = telemetry.describe(raised.value)
    assert text.startswith("ValueError in test_an_error_is_described_by_type_and_place_never_by_its_text:")
    assert NIK not in text
    assert telemetry.describe(KeyError(NIK)) == "KeyError"


def test_lines_of_libraries_carry_neither_arguments_nor_exception_texts(lines: io.StringIO) -> None:
    library = logging.getLogger("some.library")
    library.error("no such person: %s", NIK)
    try:
        int(f"x{NIK}")
    except ValueError:
        library.exception("failed for %(nik)s", {"nik": NIK})
    library.error(ValueError(NIK))
    first, second, third = logged(lines)
    assert first["event"] == "no such person: %s"
    assert second["error"].startswith("ValueError in ")
    assert third["event"] == "ValueError"


def test_lines_of_libraries_that_name_places_alone_are_filled_in_and_their_errors_named_by_type(
    lines: io.StringIO,
) -> None:
    started, failed = logging.getLogger("uvicorn.error"), logging.getLogger("aiokafka.consumer.fetcher")
    started.info("Uvicorn running on %s://%s:%d (Press CTRL+C to quit)", "http", "127.0.0.1", 18080)
    failed.error("Failed fetch of %s from %s: %s", TopicPartition("to.kp2mi.v1", 0), 1, ValueError(NIK))
    failed.error("Stickiness is violated for topic %r\nPartition movements: %r", "registry.events.v1", [])
    assert [line["event"] for line in logged(lines)] == [
        "Uvicorn running on http://127.0.0.1:18080 (Press CTRL+C to quit)",
        "Failed fetch of to.kp2mi.v1:0 from 1: ValueError",
        "Stickiness is violated for topic %r",
    ]


async def test_a_task_that_nobody_awaited_is_logged_without_its_error_text(lines: io.StringIO) -> None:
    async def fail() -> None:
        raise ValueError(NIK)

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    asyncio.get_running_loop().call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": task.exception(), "future": task}
    )
    (line,) = (line for line in logged(lines) if line["event"] == "Task exception was never retrieved")
    assert line["error"].startswith("ValueError in fail:")


def test_a_library_that_repeats_itself_is_heard_once_a_minute(lines: io.StringIO) -> None:
    for n in range(100):
        logging.getLogger("aiokafka").error("no broker %s", n)
        telemetry.log.error("ours", number=n)
    assert len([line for line in logged(lines) if line["logger"] == "aiokafka"]) == 1
    assert len(logged(lines)) == 101


def test_our_own_lines_are_json_with_the_ids_of_their_trace(lines: io.StringIO) -> None:
    with use_span(NonRecordingSpan(_context(SAMPLED))):
        telemetry.log.info("settled", count=3)
    (line,) = logged(lines)
    assert (line["event"], line["count"], line["trace_id"], line["span_id"]) == ("settled", 3, TRACE, SPAN)


def _context(text: str) -> Any:
    found = telemetry.span_context(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text",
    [
        None, "", "00", SAMPLED.upper(), SAMPLED + "\n", SAMPLED + "-00", "ff" + SAMPLED[2:],
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01", f"00-{NIK}{TRACE[16:]}-{SPAN}-01", f"00-{TRACE}-{NIK}-01",
        f"00-abc3307014101900{TRACE[16:]}-{SPAN}-01",
    ],
)  # fmt: skip
def test_a_traceparent_that_is_not_valid_or_could_hold_a_number_of_a_person_is_dropped(text: str | None) -> None:
    assert telemetry.clean_traceparent(text) is None


@given(st.from_regex(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", fullmatch=True))
def test_a_traceparent_passes_unchanged_or_not_at_all(text: str) -> None:
    _, trace, span, _ = text.split("-")
    longest = max(len(run) for part in (trace, span) for run in _digits(part))
    allowed = longest <= 12 and int(trace, 16) and int(span, 16)
    assert telemetry.clean_traceparent(text) == (text if allowed else None)


def _digits(text: str) -> list[str]:
    return "".join(c if c.isdigit() else " " for c in text).split(" ")


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "tracer", provider.get_tracer("test"))
    return exporter


def only(spans: InMemorySpanExporter) -> ReadableSpan:
    (span,) = spans.get_finished_spans()
    return span


def test_a_batch_span_links_at_most_128_sampled_messages(spans: InMemorySpanExporter) -> None:
    unsampled = [SAMPLED[:-2] + "00", None, "nonsense"]
    with telemetry.batch_span("topic", "group", [*unsampled, *[SAMPLED] * 300]):
        pass
    span = only(spans)
    assert len(span.links) == 128
    assert span.parent is None
    assert dict(span.attributes or {})["messaging.batch.message_count"] == 303


def test_a_span_of_a_failed_batch_says_what_kind_of_error_and_not_its_text(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match=NIK), telemetry.batch_span("topic", "group", []):
        raise ValueError(NIK)
    assert dict(only(spans).attributes or {})["error.type"] == "ValueError"
    assert NIK not in only(spans).to_json()


def test_a_hop_continues_a_sampled_trace_and_leaves_an_unsampled_one_as_it_came(spans: InMemorySpanExporter) -> None:
    hop = telemetry.hop("settle", SAMPLED)
    onward = telemetry.onward(hop, SAMPLED)
    telemetry.end([hop, None])
    assert onward is not None
    assert onward != SAMPLED
    assert onward.split("-")[1] == TRACE
    parent = only(spans).parent
    assert parent is not None
    assert f"{parent.span_id:016x}" == SPAN
    assert telemetry.hop("settle", SAMPLED[:-2] + "00") is None
    assert telemetry.onward(None, SAMPLED[:-2] + "00") == SAMPLED[:-2] + "00"
