"""Sign-in and tokens at a real Keycloak with our realm: `make oidc`."""

import base64
import hashlib
import html
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from contracts.authority import PLATFORM, ROLES
from contracts.outcomes import Refused
from deploy.local import ports
from deploy.local.keycloak import Keycloak
from services.gateway.tokens import Caller, Tokens
from services.gateway.tokens.issuers import EVERY, Issuer
from simpul.login import sign_in
from simulation.scenario.officers import OFFICERS

pytestmark = [pytest.mark.oidc, pytest.mark.timeout(900)]
CALLBACK = "https://localhost:8080/login/callback"


def cookies(page: httpx.Response) -> dict[str, str]:
    """Keycloak's are for secure connections, among which browsers count loopback, and httpx does not."""
    return {"Cookie": "; ".join(cookie.partition(";")[0] for cookie in page.headers.get_list("set-cookie"))}


@dataclass
class Provider:
    """The realm that runs, and a person at its pages."""

    keycloak: Keycloak
    tokens: Tokens
    discovery: dict[str, str]

    def request(self, verifier: str, **changes: str | None) -> dict[str, str]:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "client_id": "simpul-dashboard", "redirect_uri": CALLBACK, "state": "s-1",
            "scope": "openid profile", "nonce": "n-1", "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        return {name: value for name, value in (asked | changes).items() if value is not None}

    async def code(self, officer: str, verifier: str, **changes: str | None) -> str:
        """The authorization code with which an officer comes back."""
        async with httpx.AsyncClient(trust_env=False, timeout=60) as browser:
            page = await browser.get(self.discovery["authorization_endpoint"], params=self.request(verifier, **changes))
            assert page.status_code == 200, page.text[:500]
            form = re.search(r'action="([^"]+)"', page.text)
            assert form, page.text[:500]
            login = {"username": officer, "password": self.keycloak.password}
            back = await browser.post(html.unescape(form[1]), data=login, headers=cookies(page))
        assert back.status_code == 302, back.text[:500]
        return parse_qs(urlsplit(back.headers["location"]).query)["code"][0]

    async def redeem(self, code: str, verifier: str | None, **changes: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK,
            "client_id": "simpul-dashboard", "code_verifier": verifier,
        } | changes  # fmt: skip
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            return await http.post(
                self.discovery["token_endpoint"], data={k: v for k, v in form.items() if v is not None}
            )

    async def signed_in(self, officer: str, **changes: str | None) -> dict[str, str]:
        """Everything that the token endpoint gives."""
        verifier = secrets.token_urlsafe(48)
        answer = await self.redeem(await self.code(officer, verifier, **changes), verifier)
        assert answer.status_code == 200, answer.text
        given: dict[str, str] = answer.json()
        return given

    async def caller(self, officer: str, **changes: str | None) -> Caller:
        return await self.tokens.verify((await self.signed_in(officer, **changes))["access_token"])


@pytest.fixture(scope="session")
async def provider(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Provider]:
    (port,) = ports.free(1)
    keycloak = Keycloak(tmp_path_factory.mktemp("keycloak"), port)
    await keycloak.start()
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            discovery = (await http.get(f"{keycloak.issuer}/.well-known/openid-configuration")).json()
        clients, organisations = ("simpul-*", "system-*"), (EVERY, PLATFORM)
        issuer = Issuer(
            issuer=keycloak.issuer, jwks=discovery["jwks_uri"], clients=clients, organisations=organisations
        )
        yield Provider(keycloak, Tokens([issuer]), discovery)
    finally:
        await keycloak.stop()


@pytest.mark.parametrize("officer", ["tomi.siregar", "ratna.dewi", "indah.permata", "piket.kbri_kul", "yuni.lestari"])
async def test_an_officer_signs_in_and_the_gateway_takes_the_token(provider: Provider, officer: str) -> None:
    expected = next(one for one in OFFICERS if one.username == officer)
    caller = await provider.caller(officer, scope="openid profile purpose:consular_protection")
    assert (caller.organisation, caller.kind, caller.purpose) == (
        expected.organisation, "person", "consular_protection",
    )  # fmt: skip
    assert set(caller.roles) & set(ROLES) == set(expected.roles)


async def test_an_operator_signs_in_under_his_own_name(provider: Provider) -> None:
    operator = await provider.caller("wayan.adi")
    assert (operator.kind, operator.name, operator.roles) == ("operator", "wayan.adi", ("operator",))


