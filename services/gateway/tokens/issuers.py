"""Issuers whose tokens are taken: for which organisations, by which clients, signed with which keys."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from contracts import codes
from contracts.authority import PLATFORM
from contracts.outcomes import Refused

ALGORITHM = "RS256"
EVERY = "*"
"""Every organisation of the code list. The platform's own, that of operators, is not in it and has to be named."""
KEYS_AGE_SECONDS = 300
"""A key that the issuer withdrew is refused after at most this long while the issuer answers,"""
KEYS_KEPT_SECONDS = 3600
"""and after this long when it does not: then tokens are refused until it answers again."""
REFRESH_PAUSE_SECONDS = 10
"""Unknown key ids make the keys be fetched again, but not more often than this."""
FETCH_SECONDS = 3.0
MAX_JWKS = 256 * 1024
KEY_BITS = 2048
"""Shorter RSA keys are refused (RFC 7518 section 3.3)."""

Text = Annotated[str, Field(min_length=1, max_length=400)]


class Issuer(BaseModel):
    """An issuer (`iss`) and what its tokens count for.

    `clients` are the client ids (`azp`) that may have asked for a token, `organisations` those for which its word
    counts: codes, or `*` for all of the code list. Both may end in `*`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Text
    jwks: Text = Field(description="Address or file of its public keys (JWKS).")
    audience: Text = "simpul"
    clients: tuple[Text, ...] = Field(min_length=1)
    organisations: tuple[Text, ...] = Field(min_length=1)
    max_age_seconds: int = Field(43_200, gt=0, description="Older tokens are refused, whatever end they name.")

    @field_validator("organisations")
    @classmethod
    def _are_known(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            if pattern != PLATFORM and not any(fnmatchcase(code, pattern) for code in codes.organisations()):
                raise ValueError(f"{pattern} is no organisation of the code list")
        return patterns

    def takes_client(self, client: str) -> bool:
        """Whether tokens that this client asked for are taken."""
        return any(fnmatchcase(client, pattern) for pattern in self.clients)

    def speaks_for(self, organisation: str) -> bool:
        """Whether what it says of the people and systems of one that goes by this code counts."""
        if organisation == PLATFORM:
            return PLATFORM in self.organisations
        return any(fnmatchcase(organisation, pattern) for pattern in self.organisations)


def read_issuers(file: Path) -> tuple[Issuer, ...]:
    """The issuers that a JSON file lists. Raises ValueError (of a shape that is wrong, pydantic's), OSError."""
    return TypeAdapter(tuple[Issuer, ...]).validate_json(file.read_bytes())


class IssuerKeys:
    """The issuer's public keys, from a JWKS address or file; kept, and fetched again for an unknown key id."""

    def __init__(self, location: str, tls: ssl.SSLContext | None = None) -> None:
        self._location, self._verify = location, True if tls is None else tls
        self._keys: dict[str, RSAKey] = {}
        self._asked = self._answered = -float("inf")
        self._fetching = asyncio.Lock()

    async def key(self, kid: object) -> RSAKey:
        """The key named in a token. Raises Refused `unauthenticated`, or `unavailable` when the issuer is away."""
        if not isinstance(kid, str):
            raise Refused("unauthenticated")
        if self._is_due(kid):
            async with self._fetching:
                if self._is_due(kid):
                    await self._fetch()
        if time.monotonic() - self._answered > KEYS_KEPT_SECONDS:
            raise Refused("unavailable")
        if kid not in self._keys:
            raise Refused("unauthenticated")
        return self._keys[kid]

    def _is_due(self, kid: str) -> bool:
        now = time.monotonic()
        wanted = kid not in self._keys or now - self._answered > KEYS_AGE_SECONDS
        return wanted and now - self._asked > REFRESH_PAUSE_SECONDS

    async def _fetch(self) -> None:
        """An issuer that is away, or answers something else than keys, leaves the keys as they are."""
        try:
            keys = dict(_signing_keys(json.loads(await self._read())))
        except (httpx.HTTPError, OSError, ValueError, KeyError, TypeError):
            return
        else:
            self._keys, self._answered = keys, time.monotonic()
        finally:
            self._asked = time.monotonic()

    async def _read(self) -> bytes:
        if not self._location.startswith(("http://", "https://")):
            return _file(self._location)
        async with httpx.AsyncClient(timeout=FETCH_SECONDS, trust_env=False, verify=self._verify) as client:
            content = (await client.get(self._location)).raise_for_status().content
        if len(content) > MAX_JWKS:
            raise ValueError("too long for a key set")
        return content


def _signing_keys(jwks: dict[str, Any]) -> Iterator[tuple[str, RSAKey]]:
    """Those that may have signed a token; a key for something else, of another kind, or too short is left out."""
    for entry in jwks["keys"]:
        signs = entry.get("use", "sig") == "sig" and entry.get("alg", ALGORITHM) == ALGORITHM
        if not (entry.get("kty") == "RSA" and signs and isinstance(entry.get("kid"), str)):
            continue
        try:
            key = RSAKey.import_key({name: entry[name] for name in ("kty", "n", "e", "kid")})
        except (JoseError, ValueError, KeyError):
            continue
        if key.public_key.key_size >= KEY_BITS:
            yield entry["kid"], key


def _file(location: str) -> bytes:
    return Path(location).read_bytes()
