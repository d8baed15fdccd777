"""Bearer tokens that an attacker makes, borrows or keeps: none opens anything."""

import hmac
import json
import time
from pathlib import Path
from typing import Any

import pytest
from joserfc.errors import SecurityWarning
from joserfc.jwk import OctKey, RSAKey

from contracts.authority import PLATFORM
from services.gateway.tokens import Tokens, issue
from services.gateway.tokens.issuers import EVERY, Issuer, read_issuers
from tests.security.tokens import (
    KEY,
    PARTNER_ISSUER,
    PARTNER_KEY,
    PLATFORM_ISSUER,
    PUBLIC,
    b64,
    claims,
    code,
    of_partner,
    raw,
    signed,
)


async def test_an_honest_token_is_taken(tokens: Tokens) -> None:
    assert (await tokens.verify(signed())).organisation == "KP2MI"


# -- the signature


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
@pytest.mark.parametrize("signature", [b"", b"x" * 256])
async def test_a_token_without_a_signature_is_refused(tokens: Tokens, algorithm: str, signature: bytes) -> None:
    header = {"alg": algorithm, "typ": "at+jwt", "kid": KEY.kid}
    assert await code(tokens, raw(header, json.dumps(claims()).encode(), signature)) == "unauthenticated"


@pytest.mark.parametrize("secret", [PUBLIC, PUBLIC.strip(), json.dumps(KEY.as_dict(private=False)).encode(), b""])
async def test_the_issuers_public_key_is_no_shared_secret(tokens: Tokens, secret: bytes) -> None:
    """HS256 under the public key: accepted wherever the header chooses how a key is used."""
    header = {"alg": "HS256", "typ": "at+jwt", "kid": KEY.kid}
    text = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims()).encode())}"
    signature = hmac.digest(secret, text.encode(), "sha256")
    assert await code(tokens, f"{text}.{b64(signature)}") == "unauthenticated"


@pytest.mark.parametrize("header", ["jwk", "jku", "x5u", "x5c"])
async def test_a_key_that_the_token_brings_along_is_not_used(tokens: Tokens, header: str) -> None:
    own = RSAKey.generate_key(2048)
    brought = {
        "jwk": own.as_dict(private=False), "jku": "https://attacker.example/jwks", "x5c": ["MIIB"],
        "x5u": "https://attacker.example/cert",
    }  # fmt: skip
    assert await code(tokens, signed(own, {"kid": KEY.kid, header: brought[header]})) == "unauthenticated"


async def test_a_critical_header_that_nobody_knows_is_refused(tokens: Tokens) -> None:
    text = signed()
    assert (await tokens.verify(text)).subject == "officer-1"
    header = {"alg": "RS256", "typ": "at+jwt", "kid": KEY.kid, "crit": ["exp2"], "exp2": 1}
    body = text.split(".")[1]
    assert await code(tokens, f"{b64(json.dumps(header).encode())}.{body}.{text.split('.')[2]}") == "unauthenticated"


@pytest.mark.parametrize("kid", [None, 7, ["a"], {"a": 1}, "../../keys", "a\x00b"])
async def test_a_key_id_of_any_form_opens_nothing(tokens: Tokens, kid: object) -> None:
    assert (
        await code(tokens, raw({"alg": "RS256", "kid": kid}, json.dumps(claims()).encode(), b"x")) == "unauthenticated"
    )


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b'"x"', b"{", b"\xff", b"[" * 5000, b'{"iss": ["https://a"]}'])
async def test_a_body_that_is_no_claims_is_refused(tokens: Tokens, body: bytes) -> None:
    assert await code(tokens, raw({"alg": "RS256", "kid": KEY.kid}, body, b"x")) == "unauthenticated"


async def test_keys_for_something_else_and_short_keys_sign_nothing(tmp_path: Path) -> None:
    with pytest.warns(SecurityWarning):
        short = RSAKey.generate_key(1024, auto_kid=True)
    sealing = RSAKey.generate_key(2048, auto_kid=True)
    published = [
        short.as_dict(private=False), sealing.as_dict(private=False) | {"use": "enc", "alg": "RSA-OAEP"},
        {"kty": "AKP", "kid": "new"}, OctKey.generate_key(256).as_dict() | {"kid": "oct"},
        KEY.as_dict(private=False) | {"use": "sig", "alg": "RS256"},
    ]  # fmt: skip
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": published}))
    issuer = Issuer(
        issuer=PLATFORM_ISSUER, jwks=str(tmp_path / "jwks.json"), clients=("simpul-*",), organisations=(EVERY,)
    )
    verifier = Tokens([issuer])
    with pytest.warns(SecurityWarning):
        assert (await verifier.verify(signed())).organisation == "KP2MI"
    for key in (short, sealing):
        assert await code(verifier, signed(key)) == "unauthenticated"


# -- what kind of token, for whom


@pytest.mark.parametrize(
    ("header", "changes"),
    [
        ({"typ": "JWT"}, {}),  # an ID token of the local issuer
        ({"typ": "JWT"}, {"typ": "ID"}),  # of Keycloak
        ({"typ": "JWT"}, {"typ": "Refresh"}),
        ({"typ": "JWT"}, {"typ": "Logout"}),
        ({"typ": "logout+jwt"}, {}),
        ({"typ": "dpop+jwt"}, {}),
        ({"typ": "at+jwt"}, {"typ": "ID"}),
        ({"typ": ""}, {}),
    ],
)
async def test_only_an_access_token_is_taken(tokens: Tokens, header: dict[str, Any], changes: dict[str, Any]) -> None:
    assert await code(tokens, signed(header=header, **changes)) == "unauthenticated"


