"""Bearer tokens of two issuers, and what the gateway says of one that it refuses."""

import base64
import json
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from contracts.outcomes import Refused
from services.gateway.tokens import Tokens

PLATFORM_ISSUER, PARTNER_ISSUER = "https://issuer.example", "https://id.kp2mi.example"
KEY, PARTNER_KEY = (RSAKey.generate_key(2048, auto_kid=True) for _ in range(2))
PUBLIC = KEY.as_pem(private=False)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    given = {
        "iss": PLATFORM_ISSUER, "aud": "simpul", "sub": "officer-1", "iat": now, "exp": now + 300, "jti": str(uuid4()),
        "azp": "simpul-dashboard", "organisation": "KP2MI", "roles": ["duty_officer"],
    }  # fmt: skip
    return {name: value for name, value in (given | changes).items() if value is not None}


def signed(key: RSAKey = KEY, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
    heading = {"alg": "RS256", "typ": "at+jwt", "kid": key.kid} | dict(header or {})
    return jwt.encode(heading, claims(**changes), key, algorithms=["RS256"])


def raw(header: dict[str, Any], body: bytes, signature: bytes = b"") -> str:
    return f"{b64(json.dumps(header).encode())}.{b64(body)}.{b64(signature)}"


def of_partner(**changes: Any) -> str:
    return signed(PARTNER_KEY, iss=PARTNER_ISSUER, **({"azp": "kp2mi-portal"} | changes))


async def code(tokens: Tokens, text: str) -> str:
    with pytest.raises(Refused) as refused:
        await tokens.verify(text)
    return refused.value.problems[0].code
