"""What OpenID Connect has the provider decide, on Authlib: codes, PKCE, access and ID tokens."""

from __future__ import annotations

import hashlib
import re
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidRequestError, InvalidScopeError, OAuth2Error
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin, OpenIDCode, UserInfo
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from contracts.authority import PLATFORM
from deploy.local.issuer.clients import APPLICATIONS, Application, System, is_on_loopback
from services.gateway import tokens
from simulation.scenario.officers import OFFICERS, Officer

CODE_SECONDS = 60
ACCESS_SECONDS = 3600
MAX_CODES = 1000
PURPOSE_SCOPE = re.compile(r"^purpose:([a-z][a-z_]{1,39})\Z")
SCOPES = ("openid", "profile")
"""And `purpose:NAME`, at most one: what the token may be used for."""


@dataclass
class Reply:
    """An HTTP answer as Authlib makes it; `body` is JSON when it is no text."""

    status: int
    body: Any
    headers: dict[str, str]


class Payload(OAuth2Payload):  # type: ignore[misc]  # authlib is untyped
    """The parameters of a request, each with all of its values."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.datalist_: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in pairs:
            self.datalist_[name].append(value)

    @property
    def data(self) -> dict[str, str]:
        return {name: values[0] for name, values in self.datalist_.items()}

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return self.datalist_


class Request(OAuth2Request):  # type: ignore[misc]
    """A request with its parameters from the query or from a form."""

    def __init__(self, method: str, uri: str, body: str, headers: Mapping[str, str]) -> None:
        super().__init__(method, uri, headers=headers)
        self._query = dict(parse_qsl(urlsplit(uri).query, keep_blank_values=True))
        pairs = parse_qsl(body if method == "POST" else urlsplit(uri).query, keep_blank_values=True)
        self._form = dict(parse_qsl(body, keep_blank_values=True))
        self.payload = Payload(pairs)

    @property
    def args(self) -> dict[str, str]:
        return self._query

    @property
    def form(self) -> dict[str, str]:
        return self._form


@dataclass(frozen=True)
class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    """What an authorization code stands for, for a minute and once."""

    code: str
    client_id: str
    officer: Officer
    redirect_uri: str
    scope: str
    nonce: str | None
    code_challenge: str
    at: float
    code_challenge_method = "S256"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(self.at)


@dataclass
class Codes:
    """Authorization codes in memory, by their hash. Each is taken at most once."""

    now: Any = time.time
    _kept: dict[str, Code] = field(default_factory=dict)

    def put(self, code: Code) -> None:
        if len(self._kept) >= MAX_CODES:
            self._kept.pop(next(iter(self._kept)))
        self._kept[_hash(code.code)] = code

    def take(self, code: str, client_id: str) -> Code | None:
        """None for one that is unknown, used, too old, or another client's; it is gone in any case."""
        kept = self._kept.pop(_hash(code), None)
        fresh = kept is not None and self.now() - kept.at <= CODE_SECONDS
        return kept if kept and fresh and kept.client_id == client_id else None


