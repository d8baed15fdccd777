"""Principals between processes that an attacker forges, replays, redirects or inflates: none is taken."""

import base64
import hmac
import json
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey, RSAKey

from chassis.security.keys import KeyRing
from chassis.security.principal import LIFETIME, PASS_SECONDS, Signer, Verifier
from contracts.commands import Principal
from contracts.outcomes import Refused
from deploy.local import keys

RINGS = keys.rings()
API, EXCHANGE, URGENT, OPERATORS = (
    Signer(KeyRing(**RINGS[name]))
    for name in ("gateway-api", "gateway-exchange", "gateway-exchange-urgent", "operators")
)
REGISTRY = Verifier(KeyRing(**RINGS["registry"]), "registry")
OFFICER = Principal(organisation="KP2MI", user="u-1", roles=("duty_officer",))
PLATFORM = Principal(organisation="SIMPUL", roles=("exchange",))
OPERATOR = Principal(organisation="SIMPUL", user="wayan.adi", roles=("operator",))
PATH, BODY = "/persons/read?x=1", b'{"persons":[]}'


def taken(signed: str, method: str = "POST", target: str = PATH, body: bytes = BODY, by: Verifier = REGISTRY) -> bool:
    try:
        by.verify(signed, method, target, body)
    except Refused as refused:
        return refused.problems[0].code != "unauthenticated"
    return True


def sign(signer: Signer = API, who: Principal = OFFICER, audience: str = "registry", **more: Any) -> str:
    return signer.sign(who, audience, "POST", PATH, BODY, **more)


def test_an_honest_principal_is_taken() -> None:
    assert taken(sign())


# -- another request than the one that was signed


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "GET"},
        {"method": "DELETE"},
        {"target": "/persons/read"},
        {"target": "/persons/read?x=2"},
        {"target": "/persons/read?x=1&x=2"},
        {"target": "/persons/resolve?x=1"},
        {"target": "/persons/read/?x=1"},
        {"target": "//persons/read?x=1"},
        {"target": "/persons%2Fread?x=1"},
        {"body": b'{"persons":["1"]}'},
        {"body": b""},
        {"body": BODY + b" "},
    ],
)
def test_a_principal_seen_on_the_way_is_good_for_its_own_request_alone(request_: dict[str, Any]) -> None:
    assert not taken(sign(), **request_)


def test_what_was_signed_for_one_process_is_not_for_another() -> None:
    signed = sign(audience="indicators")
    assert taken(signed, by=Verifier(KeyRing(**RINGS["indicators"]), "indicators"))
    assert not taken(signed)


def test_what_is_asked_of_one_exchange_is_not_for_the_other() -> None:
    pass_ = API.issue_pass("wayan.adi", time.time() + 60)
    signed = sign(OPERATORS, OPERATOR, "gateway-exchange", pass_=pass_)
    for process in ("gateway-exchange", "gateway-exchange-urgent"):
        verifier = Verifier(KeyRing(**RINGS[process]), process)
        assert taken(signed, by=verifier) == (process == "gateway-exchange")


# -- its time


@pytest.mark.parametrize("later", [LIFETIME + 6, 60, 3600])
def test_a_principal_that_is_kept_is_over(monkeypatch: pytest.MonkeyPatch, later: int) -> None:
    signed, now = sign(), time.time()
    monkeypatch.setattr(time, "time", lambda: now + later)
    assert not taken(signed)


def forged(key: Any, algorithm: str = "Ed25519", header: dict[str, Any] | None = None, **changes: Any) -> str:
    """What the api signs, changed."""
    claims = json.loads(base64.urlsafe_b64decode(sign().split(".")[1] + "=="))
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    heading = {"alg": algorithm, "typ": "simpul-principal", "kid": "principal-api"} | (header or {})
    return jwt.encode(heading, claims, key, algorithms=[algorithm])


API_KEY = OKPKey.import_key(base64.b64decode(RINGS["gateway-api"]["secrets"]["principal-api"]["versions"]["1"]))


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(time.time()) + 3600},
        {"iat": int(time.time()) - 3600, "exp": int(time.time()) + 5},
        {"exp": None},
        {"iat": None},
        {"aud": None},
        {"aud": ["registry", "alerts"]},
        {"request": None},
        {"request": "*"},
        {"principal": None},
        {"principal": {"organisation": "KP2MI", "roles": ["NOT A ROLE"]}},
    ],
)
def test_even_the_right_key_signs_no_longer_or_wider_than_it_may(changes: dict[str, Any]) -> None:
    assert taken(forged(API_KEY))
    assert not taken(forged(API_KEY, **changes))


# -- the signature


