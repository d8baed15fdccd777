"""Sign-in by OpenID Connect: authorization code with PKCE (RFC 7636), renewal, and sign-out at the provider."""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError

from services.gateway.web.options import WebOptions
from services.gateway.web.sessions import Tokens

ALGORITHMS = ["RS256", "PS256", "ES256"]
SECONDS = 5.0
"""How long the provider may take to answer."""
KEPT_SECONDS = 300
"""How long its description is believed."""
LEEWAY_SECONDS = 60


class ProviderAway(Exception):
    """The provider does not answer, or answers what it should not."""


class SignInRefused(Exception):
    """The provider did not sign the person in, or what came back is not the answer to what was asked."""


class Attempt(BaseModel):
    """A sign-in that has begun: kept sealed in the browser that began it."""

    model_config = ConfigDict(frozen=True)

    state: str
    nonce: str
    verifier: str
    begun: float
    next: str
    purpose: str | None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who the provider says came back."""

    name: str
    tokens: Tokens


class Provider(BaseModel):
    """What of the provider's description (OpenID Connect Discovery 1.0) is used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None


class SignIn:
    """A client of one provider."""

    def __init__(self, options: WebOptions, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._options, self._transport = options, transport
        self._provider: Provider | None = None
        self._read_at = 0.0

    @property
    def callback(self) -> str:
        """Where the provider sends people back to."""
        return f"{self._options.address}/login/callback"

    async def begin(self, purpose: str | None, next_path: str) -> tuple[str, Attempt]:
        """Where to send the browser, and what to compare with when it comes back. Raises ProviderAway."""
        provider = await self._describe()
        attempt = Attempt(
            state=secrets.token_urlsafe(24), nonce=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48),
            begun=time.time(), next=next_path, purpose=purpose,
        )  # fmt: skip
        challenge = base64.urlsafe_b64encode(sha256(attempt.verifier.encode()).digest()).rstrip(b"=").decode()
        scope = " ".join(["openid", "profile", *([f"purpose:{purpose}"] if purpose else [])])
        query = {
            "response_type": "code", "client_id": self._options.client, "redirect_uri": self.callback, "scope": scope,
            "state": attempt.state, "nonce": attempt.nonce, "code_challenge": challenge,
            "code_challenge_method": "S256",
        }  # fmt: skip
        return _with_query(provider.authorization_endpoint, query), attempt

    async def finish(self, attempt: Attempt, query: dict[str, str]) -> SignedIn:
        """Exchange the code that came back. Raises SignInRefused and ProviderAway."""
        provider = await self._describe()
        if not secrets.compare_digest(query.get("state", "").encode(), attempt.state.encode()):
            raise SignInRefused
        if query.get("iss", provider.issuer) != provider.issuer or "code" not in query:  # RFC 9207
            raise SignInRefused
        answer = await self._ask_for_token(
            {
                "grant_type": "authorization_code", "code": query["code"], "redirect_uri": self.callback,
                "code_verifier": attempt.verifier,
            }
        )  # fmt: skip
        claims = await self._verify(str(answer.get("id_token", "")), attempt.nonce)
        name = claims.get("name") or claims.get("preferred_username") or claims["sub"]
        return SignedIn(str(name), _tokens(answer))

    async def renew(self, tokens: Tokens) -> Tokens:
        """New tokens for a refresh token. Raises SignInRefused where there is none or it is over, ProviderAway."""
        if tokens.refresh is None:
            raise SignInRefused
        answer = await self._ask_for_token({"grant_type": "refresh_token", "refresh_token": tokens.refresh})
        renewed = _tokens(answer)
        kept = {"refresh": renewed.refresh or tokens.refresh, "id_token": renewed.id_token or tokens.id_token}
        return renewed.model_copy(update=kept)

    async def sign_out_address(self, tokens: Tokens, back_to: str) -> str:
        """Where the browser ends its session at the provider (RP-Initiated Logout 1.0), or `back_to` itself."""
        try:
            provider = await self._describe()
        except ProviderAway:
            return back_to
        if provider.end_session_endpoint is None or not tokens.id_token:
            return back_to
        query = {
            "id_token_hint": tokens.id_token, "client_id": self._options.client, "post_logout_redirect_uri": back_to,
        }  # fmt: skip
        return _with_query(provider.end_session_endpoint, query)

    async def _describe(self) -> Provider:
        if self._provider is None or time.monotonic() - self._read_at > KEPT_SECONDS:
            below = f"{self._options.issuer.rstrip('/')}/.well-known/openid-configuration"
            description = await self._get(self._options.discovery or below)
            try:
                provider = Provider.model_validate(description)
            except ValidationError:
                raise ProviderAway from None
            if provider.issuer != self._options.issuer:
                raise ProviderAway
            self._provider, self._read_at = provider, time.monotonic()
        return self._provider

    async def _verify(self, id_token: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token (OpenID Connect Core 1.0 section 3.1.3.7). Raises SignInRefused, ProviderAway."""
        provider = await self._describe()
        keys = await self._get(provider.jwks_uri)
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": self._options.client},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True}, iat={"essential": True}, sub={"essential": True},
        )  # fmt: skip
        try:
            claims = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=ALGORITHMS).claims
            rules.validate(claims)
        except (JoseError, ValueError, KeyError, TypeError):
            raise SignInRefused from None
        if claims.get("azp", self._options.client) != self._options.client:
            raise SignInRefused
        return claims

    async def _ask_for_token(self, form: dict[str, str]) -> dict[str, Any]:
        provider = await self._describe()
        secret = self._options.client_secret
        basic = httpx.BasicAuth(self._options.client, secret) if secret else None
        body = form if secret else form | {"client_id": self._options.client}
        try:
            async with self._client() as client:
                answer = await client.post(provider.token_endpoint, data=body, auth=basic or httpx.USE_CLIENT_DEFAULT)
        except httpx.HTTPError:
            raise ProviderAway from None
        if answer.is_server_error:
            raise ProviderAway
        if not answer.is_success:
            raise SignInRefused
        return _object(answer)

    async def _get(self, address: str) -> Any:
        try:
            async with self._client() as client:
                answer = (await client.get(address)).raise_for_status()
        except httpx.HTTPError:
            raise ProviderAway from None
        return _object(answer)

    def _client(self) -> httpx.AsyncClient:
        tls = self._options.tls or True
        return httpx.AsyncClient(timeout=SECONDS, trust_env=False, verify=tls, transport=self._transport)


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        raise ProviderAway from None
    if not isinstance(content, dict):
        raise ProviderAway
    return content


def _tokens(answer: dict[str, Any]) -> Tokens:
    seconds = answer.get("expires_in")
    until = time.time() + (seconds if isinstance(seconds, int | float) else 60)
    try:
        return Tokens(
            access=answer["access_token"], until=until, refresh=answer.get("refresh_token"),
            id_token=answer.get("id_token") or "",
        )  # fmt: skip
    except (KeyError, ValidationError):
        raise ProviderAway from None


def _with_query(address: str, query: dict[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"
