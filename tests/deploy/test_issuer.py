"""The sign-in of one machine, as an application and as an attacker meet it."""

import base64
import hashlib
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from contracts.authority import PLATFORM
from contracts.outcomes import Refused
from deploy.local import keys
from deploy.local.issuer import app as issuer_app
from deploy.local.issuer import provider
from deploy.local.issuer.process import register
from services.gateway.tokens import Tokens
from services.gateway.tokens.issuers import read_issuers
from simulation.scenario.officers import OFFICERS

ISSUER = "http://127.0.0.1:18100"
CALLBACK = "http://127.0.0.1:18080/login/callback"
ORIGIN = {"Origin": ISSUER}


@dataclass
class Browser:
    """Somebody at the sign-in, and the application that sent them there."""

    http: httpx.AsyncClient
    folder: Path
    verifier: str

    def request(self, **changes: str | None) -> dict[str, str]:
        """What the application asks for; a parameter changed to None is left out."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "client_id": "simpul-dashboard", "redirect_uri": CALLBACK, "state": "s-1",
            "scope": "openid profile", "nonce": "n-1", "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        return {name: value for name, value in (asked | changes).items() if value is not None}

    async def choose(self, officer: str = "tomi.siregar", **changes: str | None) -> httpx.Response:
        """Where the sign-in sends them after the choice."""
        return await self.http.post("/authorize", data=self.request(**changes) | {"officer": officer}, headers=ORIGIN)

    async def code(self, officer: str = "tomi.siregar", **changes: str | None) -> str:
        """The authorization code with which they come back."""
        answer = await self.choose(officer, **changes)
        assert answer.status_code == 303, answer.text
        back = parse_qs(urlsplit(answer.headers["location"]).query)
        assert back["state"] == ["s-1"]
        return back["code"][0]

    async def redeem(self, code: str, **changes: str | None) -> httpx.Response:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK,
            "client_id": "simpul-dashboard", "code_verifier": self.verifier,
        }  # fmt: skip
        return await self.http.post("/token", data={k: v for k, v in (form | changes).items() if v is not None})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return keys.ensure(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def browser(folder: Path) -> AsyncIterator[Browser]:
    app = issuer_app.create_app(ISSUER, folder)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as http:
        yield Browser(http, folder, secrets.token_urlsafe(48))


def gateway(folder: Path) -> Tokens:
    """As the api of the same machine takes tokens."""
    register(folder / "issuers", folder, ISSUER)
    return Tokens(read_issuers(folder / "issuers"))


async def test_an_officer_signs_in_and_the_gateway_takes_the_token(browser: Browser) -> None:
    page = await browser.http.get("/authorize", params=browser.request())
    assert page.status_code == 200
    assert "This sign-in is for one machine" in page.text
    assert {officer.username for officer in OFFICERS} <= set(re.findall(r'value="([^"]+)"', page.text))
    answer = await browser.redeem(await browser.code(scope="openid profile purpose:consular_protection"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    caller = await gateway(browser.folder).verify(answer.json()["access_token"])
    assert (caller.organisation, caller.subject, caller.kind) == ("KEMLU", "tomi.siregar", "person")
    assert (caller.roles, caller.purpose) == (("duty_officer", "protection_officer"), "consular_protection")


async def test_the_id_token_is_for_the_application_and_opens_nothing(browser: Browser) -> None:
    discovery = (await browser.http.get("/.well-known/openid-configuration")).json()
    assert discovery["issuer"] == ISSUER
    assert discovery["code_challenge_methods_supported"] == ["S256"]
    published = (await browser.http.get(discovery["jwks_uri"])).json()
    assert all("d" not in key and "p" not in key for key in published["keys"])
    token = (await browser.redeem(await browser.code())).json()["id_token"]
    claims = jwt.decode(token, KeySet.import_key_set(published), algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"], claims["sub"], claims["nonce"]) == (
        ISSUER, "simpul-dashboard", "tomi.siregar", "n-1",
    )  # fmt: skip
    with pytest.raises(Refused):
        await gateway(browser.folder).verify(token)


async def test_an_operator_signs_in_under_his_own_name(browser: Browser) -> None:
    answer = await browser.redeem(await browser.code("wayan.adi"))
    operator = await gateway(browser.folder).verify(answer.json()["access_token"])
    assert (operator.kind, operator.name, operator.organisation) == ("operator", "wayan.adi", PLATFORM)


async def test_a_system_fetches_its_token_with_its_own_secret(browser: Browser) -> None:
    secret = issuer_app.system_secret(browser.folder, "KP2MI")
    form = {"grant_type": "client_credentials"}
    answer = await browser.http.post("/token", data=form, auth=("system-kp2mi", secret))
    caller = await gateway(browser.folder).verify(answer.json()["access_token"])
    assert (caller.organisation, caller.kind, caller.roles) == ("KP2MI", "system", ())
    for client in ("system-kemlu", "system-nowhere", "simpul-dashboard"):
        assert (await browser.http.post("/token", data=form, auth=(client, secret))).status_code in (400, 401)
    assert (browser.folder / issuer_app.SYSTEMS).stat().st_mode & 0o077 == 0


# -- attacks on the code


async def test_a_code_is_taken_once(browser: Browser) -> None:
    code = await browser.code()
    assert (await browser.redeem(code)).status_code == 200
    again = await browser.redeem(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("verifier", [None, "", "short", "w" * 64])
async def test_who_stole_the_code_and_has_no_verifier_gets_nothing(browser: Browser, verifier: str | None) -> None:
    code = await browser.code()
    assert (await browser.redeem(code, code_verifier=verifier)).status_code == 400
    assert (await browser.redeem(code)).status_code == 400, "a guess costs the code"


async def test_a_code_is_for_one_client_and_one_address(browser: Browser) -> None:
    code = await browser.code()
    assert (await browser.redeem(code, redirect_uri="http://127.0.0.1:9/login/callback")).status_code == 400
    code = await browser.code()
    assert (await browser.redeem(code, client_id="simpul-cli")).status_code == 400
    assert (await browser.redeem("made-up")).status_code == 400


async def test_a_code_is_good_for_a_minute() -> None:
    seconds = 1000.0
    kept = provider.Codes(now=lambda: seconds)
    for text in ("a", "b"):
        kept.put(provider.Code(text, "simpul-cli", OFFICERS[0], CALLBACK, "openid", None, "c" * 43, seconds))
    seconds += 60
    assert kept.take("a", "simpul-cli") is not None
    seconds += 1
    assert kept.take("b", "simpul-cli") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"code_challenge": "short"},
        {"response_type": "token"},
        {"response_type": "code id_token"},
        {"scope": "openid purpose:a_purpose purpose:another"},
        {"scope": "openid purpose:Everything!"},
        {"scope": "openid offline_access"},
    ],
)
async def test_a_sign_in_without_pkce_or_with_odd_wishes_is_refused(browser: Browser, changes: dict[str, Any]) -> None:
    answer = await browser.choose(**changes)
    assert answer.status_code in (303, 400)
    assert "code=" not in answer.headers.get("location", "")


@pytest.mark.parametrize(
    "address",
    [
        "https://attacker.example/login/callback",
        "http://127.0.0.1.attacker.example:80/login/callback",
        "http://attacker@127.0.0.1:18080/login/callback",
        "http://127.0.0.1:18080/login/callback?next=1",
        "http://127.0.0.1:18080/login/callback#x",
        "http://127.0.0.1:18080/elsewhere",
        "http://127.0.0.1:99999/login/callback",
        "http://127.0.0.1/login/callback",
        "https://127.0.0.1:18080/login/callback",
        "javascript:alert(1)",
        "",
    ],
)
async def test_nobody_is_sent_to_an_address_that_is_not_the_clients(browser: Browser, address: str) -> None:
    for answer in (
        await browser.choose(redirect_uri=address),
        await browser.http.get("/authorize", params=browser.request(redirect_uri=address)),
    ):
        assert answer.status_code == 400
        assert "location" not in answer.headers


async def test_an_unknown_client_or_officer_gets_no_code(browser: Browser) -> None:
    assert (await browser.choose(client_id="another")).status_code in (400, 401)
    refused = await browser.choose("nobody")
    assert parse_qs(urlsplit(refused.headers["location"]).query)["error"] == ["access_denied"]


async def test_another_page_signs_nobody_in(browser: Browser) -> None:
    form = browser.request() | {"officer": "tomi.siregar"}
    for headers in ({}, {"Origin": "https://attacker.example"}, {"Sec-Fetch-Site": "cross-site"} | ORIGIN):
        assert (await browser.http.post("/authorize", data=form, headers=headers)).status_code == 403


async def test_what_a_client_sends_is_shown_as_text(browser: Browser) -> None:
    page = await browser.http.get("/authorize", params=browser.request(state='"><script>alert(1)</script>'))
    assert "<script>" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


# -- the end


async def test_after_a_logout_one_comes_back_to_the_application(browser: Browser) -> None:
    hint = (await browser.redeem(await browser.code())).json()["id_token"]
    back = "http://127.0.0.1:18080/logged-out"
    asked = {"id_token_hint": hint, "post_logout_redirect_uri": back, "state": "abc"}
    answer = await browser.http.get("/logout", params=asked)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{back}?state=abc")
    assert (await browser.http.get("/logout")).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"post_logout_redirect_uri": "https://attacker.example/"},
        {"id_token_hint": None},
        {"id_token_hint": "a.b.c"},
        {"client_id": "simpul-cli"},
    ],
)
async def test_a_logout_sends_nobody_elsewhere(browser: Browser, changes: dict[str, str | None]) -> None:
    hint = (await browser.redeem(await browser.code())).json()["id_token"]
    asked = {"id_token_hint": hint, "post_logout_redirect_uri": "http://127.0.0.1:18080/logged-out"} | changes
    answer = await browser.http.get("/logout", params={k: v for k, v in asked.items() if v is not None})
    assert answer.status_code == 400
    assert "location" not in answer.headers
