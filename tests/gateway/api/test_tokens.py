"""Bearer tokens: what is taken, and what is refused without a word about the token."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from contracts.outcomes import Refused
from services.gateway.tokens import Tokens, issue, issuers
from services.gateway.tokens.issuers import EVERY, Issuer

ISSUER, AUDIENCE = "https://issuer.example", "simpul"
KEY = RSAKey.generate_key(2048)
OTHER = RSAKey.generate_key(2048)


def jwks(*keys: RSAKey) -> str:
    return json.dumps(KeySet(list(keys)).as_dict(private=False))


@pytest.fixture
def verifier(tmp_path: Path) -> Tokens:
    (tmp_path / "jwks.json").write_text(jwks(KEY))
    return taking(str(tmp_path / "jwks.json"))


def taking(location: str) -> Tokens:
    """Takes tokens of one issuer, whose keys are at `location`."""
    return Tokens(
        [Issuer(issuer=ISSUER, audience=AUDIENCE, jwks=location, clients=("simpul-*",), organisations=(EVERY,))]
    )


def token(key: RSAKey = KEY, *, algorithm: str = "RS256", header: dict[str, Any] | None = None, **changes: Any) -> str:
    """A valid token, changed; a claim changed to None is left out."""
    key.ensure_kid()
    claims = {
        "iss": ISSUER, "aud": AUDIENCE, "exp": int(time.time()) + 60, "iat": int(time.time()), "sub": "officer-1",
        "jti": str(uuid4()), "client_id": "simpul-dashboard", "organisation": "KP2MI", "roles": ["duty_officer"],
    }  # fmt: skip
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode(
        {"alg": algorithm, "typ": "at+jwt", "kid": key.kid} | (header or {}), claims, key, algorithms=[algorithm]
    )


async def code(verifier: Tokens, text: str) -> str:
    with pytest.raises(Refused) as refused:
        await verifier.verify(text)
    return refused.value.problems[0].code


async def test_a_valid_token_names_organisation_roles_and_purpose(verifier: Tokens) -> None:
    until = int(time.time()) + 60
    caller = await verifier.verify(token(exp=until))
    assert (caller.organisation, caller.subject, caller.roles) == ("KP2MI", "officer-1", ("duty_officer",))
    assert (caller.purpose, caller.kind, caller.expires) == (None, "person", until)
    named = await verifier.verify(token(exp=until, purpose="consular_protection"))
    assert named.purpose == "consular_protection"


async def test_a_token_of_the_local_issuer_is_taken(verifier: Tokens) -> None:
    text = issue(
        KEY, issuer=ISSUER, audience=AUDIENCE, organisation="BPS", subject="system", kind="system", client="simpul-cli"
    )
    assert (await verifier.verify(text)).kind == "system"


async def test_an_audience_among_several_is_taken_and_foreign_role_names_are_dropped(verifier: Tokens) -> None:
    caller = await verifier.verify(token(aud=["account", AUDIENCE], roles=["default-roles", "duty_officer", 7]))
    assert caller.roles == ("duty_officer",)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"exp": "soon"},
        {"nbf": 4_000_000_000},
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"organisation": None},
        {"organisation": "NOWHERE"},
        {"organisation": ["KP2MI"]},
        {"roles": "duty_officer"},
        {"purpose": "Buy 3307010101900001"},
        {"purpose": ""},
        {"purpose": ["consular_protection"]},
        {"client_kind": "robot"},
    ],
)
async def test_a_token_whose_claims_do_not_hold_is_refused(verifier: Tokens, changes: dict[str, Any]) -> None:
    assert await code(verifier, token(**changes)) == "unauthenticated"


@pytest.mark.parametrize(("past", "taken"), [(29, True), (31, False)])
async def test_a_token_is_over_half_a_minute_after_its_time(verifier: Tokens, past: int, taken: bool) -> None:
    text = token(exp=int(time.time()) - past)
    if taken:
        assert (await verifier.verify(text)).organisation == "KP2MI"
    else:
        assert await code(verifier, text) == "token_expired"


@pytest.mark.parametrize(("ahead", "taken"), [(29, True), (31, False)])
async def test_an_issuers_clock_may_be_half_a_minute_ahead(verifier: Tokens, ahead: int, taken: bool) -> None:
    text = token(iat=int(time.time()) + ahead, nbf=int(time.time()) + ahead)
    if taken:
        assert (await verifier.verify(text)).organisation == "KP2MI"
    else:
        assert await code(verifier, text) == "unauthenticated"


@pytest.mark.parametrize("changes", [{"iss": "https://elsewhere.example"}, {"aud": "another"}, {"sub": None}])
async def test_of_a_token_that_is_over_and_otherwise_wrong_nothing_is_said(
    verifier: Tokens, changes: dict[str, Any]
) -> None:
    assert await code(verifier, token(exp=1, **changes)) == "unauthenticated"
    assert await code(verifier, token(OTHER, exp=1)) == "unauthenticated"


@pytest.mark.parametrize("text", ["", "a.b.c", "..", "not a token", "é.é.é", "e30.e30.", "x" * 9000])
async def test_what_is_no_token_is_refused(verifier: Tokens, text: str) -> None:
    assert await code(verifier, text) == "unauthenticated"


async def test_a_key_that_the_issuer_does_not_publish_is_refused(verifier: Tokens) -> None:
    assert await code(verifier, token(OTHER)) == "unauthenticated"
    KEY.ensure_kid()
    assert await code(verifier, token(OTHER, header={"kid": KEY.kid})) == "unauthenticated"
    assert await code(verifier, token(header={"kid": "unknown"})) == "unauthenticated"


async def test_only_rs256_is_taken(verifier: Tokens) -> None:
    assert await code(verifier, token(algorithm="PS256")) == "unauthenticated"
    secret = OctKey.generate_key(256)
    text = jwt.encode({"alg": "HS256", "kid": KEY.kid}, {"sub": "x"}, secret, algorithms=["HS256"])
    assert await code(verifier, text) == "unauthenticated"


async def test_a_changed_token_is_refused(verifier: Tokens) -> None:
    head, claims, signature = token().split(".")
    assert await code(verifier, f"{head}.{claims[:-2]}AA.{signature}") == "unauthenticated"


@dataclass
class Address:
    """A JWKS address whose keys can change; counts how often it was asked."""

    keys: list[RSAKey] = field(default_factory=lambda: [KEY])
    asked: int = 0
    url: str = ""


@pytest.fixture
def issuer() -> Iterator[Address]:
    state = Address()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked += 1
            self.send_response(200 if state.keys else 503)
            self.end_headers()
            self.wfile.write(jwks(*state.keys).encode() if state.keys else b"away")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/jwks"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


async def test_a_new_key_of_the_issuer_is_fetched_when_first_seen(
    issuer: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = taking(issuer.url)
    await verifier.verify(token())
    issuer.keys.append(OTHER)
    assert await code(verifier, token(OTHER)) == "unauthenticated"
    assert issuer.asked == 1, "a stream of unknown key ids must not become a stream of requests"
    monkeypatch.setattr(issuers, "REFRESH_PAUSE_SECONDS", 0)
    assert (await verifier.verify(token(OTHER))).organisation == "KP2MI"
    await verifier.verify(token())
    assert issuer.asked == 2


async def test_all_who_come_while_the_keys_are_fetched_wait_for_the_same_answer(issuer: Address) -> None:
    verifier = taking(issuer.url)
    callers = await asyncio.gather(*(verifier.verify(token()) for _ in range(16)))
    assert {caller.organisation for caller in callers} == {"KP2MI"}
    assert issuer.asked == 1


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Moves `monotonic` of the issuers' keys by hand."""
    moved = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(issuers, "time", SimpleNamespace(monotonic=lambda: moved.now))
    return moved


