"""The API does what its description says: statuses, media types and shapes of answers, whatever is asked."""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from contracts import authority
from contracts.outcomes import CODES
from tests.gateway.api.conftest import Gateway
from tests.gateway.api.fuzzing import Exploration, askers

EXAMPLES = 3
"""Requests of each kind for each operation, besides one of everybody; `make fuzz` asks more."""
SECONDS = 12

Document = dict[str, Any]


@pytest.fixture
async def document(api: Gateway) -> Document:
    return await api.document()


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in document["paths"].items():
        yield from ((path, method, operation) for method, operation in methods.items() if path.startswith("/v1/"))


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # of schemathesis itself
async def test_whoever_asks_whatever_is_answered_as_described(api: Gateway, document: Document) -> None:
    everybody = askers(api)
    assert {role for asker in everybody if asker.principal for role in asker.principal.roles} >= authority.ROLES.keys()
    walk = Exploration(api.url, document, everybody, EXAMPLES, until=time.monotonic() + SECONDS)
    await asyncio.to_thread(walk.run)
    places = {
        f"{method.upper()} {path} {asker.name}" for path, method, _ in operations(document) for asker in everybody
    }
    assert places <= walk.asked.keys()


async def test_a_method_that_a_path_does_not_take_is_refused_in_the_same_form(api: Gateway, document: Document) -> None:
    methods = {"GET", "POST", "PATCH", "DELETE"}
    async with api.as_("KP2MI", "registrar") as officer:
        for path, taken in document["paths"].items():
            for method in sorted(methods - {name.upper() for name in taken}):
                answer = await officer.request(method, path.format_map(defaultdict(lambda: "x")))
                assert answer.status_code in (403, 404, 405, 422), (method, path)  # it may be another route's
                assert answer.headers["content-type"] == "application/problem+json", (method, path)


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
        "name_id",
        "name_en",
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
