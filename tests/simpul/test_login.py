"""`simpul login`: an operator signs in at the issuer and comes back to the terminal."""

import asyncio
import stat
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import uvicorn
from click.testing import CliRunner

from chassis.security.keys import KeyRing
from chassis.security.principal import Signer
from deploy.local import keys, ports
from deploy.local.errors import CannotProceed
from deploy.local.issuer.app import create_app
from services.gateway.tokens import Tokens
from services.gateway.tokens.issuers import EVERY, Issuer
from simpul.dead_letters import dead_letters
from simpul.login import sign_in
from simpul.operator import Session
from tests.eventually import eventually


@pytest.fixture
async def issuer(tmp_path: Path) -> AsyncIterator[str]:
    (port,) = ports.free(1)
    address = f"http://127.0.0.1:{port}"
    app = create_app(address, keys.ensure(tmp_path / "keys"))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started or task.done(), timeout=30)
    yield address
    server.should_exit = True
    await task


def choosing(issuer: str, officer: str, **changes: str) -> object:
    """Whoever is shown the page, chooses, and is sent back."""

    def show(url: str) -> None:
        with httpx.Client(trust_env=False, timeout=30) as browser:
            form = dict(parse_qsl(urlsplit(url).query)) | {"officer": officer} | changes
            sent = browser.post(f"{issuer}/authorize", data=form, headers={"Origin": issuer})
            browser.get(sent.headers["location"])

    return show


async def test_who_signs_in_comes_back_with_a_token_of_his_own_name(issuer: str, tmp_path: Path) -> None:
    def signed_in() -> str:
        with httpx.Client(trust_env=False, timeout=30) as http:
            return sign_in(http, issuer, choosing(issuer, "wayan.adi"), wait=30)

    token = await asyncio.to_thread(signed_in)
    registered = Issuer(
        issuer=issuer, jwks=str(tmp_path / "keys" / "jwks.json"), clients=("simpul-cli",),
        organisations=(EVERY, "SIMPUL"),
    )  # fmt: skip
    caller = await Tokens([registered]).verify(token)
    assert (caller.kind, caller.name) == ("operator", "wayan.adi")


@pytest.mark.parametrize("changes", [{"officer": "nobody"}, {"state": "another"}])
async def test_a_sign_in_that_fails_or_is_not_ours_gives_no_token(issuer: str, changes: dict[str, str]) -> None:
    def signed_in() -> str:
        with httpx.Client(trust_env=False, timeout=30) as http:
            return sign_in(http, issuer, choosing(issuer, **({"officer": "wayan.adi"} | changes)), wait=30)

    with pytest.raises(CannotProceed, match="did not come to an end"):
        await asyncio.to_thread(signed_in)


def test_without_a_sign_in_an_operators_command_does_nothing(tmp_path: Path) -> None:
    folder = keys.ensure(tmp_path / "keys")
    named = ["--url", "http://127.0.0.1:9", "--keys", str(folder / "operators.json"), "--session"]
    for session, said in (("none", "has signed in"), ("over", "is over")):
        until = time.time() - 1
        signed = Signer(KeyRing.load(folder / "gateway-api.json")).issue_pass("wayan.adi", until)
        Session("wayan.adi", "", "", signed, until).keep(tmp_path / "over")
        result = CliRunner().invoke(dead_letters, ["list", "registry", *named, str(tmp_path / session)])
        assert isinstance(result.exception, CannotProceed)
        assert said in str(result.exception)


def test_what_is_kept_of_a_sign_in_is_for_its_owner_alone(tmp_path: Path) -> None:
    Session("wayan.adi", "http://api", "token", "pass", time.time() + 60).keep(tmp_path / "a" / "session")
    assert stat.S_IMODE((tmp_path / "a" / "session").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    assert Session.load(tmp_path / "a" / "session").name == "wayan.adi"
