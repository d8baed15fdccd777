"""Applications that may sign somebody in here, and systems that fetch tokens of their own."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Application(ClientMixin):  # type: ignore[misc]  # authlib is untyped
    """A public client: it has no secret, so it proves with PKCE that it began the sign-in.

    It is called back on loopback alone, at any port (RFC 8252 section 7.3), and at one of its `paths`.
    """

    client_id: str
    paths: tuple[str, ...]
    logged_out: tuple[str, ...] = ()

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: it says where it wants to be called back."""

    def get_allowed_scope(self, scope: str | None) -> str:
        return " ".join(sorted(set((scope or "").split())))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return is_on_loopback(redirect_uri, self.paths)

    def check_client_secret(self, client_secret: str) -> bool:
        return False

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "none"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass(frozen=True)
class System(ClientMixin):  # type: ignore[misc]
    """A partner's system: it fetches its token with its own secret and signs nobody in."""

    client_id: str
    organisation: str
    secret: str

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """It is never called back."""

    def get_allowed_scope(self, scope: str | None) -> str:
        return " ".join(sorted(set((scope or "").split())))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return False

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(self.secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        return False

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"


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
