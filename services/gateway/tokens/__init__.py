"""Bearer tokens: who calls the api, proved by a JWT (RS256) of a registered issuer (RFC 9068)."""

from __future__ import annotations

import json
import re
import ssl
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import RSAKey
from joserfc.jwt import ClaimsOption

from contracts import codes
from contracts.authority import EXCHANGE, GATEWAY_RULE, OPERATOR, PLATFORM, REGISTRY_RULE, that_decide
from contracts.outcomes import Refused
from services.gateway.domain.organisations import Organisations
from services.gateway.tokens.denied import DeniedTokens
from services.gateway.tokens.issuers import ALGORITHM, Issuer, IssuerKeys

ALGORITHMS = [ALGORITHM]
LEEWAY_SECONDS = 30
"""Difference allowed between the issuer's clock and ours."""
MAX_TOKEN = 8192
NEVER = 2**53
"""An end of time, for what is checked of a token that is over."""
ROLE = re.compile(r"^[a-z][a-z0-9_]{1,39}\Z")
PURPOSE = re.compile(r"^[a-z][a-z_]{1,39}\Z")
NAME = re.compile(r"^(?!.*[0-9]{13})[a-z0-9][a-z0-9._-]{1,39}\Z")
"""Of an operator, as it stands in audit lines."""
OURS_ALONE = frozenset({OPERATOR, EXCHANGE, REGISTRY_RULE, GATEWAY_RULE})
"""Roles between our own processes: no organisation can give them to anybody."""
Kind = Literal["person", "system", "operator"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds the token. `subject` is the issuer's own name for it and never leaves the gateway.

    `expires` and `issued` are in seconds since 1970 (UTC), `token` is its id (`jti`). `name` is that of an operator,
    and empty for everybody else.

    `functions` are those of the organisation that decide now, `succeeds` those that it has taken over.
    """

    organisation: str
    subject: str
    roles: tuple[str, ...]
    purpose: str | None
    kind: Kind
    expires: float
    issuer: str = ""
    token: str = ""
    issued: float = 0.0
    name: str = ""
    functions: tuple[str, ...] | None = None
    succeeds: tuple[str, ...] = ()

    @property
    def stands_for(self) -> tuple[str, ...]:
        """Its organisation, and those that this one has taken over."""
        return (self.organisation, *self.succeeds)


Over = Literal["token_denied", "suspended", "rights_changed"]
"""Why a connection that was let in may not go on."""


class Tokens:
    """Verifies bearer tokens of the registered issuers; `tls` is for fetching their keys.

    `organisations` tells who everybody is now; as long as nobody replaces it, that is the code list. Raises ValueError
    for two of one name.
    """

    def __init__(
        self, issuers: Sequence[Issuer], denied: DeniedTokens | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.denied, listed = denied or DeniedTokens(), Organisations()
        self.organisations: Callable[[], Organisations] = lambda: listed
        self._issuers = {issuer.issuer: _IssuerTokens(issuer, tls) for issuer in issuers}
        if len(self._issuers) < len(issuers):
            raise ValueError("an issuer is registered twice")

    @property
    def issuers(self) -> frozenset[str]:
        """Those whose tokens are taken."""
        return frozenset(self._issuers)

    @property
    def longest_age(self) -> int:
        """After this many seconds no token is in force that was issued before."""
        return LEEWAY_SECONDS * 2 + max(issuer.max_age_seconds for issuer in self._issuers.values())

    async def verify(self, token: str) -> Caller:
        """Who holds this token.

        Raises Refused: `unauthenticated`, which says nothing of it, `token_expired`, or `suspended`.
        """
        if len(token) > MAX_TOKEN:
            raise Refused("unauthenticated")
        try:
            unproved = jws.extract_compact(token.encode())
            issuer = self._issuers[json.loads(unproved.payload or b"")["iss"]]
            caller = await issuer.verify(token, unproved.headers().get("kid"))
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise Refused("unauthenticated") from None
        if self.is_denied(caller) or not self._is_known(caller):
            raise Refused("unauthenticated")
        if caller.organisation in self.organisations().suspended:
            raise Refused("suspended")
        return self._with_rights(caller)

    def is_denied(self, caller: Caller) -> bool:
        """Whether the token has been denied since."""
        return self.denied.includes(
            issuer=caller.issuer, token=caller.token, subject=caller.subject, issued=caller.issued
        )

    def why_over(self, caller: Caller) -> Over | None:
        """Why whoever was let in may not go on; whoever holds a connection open asks again and again."""
        if self.is_denied(caller):
            return "token_denied"
        if caller.organisation in self.organisations().suspended:
            return "suspended"
        return None if self._with_rights(caller) == caller else "rights_changed"

    def _is_known(self, caller: Caller) -> bool:
        return caller.organisation == PLATFORM or caller.organisation in self.organisations()

    def _with_rights(self, caller: Caller) -> Caller:
        """As its organisation is now. One that was succeeded gives out no roles, and its systems have their mailbox."""
        institution = self.organisations().at(datetime.now(UTC)).get(caller.organisation)
        if institution is None:
            return caller
        roles = caller.roles if institution.successor == caller.organisation else ()
        functions = that_decide(institution.functions)
        return replace(caller, roles=roles, functions=functions, succeeds=institution.predecessors)


class _IssuerTokens:
    """Tokens of one issuer: whatever they claim counts as far as it is registered."""

    def __init__(self, issuer: Issuer, tls: ssl.SSLContext | None) -> None:
        self._issuer, self._keys = issuer, IssuerKeys(issuer.jwks, tls)
        self.max_age_seconds = issuer.max_age_seconds
        essential: ClaimsOption = {"essential": True}
        self._rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer.issuer},
            aud={"essential": True, "value": issuer.audience},
            exp=essential, iat=essential, sub=essential, jti=essential,
        )  # fmt: skip

    async def verify(self, token: str, kid: object) -> Caller:
        """The caller. Raises Refused, and JoseError or ValueError for a bad token."""
        proved = jwt.decode(token, await self._keys.key(kid), algorithms=ALGORITHMS)
        claims = proved.claims
        _require_access_token(proved.header, claims)
        if not (_is_time(claims.get("exp")) and _is_time(claims.get("iat")) and isinstance(claims.get("jti"), str)):
            raise ValueError
        if not self._issuer.takes_client(_client_of(claims)):
            raise ValueError
        caller = self._caller(claims)
        self._require_in_time(claims)
        return caller

    def _require_in_time(self, claims: dict[str, Any]) -> None:
        """Raises Refused `token_expired` where nothing else is wrong, else JoseError."""
        oldest = time.time() - self._issuer.max_age_seconds - LEEWAY_SECONDS
        try:
            self._rules.validate(claims)
        except ExpiredTokenError:
            self._rules.validate(claims | {"exp": NEVER})
            raise Refused("token_expired") from None
        if claims["iat"] < oldest:
            raise Refused("token_expired")

    def _caller(self, claims: dict[str, Any]) -> Caller:
        organisation, roles = claims.get("organisation"), claims.get("roles", [])
        purpose, kind = claims.get("purpose"), claims.get("client_kind", "person")
        has_purpose = purpose is None or (isinstance(purpose, str) and PURPOSE.match(purpose))
        well_formed = isinstance(roles, list) and has_purpose
        registered = isinstance(organisation, str) and self._issuer.speaks_for(organisation)
        if not (well_formed and registered and kind in ("person", "system") and isinstance(claims["sub"], str)):
            raise ValueError
        ours = {role for role in roles if isinstance(role, str) and ROLE.match(role)}
        made = Caller(
            str(organisation), claims["sub"], tuple(sorted(ours - OURS_ALONE)), purpose, kind,
            min(float(claims["exp"]), claims["iat"] + self._issuer.max_age_seconds), claims["iss"], claims["jti"],
            float(claims["iat"]),
        )  # fmt: skip
        return _operator(made, ours, claims) if organisation == PLATFORM else made


def _operator(caller: Caller, roles: set[str], claims: dict[str, Any]) -> Caller:
    """Of the platform itself only operators hold tokens, each under a name of his own. Raises ValueError."""
    name = claims.get("preferred_username", claims["sub"])
    if OPERATOR not in roles or caller.kind != "person" or not (isinstance(name, str) and NAME.match(name)):
        raise ValueError
    return replace(caller, roles=(OPERATOR,), purpose="operations", kind="operator", name=name)


def _require_access_token(header: dict[str, Any], claims: dict[str, Any]) -> None:
    """An ID token or a logout token of the same issuer is no key to anything. Raises ValueError.

    RFC 9068 says so in the header (`at+jwt`), Keycloak by default in a claim (`typ`: `Bearer`).
    """
    kind = str(header.get("typ", "")).lower().removeprefix("application/")
    if kind != "at+jwt" and not (kind == "jwt" and claims.get("typ") == "Bearer"):
        raise ValueError
    if claims.get("typ", "Bearer") != "Bearer":
        raise ValueError


def _client_of(claims: dict[str, Any]) -> str:
    """The client that asked for the token (`azp`, or RFC 9068's `client_id`; both agree). Raises ValueError."""
    clients = {claims[name] for name in ("azp", "client_id") if name in claims}
    if len(clients) != 1 or not all(isinstance(client, str) for client in clients):
        raise ValueError
    return str(clients.pop())


def _is_time(value: object) -> bool:
    """Seconds since 1970 of any year that can be meant; a number of hundreds of digits is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -NEVER < value < NEVER


def issue(
    key: RSAKey, *, issuer: str, audience: str, organisation: str, subject: str, roles: tuple[str, ...] = (),
    kind: Literal["person", "system"] = "person", purpose: str | None = None, hours: float = 12,
    client: str | None = None,
) -> str:  # fmt: skip
    """An access token of the local issuer. Raises ValueError for an organisation that is not in the code list."""
    if organisation != PLATFORM and organisation not in codes.organisations():
        raise ValueError(f"no organisation {organisation} in the code list")
    now = int(time.time())
    key.ensure_kid()
    claims = {
        "iss": issuer, "aud": audience, "iat": now, "exp": now + int(hours * 3600), "jti": str(uuid.uuid4()),
        "client_id": client or ("simpul-cli" if kind == "person" else f"system-{organisation.lower()}"),
        "sub": subject, "organisation": organisation, "roles": list(roles), "client_kind": kind,
    }  # fmt: skip
    if purpose is not None:
        claims["purpose"] = purpose
    return jwt.encode({"alg": ALGORITHM, "typ": "at+jwt", "kid": key.kid}, claims, key, algorithms=ALGORITHMS)