def test_another_installations_key_is_refused() -> None:
    assert not taken(Signer(KeyRing(**keys.rings()["gateway-api"])).sign(OFFICER, "registry", "POST", PATH, BODY))


def test_the_public_key_is_no_shared_secret_and_none_is_no_signature() -> None:
    public = base64.b64decode(RINGS["registry"]["public"]["principal-api"]["versions"]["1"])
    body = sign().split(".")[1]
    for algorithm in ("HS256", "none"):
        head = json.dumps({"alg": algorithm, "typ": "simpul-principal", "kid": "principal-api"}).encode()
        text = f"{base64.urlsafe_b64encode(head).rstrip(b'=').decode()}.{body}"
        signature = hmac.digest(public, text.encode(), "sha256") if algorithm == "HS256" else b""
        assert not taken(f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}")
    assert not taken(forged(RSAKey.generate_key(2048), "RS256"))


@pytest.mark.parametrize("kid", ["principal-exchange", "principal-nobody", "sealing-registry", ""])
def test_a_key_id_chooses_no_other_key(kid: object) -> None:
    assert not taken(forged(API_KEY, header={"kid": kid}))


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "simpul-pass", ""])
def test_a_token_of_another_kind_is_no_principal(typ: str | None) -> None:
    assert not taken(forged(API_KEY, header={"typ": typ}))
    assert not taken(API.issue_pass("wayan.adi", time.time() + 60))


# -- what each signer may say


@pytest.mark.parametrize("signer", [EXCHANGE, URGENT], ids=lambda signer: signer.name)
def test_an_exchange_speaks_for_the_platform_alone(signer: Signer) -> None:
    assert taken(sign(signer, PLATFORM))
    for who in (OFFICER, OPERATOR, Principal(organisation="SIMPUL", roles=("exchange", "operator")),
                Principal(organisation="SIMPUL", roles=("registry_rule",)),
                Principal(organisation="KP2MI", roles=("exchange",))):  # fmt: skip
        assert not taken(sign(signer, who))
        assert not taken(sign(signer, who, pass_=API.issue_pass("wayan.adi", time.time() + 60)))


def test_the_api_is_no_operator() -> None:
    assert taken(sign(API, PLATFORM))
    pass_ = API.issue_pass("wayan.adi", time.time() + 60)
    for who in (OPERATOR, Principal(organisation="KP2MI", roles=("operator",)),
                Principal(organisation="SIMPUL", roles=("registry_rule",))):  # fmt: skip
        assert not taken(sign(API, who))
        assert not taken(sign(API, who, pass_=pass_))


def test_operators_act_under_the_name_of_their_pass_and_for_nobody_else() -> None:
    pass_ = API.issue_pass("wayan.adi", time.time() + 60)
    assert taken(sign(OPERATORS, OPERATOR, pass_=pass_))
    for who in (OFFICER, PLATFORM, Principal(organisation="SIMPUL", user="somebody.else", roles=("operator",)),
                Principal(organisation="SIMPUL", user="wayan.adi", roles=("operator", "exchange")),
                Principal(organisation="KP2MI", user="wayan.adi", roles=("operator",))):  # fmt: skip
        assert not taken(sign(OPERATORS, who, pass_=pass_))


def test_without_a_pass_of_the_api_the_operators_key_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    own = OPERATORS.issue_pass("wayan.adi", time.time() + 60)
    principal = sign(API)
    for pass_ in (None, "", "a.b.c", own, principal):
        assert not taken(sign(OPERATORS, OPERATOR, pass_=pass_))
    now = time.time()
    pass_ = API.issue_pass("wayan.adi", now + 10 * PASS_SECONDS)
    monkeypatch.setattr(time, "time", lambda: now + PASS_SECONDS + 6)
    assert not taken(sign(OPERATORS, OPERATOR, pass_=pass_))
    monkeypatch.setattr(time, "time", lambda: now + PASS_SECONDS - 60)
    assert taken(sign(OPERATORS, OPERATOR, pass_=pass_))


# -- who holds what


def test_no_process_holds_a_key_that_another_signs_or_opens_with() -> None:
    private = ("principal-", "sealing-", "parking", "identifiers")
    for name, ring in RINGS.items():
        others = [other for other in RINGS if other != name]
        for key, entry in ring["secrets"].items():
            if key.startswith(private):
                values = set(entry["versions"].values())
                for other in others:
                    held = RINGS[other]["secrets"].values()
                    assert not any(values & set(one["versions"].values()) for one in held), (name, other, key)


def test_operators_hold_no_key_that_opens_personal_data() -> None:
    assert set(RINGS["operators"]["secrets"]) == {"principal-operators"}
