"""The signed principal: for one request, one process and ten seconds, and within what its signer may say."""

import json
import time
from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI, Request, Response

from chassis.security.keys import MissingKey
from chassis.security.principal import HEADER, LIFETIME, Signer, Verifier
from contracts.commands import Principal
from contracts.outcomes import Refused
from tests.builders import OFFICER, three_rings
from tests.signing import Signed

API, OPERATORS, SERVICE = three_rings()
SIGNER, VERIFIER = Signer(API), Verifier(SERVICE, "registry")


def refused(text: str | None, method: str = "GET", target: str = "/persons/1") -> bool:
    try:
        VERIFIER.verify(text, method, target)
    except Refused as error:
        return error.problems[0].code == "unauthenticated"
    return False


def test_a_service_learns_for_whom_the_gateway_asks() -> None:
    assert VERIFIER.verify(SIGNER.sign(OFFICER, "registry", "GET", "/persons/1"), "GET", "/persons/1") == OFFICER


@pytest.mark.parametrize("text", [None, "", "x", "a.b.c", "é.é.é", "e30.e30.", "." * 5000])
def test_who_brings_no_signed_principal_is_refused(text: str | None) -> None:
    assert refused(text)


def test_clocks_may_differ_by_a_few_seconds_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    signed = SIGNER.sign(OFFICER, "registry", "GET", "/persons/1")
    for seconds, good in ((-4, True), (-7, False), (LIFETIME + 4, True), (LIFETIME + 7, False)):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: now + seconds)
        assert refused(signed) is not good, seconds


def test_it_is_good_for_ten_seconds() -> None:
    assert LIFETIME == 10


def test_a_ring_without_a_signer_or_any_to_trust_is_noticed_at_the_start() -> None:
    with pytest.raises(MissingKey):
        Signer(SERVICE)
    with pytest.raises(MissingKey):
        Verifier(API, "registry")


# -- over HTTP: what is signed is what arrives


def an_app() -> FastAPI:
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def answer(request: Request, caller: Principal = Depends(VERIFIER)) -> Any:  # noqa: B008
        return {"organisation": caller.organisation, "body": (await request.body()).decode()}

    @app.exception_handler(Refused)
    async def refuse(_: Request, error: Exception) -> Response:
        return Response(status_code=401)

    return app


@pytest.mark.parametrize(
    "path", ["/persons/read", "/persons/a%20b%2Fc", "/persons?asof=2026-01-01T00%3A00%3A00%2B07%3A00&x=é", "/%C3%A9"]
)
@pytest.mark.parametrize("body", [None, {"persons": ["é", 1]}, {}])
async def test_a_request_arrives_as_it_was_signed(path: str, body: Any) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(an_app()), base_url="http://registry") as http:
        method = "GET" if body is None else "POST"
        answer = await http.request(method, path, json=body, auth=Signed(API, OFFICER, "registry"))
        assert answer.status_code == 200, path
        assert (answer.json()["body"] == "") if body is None else json.loads(answer.json()["body"]) == body
        twice = [(HEADER, answer.request.headers[HEADER])] * 2
        assert (await http.request(method, path, json=body, headers=twice)).status_code == 401
