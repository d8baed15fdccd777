"""The API does what its description says: statuses, media types and shapes of answers, whatever is asked."""

import asyncio
import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from contracts.outcomes import CODES
from tests.gateway.api.conftest import Gateway

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SECONDS = 60
EXAMPLES = 12
"""Requests per operation, made from a fixed seed; fewer when the time is over."""
STREAM = "/v1/stream"
"""It never ends, and is listened to in test_stream."""
ROLES = (
    "duty_officer",
    "identity_steward",
    "mgi_coordinator",
    "registrar",
    "migration_coordinator",
    "data_protection_officer",
)

Document = dict[str, Any]


@pytest.fixture
async def document(api: Gateway) -> Document:
    async with httpx.AsyncClient(base_url=api.url, trust_env=False) as client:
        return dict((await client.get("/openapi.json")).json())


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in document["paths"].items():
        yield from ((path, method, operation) for method, operation in methods.items() if path.startswith("/v1/"))


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # of schemathesis itself
async def test_whatever_is_asked_is_answered_as_described(api: Gateway, document: Document) -> None:
    await asyncio.to_thread(explore, api, document)


def explore(api: Gateway, document: Document) -> None:
    """Ask every operation with values of its own description, on behalf of people, systems and nobody."""
    tokens = {
        "steward": api.token("KP2MI", *ROLES, purpose="identity_stewardship"),
        "officer": api.token("KEMLU", "duty_officer"),
        "system": api.token("KP2MI", kind="system"),
        "unconnected": api.token("BPS", kind="system"),
        "over": api.token("KP2MI", hours=-1),
        "none": "abc",
    }
    until = time.monotonic() + SECONDS
    asked: dict[str, int] = {}
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if operation.path == STREAM:
            continue

        @settings(
            max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(), who=st.sampled_from(["steward", "system", *tokens]))
        def ask(case: Any, who: str) -> None:
            if time.monotonic() < until or case.operation.label not in asked:
                if case.query and "wait" in case.query:
                    case.query["wait"] = 0
                headers = {"Authorization": f"Bearer {tokens[who]}"}
                case.call_and_validate(base_url=api.url, headers=headers, checks=CHECKS, timeout=30)
                asked[case.operation.label] = asked.get(case.operation.label, 0) + 1

        ask()
    labels = {f"{method.upper()} {path}" for path, method, _ in operations(document) if path != STREAM}
    assert labels <= asked.keys()


def test_every_refusal_is_described_as_the_problem_that_it_is(document: Document) -> None:
    for path, method, operation in operations(document):
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], (path, method, status)
                codes = re.findall(r"`([a-z0-9_]+)`: ", response["description"])
                assert codes
                assert {CODES[code].status for code in codes} == {int(status)}
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert set(document["components"]["schemas"]["ProblemDocument"]["properties"]["code"]["enum"]) == set(CODES)


def test_texts_that_have_a_form_say_which(document: Document) -> None:
    """A parameter or field of a request that is any text at all is one that people write."""
    free = {"narrative", "text", "explanation", "place", "title", "number", "article", "url", "full_name", "address"}
    free |= {
        "nik",
        "mother_name",
        "employer",
        "after",
        "cursor",
        "Idempotency-Key",
        "If-Match",
        "Last-Event-ID",
        "ce-id",
    }
    schemas = document["components"]["schemas"]
    asked = {name for name in schemas if name.endswith(("Request", "Reported", "Submitted", "Reference"))}
    asked |= {"Person", "EpisodePlan"}
    fields = [
        (f"{name}.{field}", field, schema) for name in asked for field, schema in schemas[name]["properties"].items()
    ]
    for path, _, operation in operations(document):
        fields += [(f"{path} {one['name']}", one["name"], one["schema"]) for one in operation.get("parameters", ())]
    for where, field, schema in fields:
        for form in schema.get("anyOf", [schema]):
            if form.get("type") == "string" and field not in free:
                assert form.keys() & {"pattern", "enum", "const", "format"}, where
