"""Bearer tokens: who calls the api, proved by a JWT (RS256) of the configured issuer."""

from __future__ import annotations

import asyncio
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet, RSAKey

from contracts import codes
from contracts.outcomes import Refused

ALGORITHMS = ["RS256"]
LEEWAY_SECONDS = 30
"""Difference allowed between the issuer's clock and ours."""
KEYS_AGE_SECONDS = 3600
"""A key that the issuer withdrew is refused after at most this long."""
REFRESH_PAUSE_SECONDS = 10
"""Unknown key ids make the keys be fetched again, but not more often than this."""
MAX_TOKEN = 8192
NEVER = 2**53
"""An end of time, for what is checked of a token that is over."""
ROLE = re.compile(r"^[a-z][a-z0-9_]{1,39}$")
PURPOSE = re.compile(r"^[a-z][a-z_]{1,39}$")
DEFAULT_PURPOSE = "migration_governance"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds the token. `subject` is the issuer's own name for it and never leaves the gateway.

    `expires` is in seconds since 1970 (UTC).
    """

    organisation: str
    subject: str
    roles: tuple[str, ...]
    purpose: str
    kind: Literal["person", "system"]
    expires: float


class IssuerKeys:
    """The issuer's public keys, from a JWKS address or file; kept, and fetched again for an unknown key id."""

    def __init__(self, location: str) -> None:
        self._location = location
        self._keys: dict[str | None, RSAKey] = {}
        self._fetched = -float("inf")
        self._fetching = asyncio.Lock()

    async def key(self, kid: str | None) -> RSAKey:
        """The key named in a token. Raises Refused `unauthenticated`, or `unavailable` when the issuer is away."""
        if self._is_due(kid):
            async with self._fetching:
                if self._is_due(kid):
                    await self._fetch()
        if kid not in self._keys:
            raise Refused("unauthenticated" if self._keys else "unavailable")
        return self._keys[kid]

    def _is_due(self, kid: str | None) -> bool:
        age = time.monotonic() - self._fetched
        return age > KEYS_AGE_SECONDS or (kid not in self._keys and age > REFRESH_PAUSE_SECONDS)

    async def _fetch(self) -> None:
        """An issuer that is away leaves the keys as they are."""
        try:
            published = KeySet.import_key_set(json.loads(await self._read()))
            self._keys = {key.kid: key for key in published if isinstance(key, RSAKey)}
        except (httpx.HTTPError, OSError, ValueError, KeyError, JoseError):
            return
        finally:
            self._fetched = time.monotonic()

    async def _read(self) -> str | bytes:
        if not self._location.startswith(("http://", "https://")):
            return _file(self._location)
        async with httpx.AsyncClient(timeout=5) as client:
            return (await client.get(self._location)).raise_for_status().content


class Tokens:
    """Verifies bearer tokens of one issuer for one audience."""

    def __init__(self, *, issuer: str, audience: str, keys: IssuerKeys) -> None:
        self._keys = keys
        self._rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )

    async def verify(self, token: str) -> Caller:
        """Who holds this token. Raises Refused: `unauthenticated`, which says nothing of it, or `token_expired`."""
        if len(token) > MAX_TOKEN:
            raise Refused("unauthenticated")
        try:
            kid = jws.extract_compact(token.encode()).headers().get("kid")
            claims = jwt.decode(token, await self._keys.key(kid), algorithms=ALGORITHMS).claims
            self._check(claims)
        except (JoseError, ValueError, TypeError):
            raise Refused("unauthenticated") from None
        return _caller(claims)

    def _check(self, claims: dict[str, Any]) -> None:
        """Raises Refused `token_expired` where nothing else is wrong, else JoseError."""
        try:
            self._rules.validate(claims)
        except ExpiredTokenError:
            self._rules.validate(claims | {"exp": NEVER})
            raise Refused("token_expired") from None


def _caller(claims: dict[str, Any]) -> Caller:
    organisation, roles = claims.get("organisation"), claims.get("roles", [])
    purpose, kind = claims.get("purpose", DEFAULT_PURPOSE), claims.get("client_kind", "person")
    is_organisation = isinstance(organisation, str) and organisation in codes.organisations()
    formed = isinstance(roles, list) and isinstance(purpose, str) and PURPOSE.match(purpose)
    if not (is_organisation and formed and kind in ("person", "system")):
        raise Refused("unauthenticated")
    ours = sorted({role for role in roles if isinstance(role, str) and ROLE.match(role)})
    return Caller(str(organisation), claims["sub"], tuple(ours), purpose, kind, float(claims["exp"]))


def _file(location: str) -> bytes:
    return Path(location).read_bytes()


def issue(
    key: RSAKey, *, issuer: str, audience: str, organisation: str, subject: str, roles: tuple[str, ...] = (),
    kind: Literal["person", "system"] = "person", purpose: str = DEFAULT_PURPOSE, hours: float = 12,
) -> str:  # fmt: skip
    """A token of the local issuer. Raises ValueError for an organisation that is not in the code list."""
    if organisation not in codes.organisations():
        raise ValueError(f"no organisation {organisation} in the code list")
    now = int(time.time())
    key.ensure_kid()
    claims = {
        "iss": issuer, "aud": audience, "iat": now, "exp": now + int(hours * 3600),
        "sub": subject, "organisation": organisation, "roles": list(roles), "purpose": purpose, "client_kind": kind,
    }  # fmt: skip
    return jwt.encode({"alg": ALGORITHMS[0], "kid": key.kid}, claims, key, algorithms=ALGORITHMS)
