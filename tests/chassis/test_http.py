import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Query
from pydantic import BaseModel, ConfigDict
from pymongo.errors import ServerSelectionTimeoutError

from chassis.web.app import create_app
from contracts.outcomes import CODES, Refused, problem

NIK = "3307014101900001"


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid")
    amount: int


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")
    items: list[Item]


class NotDeclared(Exception):
    """A rule of the domain."""


def routes() -> APIRouter:
    router = APIRouter()

    @router.post("/orders")
    async def order(body: Order, limit: Annotated[int, Query()] = 1) -> dict[str, int]:
        return {"count": len(body.items)}

    @router.get("/fails/{how}")
    async def fails(how: str) -> None:
        errors: dict[str, Exception] = {
            "refused": Refused.because((problem("not_owner", "/a"), problem("missing_value", "/b"))),
            "declared": NotDeclared(NIK),
            "unknown": ValueError(f"cannot read {NIK}"),
            "outage": ServerSelectionTimeoutError(NIK),
        }
        raise errors[how]

    return router


@asynccontextmanager
async def nothing(_: FastAPI) -> AsyncIterator[None]:
    yield


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    checks = {"consuming": True, "servers": False}
    app = create_app(
        "Test", lifespan=nothing, ready=lambda: checks, routers=[routes()], errors={NotDeclared: "state_conflict"}
    )
    app.state.checks = checks
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def problem_of(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["fault"] == CODES[code].fault
    assert body["title"] == CODES[code].detail
    assert NIK not in answer.text
    return body


async def test_a_refusal_is_a_problem_with_every_reason(http: httpx.AsyncClient) -> None:
    body = problem_of(await http.get("/fails/refused"), 403, "not_owner")
    assert [(p["code"], p["pointer"], p["fault"]) for p in body["problems"]] == [
        ("not_owner", "/a", "policy"),
        ("missing_value", "/b", "sender"),
    ]


async def test_a_rule_of_the_domain_has_its_code(http: httpx.AsyncClient) -> None:
    problem_of(await http.get("/fails/declared"), 409, "state_conflict")


async def test_an_unknown_error_shows_nothing_of_itself(http: httpx.AsyncClient, caplog: Any) -> None:
    with caplog.at_level(logging.ERROR):
        problem_of(await http.get("/fails/unknown"), 500, "internal")


async def test_a_server_that_is_away_is_unavailable(http: httpx.AsyncClient) -> None:
    problem_of(await http.get("/fails/outage"), 503, "unavailable")


@pytest.mark.parametrize(
    ("body", "code", "pointers"),
    [
        ({"items": [{"amount": 1}, {"amount": NIK + "x"}]}, "invalid_value", ["/items/1/amount"]),
        ({"items": [{}]}, "missing_value", ["/items/0/amount"]),
        ({"items": [{"amount": 1, NIK: 1}]}, "unknown_field", ["/items/0"]),
        ({}, "missing_value", ["/items"]),
    ],
)
async def test_an_invalid_body_is_pointed_at_by_names_of_the_schema(
    http: httpx.AsyncClient, body: Any, code: str, pointers: list[str]
) -> None:
    found = problem_of(await http.post("/orders", json=body), 422, code)
    assert [p["pointer"] for p in found["problems"]] == pointers


async def test_a_body_that_is_not_json_is_pointed_at_as_a_whole(http: httpx.AsyncClient) -> None:
    answer = await http.post("/orders", content=f'{{"items": {NIK}', headers={"content-type": "application/json"})
    assert problem_of(answer, 400, "bad_json")["pointer"] == ""


@pytest.mark.parametrize(("body", "code"), [(b'{"items": "\xff"}', "not_utf8"), (b"[" * 100_000, "bad_json")])
async def test_a_body_that_cannot_be_read_has_the_code_of_the_table(
    http: httpx.AsyncClient, body: bytes, code: str
) -> None:
    problem_of(await http.post("/orders", content=body, headers={"content-type": "application/json"}), 400, code)


async def test_a_method_that_an_address_does_not_take_is_a_problem_too(http: httpx.AsyncClient) -> None:
    answer = await http.delete("/orders")
    problem_of(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


async def test_an_invalid_parameter_is_named(http: httpx.AsyncClient) -> None:
    answer = await http.post("/orders", params={"limit": NIK + "x"}, json={"items": []})
    assert problem_of(answer, 422, "invalid_value")["pointer"] == "/query/limit"


async def test_what_is_not_there_is_a_problem_too(http: httpx.AsyncClient) -> None:
    problem_of(await http.get(f"/{NIK}"), 404, "not_found")


async def test_the_description_for_people_needs_nothing_from_elsewhere(http: httpx.AsyncClient) -> None:
    start = await http.get("/")
    assert (start.status_code, start.headers["location"]) == (307, "/docs")
    page = await http.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert re.findall(r"https?://", page.text) == []
    assert '"validatorUrl": null' in page.text
    assets = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(assets) == 3
    for asset in assets:
        answer = await http.get(asset)
        assert answer.status_code == 200
        assert len(answer.content) > 1000
    assert "SwaggerUIBundle" in (await http.get("/docs/assets/swagger-ui-bundle.js")).text
    problem_of(await http.get("/docs/assets/../../pyproject.toml"), 404, "not_found")


async def test_health_readiness_and_metrics_answer(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).json() == {"status": "ok"}
    answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        503,
        {"ready": False, "checks": {"consuming": True, "servers": False}},
    )
    assert "simpul_dead_letters" in (await http.get("/metrics")).text


def test_every_refusal_has_a_status_of_the_4xx_or_5xx_kind() -> None:
    assert {code for code, meaning in CODES.items() if not 400 <= meaning.status < 600} == set()
