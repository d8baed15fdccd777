"""The signed principal in which one process tells another for whom it asks: for one request, and for ten seconds."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Header, Request
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from chassis.security.keys import KeyRing, MissingKey
from contracts.commands import Principal
from contracts.outcomes import Refused

HEADER = "Simpul-Principal"
LIFETIME = 10
"""Seconds that a signed principal is good for."""
LEEWAY = 5
"""Seconds by which clocks may differ."""
PASS_SECONDS = 3600
ALGORITHM = "Ed25519"
KEY = "principal-"
"""The signers' keys: `principal-api`, `principal-exchange`, `principal-exchange-urgent`, `principal-operators`."""
PLATFORM, EXCHANGE, OPERATOR = "SIMPUL", "exchange", "operator"


class Signer:
    """The asking side: signs with the one `principal-…` key of its ring (Ed25519, RFC 9864).

    Raises MissingKey for a ring without one.
    """

    def __init__(self, ring: KeyRing) -> None:
        names = [name for name in ring.secrets if name.startswith(KEY)]
        if len(names) != 1:
            raise MissingKey("the key ring has no key to sign principals with")
        self.name, self._ring = names[0], ring
        self._keys: dict[str, OKPKey] = {}

    def sign(
        self, principal: Principal, audience: str, method: str, target: str, body: bytes = b"", pass_: str | None = None
    ) -> str:
        """A compact JWS for the header `Simpul-Principal`; `target` is path and query as they will be sent.

        `pass_` proves the name of an operator.
        """
        now = int(time.time())
        claims = {
            "aud": audience, "iat": now, "exp": now + LIFETIME, "request": _digest(method, target, body),
            "principal": principal.model_dump(exclude_none=True),
        } | ({"pass": pass_} if pass_ else {})  # fmt: skip
        return self._encode("simpul-principal", claims)

    def issue_pass(self, name: str, until: float) -> str:
        """What lets an operator who has signed in act under this name, until then or for an hour at most."""
        now = int(time.time())
        return self._encode("simpul-pass", {"iat": now, "exp": min(int(until), now + PASS_SECONDS), "name": name})

    def _encode(self, typ: str, claims: dict[str, Any]) -> str:
        header = {"alg": ALGORITHM, "typ": typ, "kid": self.name}
        return jwt.encode(header, claims, self._key(), algorithms=[ALGORITHM])

    def _key(self) -> OKPKey:
        version = self._ring.current(self.name)
        if version not in self._keys:
            self._keys = {version: OKPKey.import_key(self._ring.secret(self.name))}
        return self._keys[version]


class Verifier:
    """The asked side, as a FastAPI dependency: the Principal, or 401 `unauthenticated`.

    Every version of a signer's public key that the ring holds is taken, so that a new one is known before it is used.
    What a signer may say is bounded: an exchange speaks for the platform's exchange alone, the operators' key for an
    operator with a pass of the api, and the api for everybody but operators.
    """

    def __init__(self, ring: KeyRing, audience: str) -> None:
        self._ring, self._audience = ring, audience
        self._keys: dict[bytes, OKPKey] = {}
        if not any(name.startswith(KEY) for name in ring.public):
            raise MissingKey("the key ring has no public key of a signer of principals")

    async def __call__(
        self, request: Request, signed: Annotated[str | None, Header(alias=HEADER, include_in_schema=False)] = None
    ) -> Principal:
        """Check the signature, the audience, the age and the request. Raises Refused."""
        if len(request.headers.getlist(HEADER)) > 1:
            raise Refused("unauthenticated")
        query = request.scope["query_string"]
        path = request.scope.get("raw_path") or request.scope["path"].encode()
        target = (path + (b"?" + query if query else b"")).decode("latin-1")
        return self.verify(signed, request.method, target, await request.body())

    def verify(self, signed: str | None, method: str, target: str, body: bytes = b"") -> Principal:
        """For whom the request is made. Raises Refused `unauthenticated`, which says nothing of the reason."""
        try:
            signer, claims = self._proved(signed or "", "simpul-principal")
            if claims["aud"] != self._audience or claims["request"] != _digest(method, target, body):
                raise Refused("unauthenticated")
            _require_fresh(claims, LIFETIME)
            principal = Principal.model_validate(claims["principal"])
            self._require_allowed(signer, principal, claims)
        except (JoseError, ValueError, KeyError, TypeError, MissingKey):
            raise Refused("unauthenticated") from None
        return principal

    def _proved(self, text: str, typ: str) -> tuple[str, dict[str, Any]]:
        """The signer's name and what it signed. Raises JoseError, ValueError, KeyError or MissingKey."""
        header = jws.extract_compact(text.encode()).headers()
        signer = header["kid"]
        if header.get("typ") != typ or not isinstance(signer, str) or not signer.startswith(KEY):
            raise ValueError
        for key in self._ring.public_keys(signer):
            try:
                return signer.removeprefix(KEY), jwt.decode(text, self._imported(key), algorithms=[ALGORITHM]).claims
            except JoseError:
                continue
        raise ValueError

    def _imported(self, key: bytes) -> OKPKey:
        if key not in self._keys:
            self._keys[key] = OKPKey.import_key(key)
        return self._keys[key]

    def _require_allowed(self, signer: str, principal: Principal, claims: Mapping[str, Any]) -> None:
        """Raises ValueError for what this signer may not say."""
        is_exchange = principal.organisation == PLATFORM and principal.roles == (EXCHANGE,)
        is_operator = principal.organisation == PLATFORM and principal.roles == (OPERATOR,)
        match signer:
            case "api":
                allowed = is_exchange or (principal.organisation != PLATFORM and OPERATOR not in principal.roles)
            case "exchange" | "exchange-urgent":
                allowed = is_exchange
            case "operators":
                allowed = is_operator and principal.user == self._name_in(claims["pass"])
            case _:
                allowed = False
        if not allowed:
            raise ValueError

    def _name_in(self, pass_: str) -> str:
        signer, claims = self._proved(pass_, "simpul-pass")
        _require_fresh(claims, PASS_SECONDS)
        if signer != "api":
            raise ValueError
        return str(claims["name"])


def _require_fresh(claims: Mapping[str, Any], lifetime: int) -> None:
    """Raises ValueError unless it is in force now, and for no longer than such a thing may be."""
    now, issued, until = time.time(), int(claims["iat"]), int(claims["exp"])
    if not (issued - LEEWAY <= now <= until + LEEWAY and until - issued <= lifetime):
        raise ValueError


def _digest(method: str, target: str, body: bytes) -> list[str]:
    return [method, target, base64.b64encode(sha256(body).digest()).decode()]