async def test_a_key_that_its_issuer_withdrew_is_refused_after_five_minutes(
    issuer: Address, clock: SimpleNamespace
) -> None:
    verifier = taking(issuer.url)
    await verifier.verify(token())
    issuer.keys[:] = [OTHER]
    clock.now += 295
    assert (await verifier.verify(token())).organisation == "KP2MI"
    assert issuer.asked == 1
    clock.now += 10
    assert await code(verifier, token()) == "unauthenticated"
    assert (await verifier.verify(token(OTHER))).organisation == "KP2MI"


async def test_an_issuer_that_is_away_stops_nobody_whose_key_is_known_for_an_hour(
    issuer: Address, clock: SimpleNamespace
) -> None:
    verifier = taking(issuer.url)
    await verifier.verify(token())
    keys = list(issuer.keys)
    issuer.keys.clear()
    clock.now += 3595
    assert (await verifier.verify(token())).organisation == "KP2MI"
    clock.now += 10
    assert await code(verifier, token()) == "unavailable"
    issuer.keys[:] = keys
    clock.now += 11
    assert (await verifier.verify(token())).organisation == "KP2MI"


async def test_before_any_key_is_known_an_absent_issuer_is_the_platforms_fault(issuer: Address) -> None:
    issuer.keys.clear()
    verifier = taking(issuer.url)
    assert await code(verifier, token()) == "unavailable"
