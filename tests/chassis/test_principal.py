import base64
import json
import time

import pytest
from joserfc import jwt

from chassis.security.principal import LIFETIME, Signer, Verifier
from contracts.commands import Principal
from contracts.outcomes import Refused
from tests.builders import OPERATOR, two_rings

GATEWAY, SERVICE = two_rings()
SIGNER, VERIFIER = Signer(GATEWAY), Verifier(SERVICE, "registry")


def refused(text: str | None, verifier: Verifier = VERIFIER) -> str:
    with pytest.raises(Refused) as error:
        verifier(text)
    return error.value.problems[0].code


def test_a_service_learns_for_whom_the_gateway_asks() -> None:
    assert VERIFIER(SIGNER.sign(OPERATOR, "registry")) == OPERATOR


@pytest.mark.parametrize("text", [None, "", "x", "a.b.c", "é.é.é"])
def test_who_brings_no_signed_principal_is_refused(text: str | None) -> None:
    assert refused(text) == "unauthenticated"


def test_a_principal_signed_for_another_service_is_refused() -> None:
    assert refused(SIGNER.sign(OPERATOR, "indicators")) == "unauthenticated"


def test_a_principal_of_another_gateway_is_refused() -> None:
    stranger, _ = two_rings()
    assert refused(Signer(stranger).sign(OPERATOR, "registry")) == "unauthenticated"


def test_a_tampered_principal_is_refused() -> None:
    head, body, signature = SIGNER.sign(OPERATOR, "registry").split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["principal"]["organisation"] = "KP2MI"
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    assert refused(f"{head}.{changed}.{signature}") == "unauthenticated"


def test_an_unsigned_principal_is_refused() -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    _, body, _ = SIGNER.sign(OPERATOR, "registry").split(".")
    assert refused(f"{head}.{body}.") == "unauthenticated"


def signed(**changes: object) -> str:
    """What a gateway would sign, changed; a claim changed to None is left out."""
    whole = {
        "aud": "registry",
        "exp": int(time.time()) + LIFETIME,
        "principal": Principal(organisation="KP2MI").model_dump(),
    }
    chosen = {name: value for name, value in (whole | changes).items() if value is not None}
    return jwt.encode({"alg": "Ed25519"}, chosen, SIGNER.key, algorithms=["Ed25519"])


def test_clocks_may_differ_by_a_few_seconds_and_no_more() -> None:
    now = int(time.time())
    assert VERIFIER(signed(iat=now + 3)).organisation == "KP2MI"
    assert VERIFIER(signed(exp=now - 3)).organisation == "KP2MI"
    assert refused(signed(iat=now + 20)) == "unauthenticated"
    assert refused(signed(exp=now - 6)) == "unauthenticated"


def test_a_principal_is_good_for_a_minute_and_no_longer() -> None:
    before = int(time.time())
    _, body, _ = SIGNER.sign(OPERATOR, "registry").split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    assert 0 <= claims["iat"] - before <= 1
    assert claims["exp"] - claims["iat"] == LIFETIME <= 60


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - LIFETIME},
        {"exp": None},
        {"aud": None},
        {"principal": None},
        {"principal": {"roles": ["NOT A ROLE"], "organisation": "KP2MI"}},
    ],
)
def test_an_expired_or_incomplete_principal_is_refused(claims: dict[str, object]) -> None:
    assert refused(signed(**claims)) == "unauthenticated"
