"""What a failure of one of our own services means to whoever reads of it: a small real service answers as told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response

from chassis.messaging.retry import Outage, is_outage
from chassis.security.keys import KeyRing
from chassis.security.principal import HEADER, Verifier
from chassis.web.app import problem_response
from contracts.commands import Principal
from contracts.outcomes import Refused, problem
from deploy.local import keys
from services.gateway.calls import EXCHANGE, Unexpected
from services.gateway.clients import READ_CHUNK, Services
from tests.eventually import eventually

ID = "5f0c7bfe-3c0e-8d6b-9a55-0f3d6a1b2c3d"
OFFICER = Principal(organisation="KEMLU", user="officer-1", roles=("duty_officer",))
ALERT = {
    "alert": ID, "version": 1, "state": "raised", "alert_type": "ALT-DISTRESS", "severity": "critical",
    "privacy": "restricted", "source": "KP2MI", "recipients": ["KEMLU"], "person": ID, "country": "MY",
    "occurred": {"at": "2026-03-01T01:20:00Z"}, "overdue": False,
    "steps": [{"state": "raised", "by": "KP2MI", "at": "2026-03-01T01:30:00Z"}], "added_later": 1,
}  # fmt: skip


@dataclass
class Service:
    """Answers every request with `response`, and keeps what it was asked."""

    response: Response = field(default_factory=lambda: Response(status_code=500))
    requests: list[tuple[str, str, Principal]] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)


@dataclass
class Asked:
    """The gateway's clients, and the service that they all lead to."""

    services: Services
    service: Service


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of key rings."""
    path = tmp_path_factory.mktemp("keys")
    keys.ensure(path)
    return path


@pytest.fixture
async def asked(folder: Path) -> AsyncIterator[Asked]:
    service, app = Service(), FastAPI()
    verifiers = {name: Verifier(KeyRing.load(folder / f"{name}.json"), name) for name in ("registry", "alerts")}

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def answer(request: Request, path: str) -> Response:
        audience = "registry" if path.startswith("persons") else "alerts"
        principal = await verifiers[audience](request, request.headers[HEADER])
        service.requests.append((request.method, f"/{path}?{request.query_params}".rstrip("?"), principal))
        service.bodies.append(await request.json() if await request.body() else None)
        return service.response

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started or task.done(), timeout=30)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    services = Services(dict.fromkeys(("registry", "alerts"), url), KeyRing.load(folder / "gateway-api.json"))
    yield Asked(services, service)
    await services.close()
    server.should_exit = True
    await task


def refusal(code: str, pointer: str = "") -> Response:
    """As one of our services refuses."""
    return problem_response([problem(code, pointer)])


def json_response(content: str, status: int = 200) -> Response:
    return Response(content, status, media_type="application/json")


async def test_an_answer_is_read_in_the_agreed_shape_and_a_shape_that_has_grown_too(asked: Asked) -> None:
    asked.service.response = json_response(json.dumps({"alerts": [ALERT], "after": "1"}))
    page = await asked.services.list_alerts(OFFICER, state="raised", after=None, limit=50)
    assert (page.alerts[0].alert, page.alerts[0].person, page.after) == (ID, ID, "1")
    assert asked.service.requests == [("GET", "/alerts?state=raised&limit=50", OFFICER)]


async def test_the_gateway_reads_on_its_own_account_what_it_copies(asked: Asked) -> None:
    asked.service.response = json_response(json.dumps({"reports": []}))
    assert await asked.services.read_reports([ID] * (READ_CHUNK + 1)) == {}
    assert [len(body["alerts"]) for body in asked.service.bodies] == [READ_CHUNK, 1]
    assert {principal for *_, principal in asked.service.requests} == {EXCHANGE}


@pytest.mark.parametrize("status", [401, 403, 429, 502, 503, 504])
async def test_a_service_that_is_away_or_does_not_let_us_in_is_an_outage_whoever_asks(
    asked: Asked, status: int
) -> None:
    """401 and 403 with the body of a real refusal, as a wrong key or role of ours gets."""
    body = refusal("unauthenticated" if status == 401 else "not_permitted").body
    asked.service.response = Response(body, status, media_type="application/problem+json")
    for read in (asked.services.get_alert(OFFICER, ID), asked.services.read_persons({ID: 0})):
        with pytest.raises(Outage, match=str(status)) as failure:
            await read
        assert is_outage(failure.value)


async def test_a_service_that_nobody_reaches_is_an_outage(folder: Path) -> None:
    services = Services({"alerts": "http://127.0.0.1:9"}, KeyRing.load(folder / "gateway-api.json"))
    with pytest.raises(Outage, match="alerts"):
        await services.get_alert(OFFICER, ID)
    await services.close()


async def test_what_a_service_refuses_to_somebody_is_refused_to_them(asked: Asked) -> None:
    for code, pointer in (("not_found", ""), ("invalid_value", "/query/asof")):
        asked.service.response = refusal(code, pointer)
        with pytest.raises(Refused) as refused:
            await asked.services.get_alert(OFFICER, ID)
        assert [(found.code, found.pointer) for found in refused.value.problems] == [(code, pointer)]


ODD: dict[str, Callable[[], Response]] = {
    "a failure": lambda: refusal("internal"),
    "a redirection": lambda: Response(status_code=307, headers={"Location": "/elsewhere"}),
    "no JSON": lambda: json_response("<html>"),
    "half an answer": lambda: json_response('{"alert": '),
    "another shape": lambda: json_response('{"alert": "somebody"}'),
    "a list": lambda: json_response("[]"),
    "nothing": lambda: Response(status_code=204),
    "not what its encoding says": lambda: Response(b"{}", headers={"Content-Encoding": "gzip"}),
    "a refusal without a reason": lambda: json_response('{"problems": []}', 422),
    "a refusal that is not ours": lambda: Response("no such page", 404),
    "a refusal of a shape of its own": lambda: json_response('{"problems": [{"reason": "NIK 3307"}]}', 400),
}


@pytest.mark.parametrize("name", ODD)
async def test_an_odd_answer_names_the_service_and_repeats_nothing_of_it(asked: Asked, name: str) -> None:
    asked.service.response = ODD[name]()
    for service, read in reads_of(asked.services).items():
        with pytest.raises(Unexpected) as unexpected:
            await read()
        assert unexpected.value.service == service
        assert service in str(unexpected.value)
        assert not is_outage(unexpected.value)
        assert "3307" not in str(unexpected.value)
        assert "somebody" not in str(unexpected.value)


async def test_what_is_refused_to_the_gateway_itself_is_its_own_fault(asked: Asked) -> None:
    """No sender could mend a request that the gateway made."""
    asked.service.response = refusal("invalid_value", "/persons/0/id")
    with pytest.raises(Unexpected):
        await asked.services.read_persons({ID: 0})


def reads_of(services: Services) -> dict[str, Callable[[], Awaitable[Any]]]:
    """One read of a person's, one of the gateway's own."""
    return {
        "alerts": lambda: services.get_alert(OFFICER, ID),
        "registry": lambda: services.read_persons({ID: 0}),
    }
