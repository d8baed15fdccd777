"""What leaves a process about the requests it answered."""

import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from chassis import telemetry
from chassis.settings import Settings
from chassis.web.app import create_app
from simulation.scenario.span_collector import SpanCollector, collecting_spans

NIK = "3307014101900001"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the process writes to its log, at its most talkative."""
    root, level = logging.root.handlers[:], logging.root.level
    written = io.StringIO()
    telemetry.setup(settings(log_level="DEBUG"), "registry")
    logging.root.handlers[0].setStream(written)  # type: ignore[attr-defined]
    yield written
    logging.root.handlers, logging.root.level = root, level


@pytest.fixture
def spans() -> Iterator[SpanCollector]:
    with collecting_spans() as found:
        yield found


@pytest.fixture
def provider(spans: SpanCollector, monkeypatch: pytest.MonkeyPatch) -> Iterator[TracerProvider]:
    """That of a process which records every trace and sends it to a collector."""
    made = telemetry.make_provider(settings(zipkin_endpoint=spans.endpoint, trace_ratio=1), "registry")
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", made)
    yield made
    made.shutdown()


def settings(**given: object) -> Settings:
    required = {"kafka_url": "k:1", "mongo_url": "m", "mongo_database": "d", "keys": "k", "instance": "i"}
    return Settings.model_validate(required | given)


@asynccontextmanager
async def nothing(_: FastAPI) -> AsyncIterator[None]:
    yield


def routes() -> APIRouter:
    router = APIRouter()

    @router.get("/persons/{person}")
    async def get_person(person: str) -> str:
        with trace.get_tracer("a library").start_as_current_span(
            "looks up", attributes={"db.query.text": f"nik={person}"}
        ):
            if person.endswith("9"):
                raise ValueError(f"no such person: {person}")
        return "here"

    return router


async def test_nothing_a_caller_wrote_into_a_request_stands_in_traces_logs_or_metrics(
    provider: TracerProvider, spans: SpanCollector, log: io.StringIO
) -> None:
    app = create_app("service", lifespan=nothing, ready=dict, routers=[routes()])
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
        for path in (f"/persons/{NIK}", f"/persons/{NIK}9", f"/{NIK}/unknown"):
            await http.get(path, params={"nik": NIK, NIK: "1"})
        await http.request(NIK, f"/persons/{NIK}", headers={"host": f"{NIK}.example", "user-agent": NIK})
        metrics = (await http.get("/metrics")).text
    provider.force_flush()
    served = [span for span in spans.spans if span["kind"] == "SERVER"]
    assert [span["name"] for span in served] == [
        "GET /persons/{person}", "GET /persons/{person}", "GET", "HTTP /persons/{person}", "GET /metrics",
    ]  # fmt: skip
    assert [span["tags"].get("http.response.status_code") for span in served] == ["200", "500", "404", "405", "200"]
    assert "looks up" in {span["name"] for span in spans.spans}
    assert NIK not in json.dumps(spans.spans) + log.getvalue() + metrics
    assert "request_failed" in log.getvalue()
