"""The signed principal in which the gateway tells a service for whom it asks."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import Header
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chassis.security.keys import KeyRing
from contracts.commands import Principal
from contracts.outcomes import Refused

HEADER = "Simpul-Principal"
LIFETIME = 60
"""Seconds that a signed principal is good for."""


class Signer:
    """The gateway's side: Ed25519 (RFC 9864), one minute, one audience."""

    def __init__(self, ring: KeyRing) -> None:
        self.key = OKPKey.import_key(ring.secret("principal"))

    def sign(self, principal: Principal, audience: str) -> str:
        """A compact JWS for the header `Simpul-Principal`."""
        now = int(time.time())
        claims = {"aud": audience, "iat": now, "exp": now + LIFETIME, "principal": principal.model_dump()}
        return jwt.encode({"alg": "Ed25519"}, claims, self.key, algorithms=["Ed25519"])


class Verifier:
    """A service's side, as a FastAPI dependency: the Principal, or 401 `unauthenticated`.

    Every version of the gateway's public key is taken, so that services can learn a new one before it is used.
    """

    def __init__(self, ring: KeyRing, service: str) -> None:
        self.keys = [OKPKey.import_key(key) for key in ring.public_keys("principal")]
        self.rules = jwt.JWTClaimsRegistry(
            now=None, leeway=5, aud={"essential": True, "value": service}, exp={"essential": True}
        )

    def __call__(
        self, signed: Annotated[str | None, Header(alias=HEADER, include_in_schema=False)] = None
    ) -> Principal:
        """Check the signature, the audience and the age. Raises Refused."""
        for key in self.keys:
            try:
                token = jwt.decode(signed or "", key, algorithms=["Ed25519"])
                self.rules.validate(token.claims)
                return Principal.model_validate(token.claims["principal"])
            except (JoseError, ValueError, KeyError):
                continue
        raise Refused("unauthenticated")
