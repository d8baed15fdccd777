"""Applications that may sign somebody in here, and systems that fetch tokens of their own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class _Client(ClientMixin):  # type: ignore[misc]  # authlib is untyped
    """What authlib asks of any client. Those here differ in how they prove who they are, and in what they may ask."""

    client_id: str
    auth_methods: ClassVar[frozenset[str]]
    response_types: ClassVar[frozenset[str]] = frozenset()
    grant_type: ClassVar[str]

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: who is called back says where."""

    def get_allowed_scope(self, scope: str | None) -> str:
        return " ".join(sorted(set((scope or "").split())))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return False

    def check_client_secret(self, client_secret: str) -> bool:
        return False

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in self.auth_methods

    def check_response_type(self, response_type: str) -> bool:
        return response_type in self.response_types

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == self.grant_type


@dataclass(frozen=True)
class Application(_Client):
    """A public client: it has no secret, so it proves with PKCE that it began the sign-in.

    It is called back on loopback alone, at any port (RFC 8252 section 7.3), and at one of its `paths`.
    """

    client_id: str
    paths: tuple[str, ...]
    logged_out: tuple[str, ...] = ()

    auth_methods = frozenset({"none"})
    response_types = frozenset({"code"})
    grant_type = "authorization_code"

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return is_on_loopback(redirect_uri, self.paths)


@dataclass(frozen=True)
class System(_Client):
    """A partner's system: it fetches its token with its own secret and signs nobody in."""

    client_id: str
    organisation: str
    secret: str

    auth_methods = frozenset({"client_secret_basic", "client_secret_post"})
    grant_type = "client_credentials"

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(self.secret.encode(), client_secret.encode())


APPLICATIONS: Mapping[str, Application] = {
    application.client_id: application
    for application in (
        Application("simpul-dashboard", ("/login/callback",), ("/", "/logged-out")),
        Application("simpul-cli", ("/callback",)),
    )
}


def require_loopback(host: str) -> None:
    """Raises ValueError for a host from which others could reach a sign-in that asks for no password."""
    if host not in LOOPBACK:
        raise ValueError(f"{host} is not on loopback: this issuer asks for no password and is for one machine only.")


def is_on_loopback(address: str, paths: tuple[str, ...]) -> bool:
    """An http address of this machine with one of these paths, and nothing else in it."""
    try:
        parts = urlsplit(address)
        plain = parts.port is not None and parts.username is None and not parts.query and "#" not in address
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in LOOPBACK and parts.path in paths and plain
