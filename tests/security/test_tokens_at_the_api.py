"""Forged tokens as the running api gets them: each is answered as none is, and nothing is said of its fault."""

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.gateway.api.conftest import Gateway

OTHER_KEY = RSAKey.generate_key(2048)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def parts(api: Gateway) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Header and claims of an honest token, and its signature."""
    token = api.token("KP2MI", "identity_steward", purpose="identity_stewardship")
    header, claims, signature = token.split(".")
    return *(json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims)), signature


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"


def signed_by_nobody(api: Gateway) -> str:
    header, claims, _ = parts(api)
    return f"{unsigned(header | {'alg': 'none'}, claims)}."


def signed_with_what_is_public(api: Gateway) -> str:
    header, claims, _ = parts(api)
    text = unsigned(header | {"alg": "HS256"}, claims)
    return f"{text}.{b64(hmac.digest(api.key.as_pem(private=False), text.encode(), 'sha256'))}"


def of_another_organisation(api: Gateway) -> str:
    header, claims, signature = parts(api)
    return f"{unsigned(header, claims | {'organisation': 'KEMENDAGRI'})}.{signature}"


def of_another_key(api: Gateway) -> str:
    header, claims, _ = parts(api)
    return jwt.encode(header, claims, OTHER_KEY, algorithms=["RS256"])


def with_a_key_of_its_own(api: Gateway) -> str:
    header, claims, _ = parts(api)
    return jwt.encode(header | {"jwk": OTHER_KEY.as_dict(private=False)}, claims, OTHER_KEY, algorithms=["RS256"])


def changed(api: Gateway, header: dict[str, Any] | None = None, **changes: Any) -> str:
    honest, claims, _ = parts(api)
    return jwt.encode(honest | (header or {}), claims | changes, api.key, algorithms=["RS256"])


FORGED: dict[str, Callable[[Gateway], str]] = {
    "none": signed_by_nobody,
    "key confusion": signed_with_what_is_public,
    "another organisation": of_another_organisation,
    "another key": of_another_key,
    "a key of its own": with_a_key_of_its_own,
    "an ID token": lambda api: changed(api, {"typ": "JWT"}),
    "another client": lambda api: changed(api, client_id="another-application"),
    "another audience": lambda api: changed(api, aud="another"),
    "another issuer": lambda api: changed(api, iss="https://elsewhere.example"),
    "an issuer that is a list": lambda api: changed(api, iss=["https://simpul.local"]),
    "the platform's exchange": lambda api: changed(api, organisation="SIMPUL", roles=["exchange"]),
    "dots": lambda _: "..",
    "no token": lambda _: "a.b.c",
    "9 KiB": lambda _: "a" * 9000,
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_token_is_answered_as_none_is(api: Gateway, name: str) -> None:
    async with httpx.AsyncClient(base_url=api.url, trust_env=False) as client:
        honest = await client.get("/v1/me", headers={"Authorization": f"Bearer {changed(api)}"})
        assert honest.status_code == 200
        plain = (await client.get("/v1/me")).json()
        answer = await client.get("/v1/me", headers={"Authorization": f"Bearer {FORGED[name](api)}"})
    body = answer.json()
    assert answer.status_code == 401
    assert {**body, "trace_id": None} == {**plain, "trace_id": None}
