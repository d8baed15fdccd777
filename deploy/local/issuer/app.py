"""The provider's routes, as OpenID Connect Discovery 1.0 names them."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from joserfc.jwk import KeySet, RSAKey

from contracts import codes
from deploy.local.issuer import page, provider
from deploy.local.issuer.clients import System, require_loopback
from deploy.local.issuer.provider import OAuth2Error, Provider
from deploy.local.keys import TOKEN_KEY, write_secret
from deploy.local.tokens import AUDIENCE

MAX_FORM = 16_384
SYSTEMS = "systems.key"
"""Of this machine's issuer alone: the secrets of systems are made of it."""
SECURE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def create_app(issuer: str, keys: Path) -> FastAPI:
    """The provider at the address `issuer`, which signs with the token key of the folder `keys`.

    Raises ValueError for an address that is not on loopback, and FileNotFoundError where no key is.
    """
    require_loopback(urlsplit(issuer).hostname or "")
    key = RSAKey.import_key((keys / TOKEN_KEY).read_bytes())
    key.ensure_kid()
    server = Provider(issuer, key, systems(keys), AUDIENCE)
    app = FastAPI(title="Sign-in of one machine", docs_url=None, redoc_url=None, openapi_url=None)
    _describe(app, server)
    _sign_in(app, server)
    return app


def systems(keys: Path) -> dict[str, System]:
    """The system of every organisation, by client id."""
    return {
        client: System(client, code, system_secret(keys, code))
        for code in codes.organisations()
        for client in (f"system-{code.lower()}",)
    }


def system_secret(keys: Path, organisation: str) -> str:
    """The client secret of an organisation's system on this machine."""
    file = keys / SYSTEMS
    if not file.exists():
        write_secret(file, secrets.token_bytes(32))
    digest = hmac.digest(file.read_bytes(), organisation.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _describe(app: FastAPI, server: Provider) -> None:
    @app.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, Any]:
        return {
            "issuer": server.issuer,
            "authorization_endpoint": f"{server.issuer}/authorize",
            "token_endpoint": f"{server.issuer}/token",
            "jwks_uri": f"{server.issuer}/jwks",
            "end_session_endpoint": f"{server.issuer}/logout",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": [*provider.SCOPES],
        }

    @app.get("/jwks")
    async def jwks() -> dict[str, Any]:
        public = KeySet([server.key]).as_dict(private=False)
        return {"keys": [dict(entry) | {"use": "sig", "alg": "RS256"} for entry in public["keys"]]}

    @app.get("/readyz")
    async def readyz() -> dict[str, bool]:
        return {"ready": True}


def _sign_in(app: FastAPI, server: Provider) -> None:
    @app.get("/authorize")
    async def choose(request: Request) -> Response:
        authorization = await _read(request, server)
        try:
            grant = server.get_consent_grant(authorization)
        except OAuth2Error as error:
            return _answer(server.handle_error_response(authorization, error))
        fields = authorization.payload.data
        return _html(page.sign_in(grant.request.client.client_id, fields, list(server.officers.values())))

    @app.post("/authorize")
    async def chosen(request: Request) -> Response:
        if not _is_same_origin(request, server.issuer):
            return _html(page.message("Not signed in", "This choice came from another page."), 403)
        authorization = await _read(request, server)
        try:
            grant = server.get_consent_grant(authorization)
        except OAuth2Error as error:
            return _answer(server.handle_error_response(authorization, error))
        officer = server.officers.get(authorization.form.get("officer", ""))
        return _answer(server.create_authorization_response(authorization, grant_user=officer, grant=grant))

    @app.post("/token")
    async def token(request: Request) -> Response:
        return _answer(server.create_token_response(await _read(request, server)))

    @app.get("/logout")
    async def logout(request: Request) -> Response:
        """No session is kept here, so there is none to end: the application forgets its tokens."""
        parameters = dict(request.query_params)
        try:
            target = server.logged_out(parameters)
        except OAuth2Error as error:
            return _html(page.message("Not logged out", error.description or "That request is wrong."), 400)
        if target is None:
            return _html(page.message("Logged out", "You may close this page."))
        state = f"?state={parameters['state']}" if parameters.get("state", "").isalnum() else ""
        return RedirectResponse(f"{target}{state}", 303, SECURE)


async def _read(request: Request, server: Provider) -> provider.Request:
    """The request as Authlib takes it; its address is the issuer's own, whatever the Host header says."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM:
            body = b""
            break
    uri = f"{server.issuer}{request.url.path}" + (f"?{request.url.query}" if request.url.query else "")
    return provider.Request(request.method, uri, body.decode("utf-8", "replace"), _headers(request.headers))


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    """By the names under which Authlib looks them up."""
    return {name.title(): value for name, value in headers.items()}


def _is_same_origin(request: Request, issuer: str) -> bool:
    """A form that another site sends in the user's name is refused: the browser says where it comes from."""
    site = request.headers.get("sec-fetch-site")
    return site == "same-origin" if site else request.headers.get("origin") == issuer


def _answer(reply: provider.Reply) -> Response:
    headers = {**SECURE, **reply.headers}
    if "Location" in headers:
        return Response(status_code=303 if reply.status == 302 else reply.status, headers=headers)
    if isinstance(reply.body, str):
        return HTMLResponse(reply.body, reply.status, headers)
    return JSONResponse(json.loads(json.dumps(reply.body)), reply.status, headers)


def _html(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, SECURE)
