"""Operators at the api: a pass under their own name, denials that bind every process, and nothing personal."""

import asyncio
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from joserfc import jwt

from chassis.security.keys import KeyRing
from chassis.security.principal import Signer, Verifier
from contracts.commands import Principal
from simpul.deny import deny
from simpul.operator import Session
from tests.eventually import eventually
from tests.gateway.api.conftest import Gateway

OPERATOR = {"user": "wayan.adi"}


async def test_an_operator_gets_a_pass_under_his_own_name_and_acts_with_it(api: Gateway) -> None:
    async with api.as_("SIMPUL", "operator", **OPERATOR) as operator:
        answer = await operator.post("/v1/operations/pass")
    assert answer.status_code == 200, answer.text
    given = answer.json()
    assert given["name"] == "wayan.adi"
    folder = Path(str(api.ring.path)).parent
    operators, registry = (KeyRing.load(folder / f"{name}.json") for name in ("operators", "registry"))
    who = Principal(organisation="SIMPUL", user="wayan.adi", roles=("operator",))
    signed = Signer(operators).sign(who, "registry", "GET", "/dead-letters", pass_=given["signed"])
    assert Verifier(registry, "registry").verify(signed, "GET", "/dead-letters") == who


@pytest.mark.parametrize("path", ["/v1/operations/pass", "/v1/operations/token-denials"])
async def test_nobody_else_is_an_operator(api: Gateway, path: str) -> None:
    body = {"issuer": "https://simpul.local", "token": "x"}
    for organisation, roles, kind in (
        ("KP2MI", ("operator",), "person"), ("KP2MI", ("identity_steward",), "person"), ("KP2MI", (), "system"),
    ):  # fmt: skip
        async with api.as_(organisation, *roles, kind=kind) as somebody:
            assert (await somebody.post(path, json=body)).status_code == 403


@pytest.mark.parametrize(
    "path", ["/v1/persons/search", "/v1/alerts", "/v1/duplicates", "/v1/rounds", "/v1/events", "/v1/stream"]
)
async def test_an_operator_reads_nothing_of_what_the_platform_carries(api: Gateway, path: str) -> None:
    async with api.as_("SIMPUL", "operator", **OPERATOR) as operator:
        assert (await operator.get(path)).status_code in (403, 404, 405)


async def test_a_denied_token_is_refused_and_a_denied_person_too(api: Gateway) -> None:
    async with api.as_("SIMPUL", "operator", **OPERATOR) as operator, api.as_("KEMLU", user="stolen") as thief:
        assert (await thief.get("/v1/me")).status_code == 200
        stolen = thief.headers["authorization"].removeprefix("Bearer ")
        jti = jwt.decode(stolen, api.key, algorithms=["RS256"]).claims["jti"]
        denied = await operator.post(
            "/v1/operations/token-denials", json={"issuer": "https://simpul.local", "token": jti}
        )
        assert denied.status_code == 200, denied.text

        async def refused() -> bool:
            return (await thief.get("/v1/me")).status_code == 401

        await eventually(refused, timeout=30)
        async with api.as_("KEMLU", user="stolen") as again:
            assert (await again.get("/v1/me")).status_code == 200
            person = {"issuer": "https://simpul.local", "subject": "stolen"}
            assert (await operator.post("/v1/operations/token-denials", json=person)).status_code == 200

            async def refused_too() -> bool:
                return (await again.get("/v1/me")).status_code == 401

            await eventually(refused_too, timeout=30)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"issuer": "https://simpul.local"}, "/token"),
        ({"issuer": "https://simpul.local", "token": "a", "subject": "b"}, "/token"),
        ({"issuer": "https://elsewhere.example", "token": "a"}, "/issuer"),
    ],
)
async def test_a_denial_names_one_thing_of_a_known_issuer(api: Gateway, body: dict[str, str], pointer: str) -> None:
    async with api.as_("SIMPUL", "operator", **OPERATOR) as operator:
        answer = await operator.post("/v1/operations/token-denials", json=body)
    assert (answer.status_code, answer.json()["pointer"]) == (422, pointer)


async def test_simpul_deny_refuses_all_that_somebody_got_up_to_now(api: Gateway, tmp_path: Path) -> None:
    token = api.token("SIMPUL", "operator", user="wayan.adi")
    Session("wayan.adi", api.url, token, "", time.time() + 60).keep(tmp_path / "session")
    async with api.as_("BI", user="left-the-office") as gone, api.as_("BI", user="still-there") as colleague:
        assert (await gone.get("/v1/me")).status_code == 200
        arguments = ["--subject", "left-the-office", "--session", str(tmp_path / "session")]
        result = await asyncio.to_thread(CliRunner().invoke, deny, arguments)
        assert result.exit_code == 0, result.output

        async def refused() -> bool:
            return (await gone.get("/v1/me")).status_code == 401

        await eventually(refused, timeout=30)
        assert (await colleague.get("/v1/me")).status_code == 200