class Provider(AuthorizationServer):  # type: ignore[misc]
    """One provider: `issuer` is its address, `key` signs, `systems` fetch tokens by client credentials."""

    def __init__(self, issuer: str, key: RSAKey, systems: Mapping[str, System], audience: str) -> None:
        super().__init__()
        self.issuer, self.key, self.audience, self.codes = issuer, key, audience, Codes()
        self._clients: dict[str, Application | System] = {**APPLICATIONS, **systems}
        self.officers = {officer.username: officer for officer in OFFICERS}
        self.register_grant(_CodeGrant, [_Challenge(), _IdToken(self)])
        self.register_grant(ClientCredentialsGrant)
        self.register_token_generator("default", self._tokens)

    # -- what Authlib asks for

    def query_client(self, client_id: str) -> Application | System | None:
        return self._clients.get(client_id)

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Nothing: an access token proves itself."""

    def create_oauth2_request(self, request: Request) -> Request:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Reply:
        return Reply(status, body, dict(headers))

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def validate_requested_scope(self, scope: str | None) -> None:
        purposes = [name for name in (scope or "").split() if name not in SCOPES]
        if len(purposes) > 1 or not all(PURPOSE_SCOPE.match(name) for name in purposes):
            raise InvalidScopeError

    # -- tokens

    def _tokens(
        self, client: Application | System, user: Officer | None = None, scope: str | None = None, **_: Any
    ) -> dict[str, Any]:
        """The access token of an officer, or of a system on its own account."""
        access = self._access_token(client, user, scope or "")
        return {"token_type": "Bearer", "access_token": access, "expires_in": ACCESS_SECONDS, "scope": scope or ""}

    def _access_token(self, client: Application | System, user: Officer | None, scope: str) -> str:
        who: dict[str, Any] = {"subject": client.client_id, "kind": "system"}
        if user is not None:
            who = {"subject": user.username, "roles": user.roles}
        for match in filter(None, map(PURPOSE_SCOPE.match, scope.split())):
            who["purpose"] = match[1]
        owner = user or client
        assert isinstance(owner, Officer | System)
        return tokens.issue(
            self.key, issuer=self.issuer, audience=self.audience, organisation=owner.organisation,
            hours=ACCESS_SECONDS / 3600, client=client.client_id, **who,
        )  # fmt: skip

    # -- the end of a session

    def logged_out(self, parameters: Mapping[str, str]) -> str | None:
        """Where to go after a logout (OpenID RP-Initiated Logout 1.0), or None to stay. Raises InvalidRequestError."""
        target = parameters.get("post_logout_redirect_uri")
        if target is None:
            return None
        client = APPLICATIONS.get(self._client_of(parameters))
        if client is None or not is_on_loopback(target, client.logged_out):
            raise InvalidRequestError("post_logout_redirect_uri is not one of the client's")
        return target

    def _client_of(self, parameters: Mapping[str, str]) -> str:
        """By the ID token of the session, also one whose time is over; a client_id beside it has to agree."""
        try:
            claims = jwt.decode(parameters.get("id_token_hint", ""), self.key, algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            raise InvalidRequestError("id_token_hint is needed, and is none of this issuer's") from None
        audience = str(claims.get("aud"))
        if claims.get("iss") != self.issuer or parameters.get("client_id", audience) != audience:
            raise InvalidRequestError("id_token_hint is of another client")
        return audience


class _CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def save_authorization_code(self, code: str, request: Request) -> None:
        fields = request.payload.data
        self.server.codes.put(
            Code(
                code, request.client.client_id, request.user, fields["redirect_uri"], request.scope,
                fields.get("nonce"), fields["code_challenge"], self.server.codes.now(),
            )
        )  # fmt: skip

    def query_authorization_code(self, code: str, client: Application) -> Code | None:
        taken: Code | None = self.server.codes.take(code, client.client_id)
        return taken

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """It was taken when it was looked up: a wrong verifier costs the code."""

    def authenticate_user(self, authorization_code: Code) -> Officer:
        return authorization_code.officer


class _Challenge(CodeChallenge):  # type: ignore[misc]
    """PKCE by S256 and no less (RFC 9700 section 2.1.1)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: AuthorizationCodeGrant, redirect_uri: str) -> None:
        fields = grant.request.payload.data
        if not fields.get("code_challenge") or fields.get("code_challenge_method") != "S256":
            raise InvalidRequestError("code_challenge with code_challenge_method=S256 is needed")
        super().validate_code_challenge(grant, redirect_uri)


class _IdToken(OpenIDCode):  # type: ignore[misc]
    def __init__(self, provider: Provider) -> None:
        super().__init__(require_nonce=False)
        self.provider = provider

    def exists_nonce(self, nonce: str, request: Request) -> bool:
        """The client compares it; the provider only carries it."""
        return False

    def resolve_client_private_key(self, client: Application) -> RSAKey:
        return self.provider.key

    def get_encode_header(self, client: Application) -> dict[str, Any]:
        return {"alg": "RS256", "kid": self.provider.key.kid}

    def get_client_claims(self, client: Application) -> dict[str, Any]:
        return {"iss": self.provider.issuer, "aud": client.client_id, "exp": int(time.time()) + ACCESS_SECONDS}

    def generate_user_info(self, user: Officer, scope: str) -> UserInfo:
        organisation = {} if user.organisation == PLATFORM else {"organisation": user.organisation}
        return UserInfo(sub=user.username, preferred_username=user.username, name=user.name, **organisation)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


__all__ = ["OAuth2Error", "Provider", "Reply", "Request"]