async def test_both_ways_to_say_that_it_is_an_access_token_are_taken(tokens: Tokens) -> None:
    await tokens.verify(signed(header={"typ": "application/at+jwt"}))
    await tokens.verify(signed(header={"typ": "JWT"}, typ="Bearer"))


@pytest.mark.parametrize(
    "changes",
    [
        {"azp": "another-application"},
        {"azp": None},
        {"azp": "simpul-dashboard", "client_id": "another-application"},
        {"azp": ["simpul-dashboard"]},
        {"azp": ""},
    ],
)
async def test_a_token_that_another_client_asked_for_is_refused(tokens: Tokens, changes: dict[str, Any]) -> None:
    assert await code(tokens, signed(**changes)) == "unauthenticated"


# -- its time


@pytest.mark.parametrize("name", ["iat", "exp"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, True, "9999999999", None])
async def test_times_are_finite_numbers(tokens: Tokens, name: str, value: Any) -> None:
    changes: dict[str, Any] = {name: value}
    assert await code(tokens, signed(**changes)) == "unauthenticated"


async def test_an_old_token_is_over_whatever_end_it_names(tokens: Tokens) -> None:
    long_ago = int(time.time()) - 43_300
    assert await code(tokens, signed(iat=long_ago, exp=int(time.time()) + 10**9)) == "token_expired"


async def test_a_connection_of_a_token_without_an_end_ends_with_its_age(tokens: Tokens) -> None:
    issued = int(time.time()) - 100
    assert (await tokens.verify(signed(iat=issued, exp=issued + 10**9))).expires == issued + 43_200


# -- whose word counts for whom


async def test_an_external_issuer_speaks_for_its_own_organisations_alone(tokens: Tokens) -> None:
    assert (await tokens.verify(of_partner())).organisation == "KP2MI"
    for other in ("KEMENDAGRI", "KEMLU", PLATFORM, "*", "KP2M*"):
        assert await code(tokens, of_partner(organisation=other, roles=["operator"])) == "unauthenticated"


async def test_one_issuer_cannot_sign_for_another(tokens: Tokens) -> None:
    assert await code(tokens, signed(PARTNER_KEY)) == "unauthenticated"
    assert await code(tokens, signed(PARTNER_KEY, {"kid": KEY.kid})) == "unauthenticated"
    assert await code(tokens, signed(KEY, iss=PARTNER_ISSUER, azp="kp2mi-portal")) == "unauthenticated"
    assert await code(tokens, of_partner(azp="simpul-dashboard")) == "unauthenticated"
    assert await code(tokens, signed(iss="https://nobody.example")) == "unauthenticated"


async def test_an_external_issuers_tokens_are_over_after_its_own_age(tokens: Tokens) -> None:
    assert await code(tokens, of_partner(iat=int(time.time()) - 3700)) == "token_expired"


def test_an_issuer_is_registered_once_for_organisations_that_exist(tmp_path: Path) -> None:
    entry = {"issuer": PARTNER_ISSUER, "jwks": "x", "clients": ["a"], "organisations": ["KP2MI"]}
    file = tmp_path / "issuers.json"
    file.write_text(json.dumps([entry]))
    (issuer,) = read_issuers(file)
    with pytest.raises(ValueError, match="registered twice"):
        Tokens([issuer, issuer])
    wrongs: list[dict[str, Any]] = [{"organisations": []}, {"organisations": ["NOWHERE"]}, {"clients": []}, {"x": True}]
    for wrong in wrongs:
        file.write_text(json.dumps([entry | wrong]))
        with pytest.raises(ValueError):
            read_issuers(file)


# -- the platform's own roles


@pytest.mark.parametrize("role", ["operator", "exchange", "registry_rule"])
async def test_an_organisation_gives_nobody_a_role_of_the_platform(tokens: Tokens, role: str) -> None:
    assert (await tokens.verify(signed(roles=[role, "duty_officer"]))).roles == ("duty_officer",)


async def test_an_operator_has_a_name_and_that_role_alone(tokens: Tokens) -> None:
    operator = await tokens.verify(
        signed(organisation=PLATFORM, roles=["operator", "identity_steward"], preferred_username="wayan.adi")
    )
    assert (operator.kind, operator.name, operator.roles) == ("operator", "wayan.adi", ("operator",))
    assert operator.purpose == "operations"


@pytest.mark.parametrize(
    "changes",
    [
        {"roles": ["duty_officer"]},
        {"roles": []},
        {"client_kind": "system"},
        {"preferred_username": "x\n2026 admin"},
        {"preferred_username": "3307010101900001"},
        {"preferred_username": ["wayan"]},
    ],
)
async def test_of_the_platform_only_named_operators_hold_tokens(tokens: Tokens, changes: dict[str, Any]) -> None:
    assert await code(tokens, signed(organisation=PLATFORM, **({"roles": ["operator"]} | changes))) == "unauthenticated"


async def test_what_the_local_issuer_makes_is_taken(tokens: Tokens) -> None:
    for kind in ("person", "system"):
        text = issue(KEY, issuer=PLATFORM_ISSUER, audience="simpul", organisation="BPS", subject="x", kind=kind)
        assert (await tokens.verify(text)).kind == kind