async def test_simpul_login_works_at_keycloak_too(provider: Provider) -> None:
    def show(url: str) -> None:
        with httpx.Client(trust_env=False, timeout=60) as browser:
            page = browser.get(url)
            form = re.search(r'action="([^"]+)"', page.text)
            assert form, page.text[:500]
            login = {"username": "wayan.adi", "password": provider.keycloak.password}
            back = browser.post(html.unescape(form[1]), data=login, headers=cookies(page))
            browser.get(back.headers["location"])

    with httpx.Client(trust_env=False, timeout=60) as http:
        token = sign_in(http, provider.keycloak.issuer, show, wait=60)
    assert (await provider.tokens.verify(token)).name == "wayan.adi"


async def test_the_other_tokens_of_a_sign_in_open_nothing(provider: Provider) -> None:
    given = await provider.signed_in("tomi.siregar")
    for kind in ("id_token", "refresh_token"):
        with pytest.raises(Refused):
            await provider.tokens.verify(given[kind])
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        published = (await http.get(provider.discovery["jwks_uri"])).json()
    signing = KeySet([RSAKey.import_key(key) for key in published["keys"] if key["use"] == "sig"])
    claims = jwt.decode(given["id_token"], signing, algorithms=["RS256"]).claims
    assert (claims["aud"], claims["nonce"], claims["preferred_username"]) == (
        "simpul-dashboard", "n-1", "tomi.siregar",
    )  # fmt: skip


async def test_a_code_is_taken_once_and_only_with_its_verifier(provider: Provider) -> None:
    verifier = secrets.token_urlsafe(48)
    code = await provider.code("tomi.siregar", verifier)
    assert (await provider.redeem(code, verifier)).status_code == 200
    assert (await provider.redeem(code, verifier)).json()["error"] == "invalid_grant"
    for wrong in (None, "w" * 64):
        code = await provider.code("tomi.siregar", verifier)
        assert (await provider.redeem(code, wrong)).status_code == 400
    code = await provider.code("tomi.siregar", verifier)
    assert (await provider.redeem(code, verifier, redirect_uri="http://localhost:8080/")).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"redirect_uri": "https://attacker.example/"},
        {"response_type": "token"},
        {"client_id": "another"},
        {"scope": "openid purpose:anything"},
    ],
)
async def test_a_sign_in_without_pkce_or_to_elsewhere_gives_no_page(
    provider: Provider, changes: dict[str, str | None]
) -> None:
    asked = provider.request(secrets.token_urlsafe(48), **changes)
    async with httpx.AsyncClient(trust_env=False, timeout=60) as browser:
        answer = await browser.get(provider.discovery["authorization_endpoint"], params=asked)
    if answer.status_code == 302:
        assert answer.headers["location"].startswith(CALLBACK)
        assert "error=" in answer.headers["location"]
    else:
        assert answer.status_code == 400


async def test_a_system_fetches_its_token_and_speaks_for_its_institution(provider: Provider) -> None:
    form = {"grant_type": "client_credentials"}
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        secret = f"{provider.keycloak.system_secret}-kp2mi"
        answer = await http.post(provider.discovery["token_endpoint"], data=form, auth=("system-kp2mi", secret))
        assert answer.status_code == 200, answer.text
        wrong = await http.post(provider.discovery["token_endpoint"], data=form, auth=("system-kemendagri", secret))
        assert wrong.status_code == 401
    caller = await provider.tokens.verify(answer.json()["access_token"])
    assert (caller.organisation, caller.kind) == ("KP2MI", "system")


async def test_after_a_logout_the_session_is_over(provider: Provider) -> None:
    given = await provider.signed_in("tomi.siregar")
    back = "https://localhost:8080/logged-out"
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        out = {"id_token_hint": given["id_token"], "post_logout_redirect_uri": back}
        answer = await http.get(provider.discovery["end_session_endpoint"], params=out)
        assert (answer.status_code, answer.headers["location"]) == (302, back)
        elsewhere = await http.get(
            provider.discovery["end_session_endpoint"],
            params=out | {"post_logout_redirect_uri": "https://attacker.example/"},
        )
        assert elsewhere.status_code == 400
        form = {
            "grant_type": "refresh_token", "refresh_token": given["refresh_token"], "client_id": "simpul-dashboard",
        }  # fmt: skip
        assert (await http.post(provider.discovery["token_endpoint"], data=form)).status_code == 400


async def test_an_id_of_a_token_is_its_own_so_that_it_can_be_denied(provider: Provider) -> None:
    first, second = [await provider.caller("tomi.siregar") for _ in range(2)]
    assert first.token != second.token
    assert first.subject == second.subject
