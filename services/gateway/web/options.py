"""What the web needs to know of its surroundings."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class WebOptions:
    """`address` is where browsers find the pages, `issuer` where people sign in.

    `purposes` are those that a person may choose when signing in. `idle` and `absolute` end a session.
    """

    address: str
    issuer: str
    client: str
    client_secret: str | None
    purposes: Sequence[str]
    idle: timedelta
    absolute: timedelta
    discovery: str | None = None
    """Where the provider's description is read; below `issuer` without it."""
    tls: ssl.SSLContext | None = None
    """How the provider's certificate is checked; as the system does without it."""

    @property
    def origin(self) -> str:
        """Scheme, host and port of the pages."""
        return origin_of(self.address)


def origin_of(address: str) -> str:
    """Scheme, host and port of an address, as browsers write them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()
