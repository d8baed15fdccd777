"""Fields that no schema has, operators of the database where a text is asked for, and JSON that is none."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from services.gateway.domain.schema_problems import MAX_PROBLEMS
from tests.gateway.api.conftest import Gateway
from tests.gateway.api.fuzzing import askers
from tests.security.hostile import IDS, Write, nested, places, pointer, writes

OPERATORS: list[Any] = [{"$gt": ""}, {"$ne": None}, {"$where": "sleep(1000)"}]
IN_A_QUERY = ['{"$gt": ""}', "$where", "' || '1'=='1", "\x00", "\ud7ff\uffff", "9" * 30, "../../etc/passwd", "%00"]
JSON = {"content-type": "application/json"}
NOT_JSON = {
    "nested lists": b"[" * 100_000,
    "nested objects": b'{"a":' * 40_000,
    "nested and closed": b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a name twice": b'{"occurred_at": "2026-03-01", "occurred_at": "2026-03-02"}',
    "a name twice within": b'{"person": {"nik": "1", "nik": "2"}}',
    "NaN": b'{"value": NaN}',
    "Infinity": b'{"value": -Infinity}',
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "UTF-32": '{"a": 1}'.encode("utf-32-le"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a number of 5,000 digits": b'{"value": ' + b"9" * 5000 + b"}",
    "NUL": b'{"a": "\x00"}',
    "after the end": b"{}{}",
}
ODD_JSON = {
    "half a character": b'{"reason": "\\ud800", "\\udfff": 1}',
    "beyond every float": b'{"value": 1e400, "occurred_at": 1e400, "limit": -1e400}',
    "a number of 4,000 digits": b'{"value": ' + b"9" * 4000 + b', "year": ' + b"9" * 4000 + b"}",
    "NUL escaped": b'{"reason": "\\u0000", "occurred_at": "\\u0000", "person": "\\u0000"}',
    "no object": b"[[[]]]",
    "null": b"null",
    "__proto__": b'{"__proto__": {"roles": ["operator"]}, "__class__": "x"}',
}


@pytest.fixture(scope="module")
async def every_write(api: Gateway) -> list[Write]:
    return await writes(api)


@pytest.fixture
async def client(api: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=api.url, timeout=30, trust_env=False) as client:
        yield client


async def problems(client: httpx.AsyncClient, write: Write, body: Any) -> tuple[int, list[tuple[str, str]]]:
    answer = await client.request(write.method, write.path, json=body, headers=write.asker.headers)
    assert answer.status_code < 500, (write.label, body, answer.text)
    found = answer.json().get("problems", []) if answer.status_code >= 400 else []
    return answer.status_code, [(problem["code"], problem["pointer"]) for problem in found]


async def test_no_write_takes_a_field_that_its_schema_has_not(
    client: httpx.AsyncClient, every_write: list[Write]
) -> None:
    """Else one that is added to what is stored could be set by whoever guesses its name."""
    asked = 0
    for write in every_write:
        for place in set(places(write.schema, "object")):
            body = nested((*place, "roles"), ["operator"])
            status, found = await problems(client, write, body)
            assert status == 422, (write.label, place)
            told = ("unknown_field", pointer(place)) in found or len(found) == MAX_PROBLEMS
            assert told, (write.label, place, found)
            asked += 1
    assert asked > len(every_write)


async def test_no_operator_of_the_database_passes_for_a_text(
    client: httpx.AsyncClient, every_write: list[Write]
) -> None:
    asked = 0
    for write in every_write:
        for place in set(places(write.schema, "string")):
            for operator in OPERATORS:
                status, found = await problems(client, write, nested(place, operator))
                assert status == 422, (write.label, place)
                own = f"{pointer(place)}/"
                told = [
                    code for code, where in found if where and (own.startswith(f"{where}/") or where.startswith(own))
                ]
                assert "invalid_value" in told or len(found) == MAX_PROBLEMS, (write.label, place, found)
                asked += 1
    assert asked > 100


async def test_no_operator_of_the_database_passes_in_a_path_or_query(api: Gateway, client: httpx.AsyncClient) -> None:
    everybody = askers(api)
    for path, methods in (await api.document())["paths"].items():
        operation = methods.get("get")
        asker = next((asker for asker in everybody if asker.may_use(f"GET {path}")), None)
        if operation is None or asker is None or path == "/v1/stream":
            continue
        for parameter in operation.get("parameters", ()):
            for text in IN_A_QUERY:
                await ask(client, path, asker.headers, parameter["name"], parameter["in"], text)
            if parameter["in"] == "query":
                await ask(client, path, asker.headers, f"{parameter['name']}[$gt]", "query", "")


async def ask(client: httpx.AsyncClient, path: str, headers: dict[str, str], name: str, where: str, text: str) -> None:
    in_path = {name: quote(text, safe="")} if where == "path" else {}
    params = {"wait": "0"} | ({name: text} if where == "query" else {})
    in_header = [(name.encode(), text.encode().replace(b"\x00", b""))] if where == "header" else []
    all_headers = [(key.encode(), value.encode()) for key, value in headers.items()] + in_header
    answer = await client.get(path.format(**IDS | in_path), params=params, headers=all_headers)
    assert answer.status_code in (200, 400, 403, 404, 410, 422), (path, name, text, answer.text)
    assert answer.status_code != 200 or where != "path", (path, name, text)  # it would match whatever there is


@pytest.mark.parametrize("name", NOT_JSON)
async def test_what_is_no_json_is_refused_before_anybody_reads_it(
    client: httpx.AsyncClient, every_write: list[Write], name: str
) -> None:
    for write in every_write:
        answer = await client.request(
            write.method, write.path, content=NOT_JSON[name], headers=write.asker.headers | JSON
        )
        assert answer.status_code == 400, (write.label, answer.text)
        assert answer.json()["code"] in ("bad_json", "not_utf8"), write.label


@pytest.mark.parametrize("name", ODD_JSON)
async def test_json_that_is_odd_is_refused_by_the_schema(
    client: httpx.AsyncClient, every_write: list[Write], name: str
) -> None:
    for write in every_write:
        answer = await client.request(
            write.method, write.path, content=ODD_JSON[name], headers=write.asker.headers | JSON
        )
        assert 400 <= answer.status_code < 500, (write.label, answer.text)


@pytest.mark.parametrize(
    "kind", ["application/cloudevents+json", "application/cloudevents-batch+json", JSON["content-type"]]
)
@pytest.mark.parametrize("name", [*NOT_JSON, *ODD_JSON])
async def test_events_that_are_no_json_are_refused_too(api: Gateway, name: str, kind: str) -> None:
    content = (NOT_JSON | ODD_JSON)[name]
    async with api.as_("KP2MI", kind="system") as system:
        for path in ("/v1/events", "/v1/events:check"):
            answer = await system.post(path, content=content, headers={"content-type": kind})
            refused = 400 <= answer.status_code < 500
            checked = path.endswith("check") and "refused" in answer.text
            assert refused or checked, (path, answer.status_code, answer.text)


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_over_256_kib_is_refused_announced_or_not(
    client: httpx.AsyncClient, every_write: list[Write], announced: bool
) -> None:
    body = json.dumps({"narrative": "x" * 256 * 1024}).encode()

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 8192):
            yield body[start : start + 8192]

    for write in every_write[:3]:
        content: Any = body if announced else in_pieces()
        answer = await client.request(write.method, write.path, content=content, headers=write.asker.headers | JSON)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large"), write.label


async def test_after_all_that_the_process_answers(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).status_code == 200
