"""TLS of one process: whom it trusts, who it is, and renewed files taken while it runs."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from prometheus_client import Gauge

READ_EVERY_SECONDS = 2.0
MINIMUM = ssl.TLSVersion.TLSv1_2
EXPIRES = Gauge("simpul_certificate_expires_at", "When a certificate of this process is over (UNIX time)", ["file"])


class Unusable(ValueError):
    """A file cannot be read, or is not what its setting says; the text has nothing of its content."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The certificate chain that a process shows and its private key (PEM, no passphrase); no `key`: in one file."""

    certificate: Path
    key: Path | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        return (self.certificate, self.key) if self.key else (self.certificate,)

    def show_in(self, context: ssl.SSLContext) -> None:
        """Raises Unusable."""
        for file in self.files:
            require_readable(file)
        try:
            context.load_cert_chain(self.certificate, self.key, password=_no_passphrase)
        except ssl.SSLError as error:
            what = (
                "do not belong together" if error.reason == "KEY_VALUES_MISMATCH" else "are not PEM without passphrase"
            )
            raise Unusable(f"certificate and key ({', '.join(map(str, self.files))}) {what}") from None

    def remember_end(self) -> None:
        """For whoever watches the metric. Raises Unusable."""
        try:
            certificate = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        except (OSError, ValueError):
            raise Unusable(f"{self.certificate} begins with no certificate") from None
        EXPIRES.labels(self.certificate.name).set(certificate.not_valid_after_utc.timestamp())


def _no_passphrase() -> str:
    """Else OpenSSL asks for it at the terminal."""
    return ""


def require_readable(file: Path) -> None:
    """Raises Unusable."""
    try:
        with file.open("rb"):
            pass
    except OSError as error:
        raise Unusable(f"{file} cannot be read ({error.strerror})") from None


def trust(context: ssl.SSLContext, ca: Path) -> None:
    """Raises Unusable."""
    require_readable(ca)
    try:
        context.load_verify_locations(ca)
    except ssl.SSLError:
        raise Unusable(f"{ca} holds no CA certificate in PEM") from None


def client_context(ca: Path | None, identity: Identity | None, *, system: bool = False) -> ssl.SSLContext:
    """For connections that we open: the other's certificate names the host and is of `ca`.

    Without one it is of the system's CAs; with `system` of either. Raises Unusable.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = MINIMUM
    if ca is None or system:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    if ca is not None:
        trust(context, ca)
    if identity is not None:
        identity.show_in(context)
    return context


def server_context(identity: Identity, client_ca: Path | None = None) -> ssl.SSLContext:
    """For connections that others open; with `client_ca` only by those who show a certificate of it.

    Raises Unusable.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = MINIMUM
    identity.show_in(context)
    if client_ca is not None:
        trust(context, client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@dataclass(slots=True)
class _Kept:
    """A context in use, of which files it was made, and what these were."""

    context: ssl.SSLContext
    make: Callable[[], ssl.SSLContext]
    ca: Path | None
    identity: Identity | None
    seen: tuple[object, ...] = ()


class Certificates:
    """The contexts of one process. `refresh` has them take renewed files; connections that stand are not touched."""

    def __init__(self) -> None:
        self._kept: list[_Kept] = []

    def client(self, ca: Path | None, identity: Identity | None, *, system: bool = False) -> ssl.SSLContext:
        """As `client_context`."""
        return self._keep(lambda: client_context(ca, identity, system=system), ca, identity)

    def server(self, identity: Identity, client_ca: Path | None = None) -> ssl.SSLContext:
        """As `server_context`."""
        return self._keep(lambda: server_context(identity, client_ca), client_ca, identity)

    def _keep(self, make: Callable[[], ssl.SSLContext], ca: Path | None, identity: Identity | None) -> ssl.SSLContext:
        kept = _Kept(make(), make, ca, identity)
        kept.seen = _state(kept)
        self._kept.append(kept)
        if identity is not None:
            identity.remember_end()
        return kept.context

    async def refresh(self) -> None:
        """Take what the files hold now; a CA that is no longer among them is trusted until the process ends.

        Raises Unusable when all others have been taken, and then that context stays as it is.
        """
        unusable: Unusable | None = None
        for kept in self._kept:
            try:
                _renew(kept)
            except Unusable as error:
                unusable = unusable or error
        if unusable is not None:
            raise unusable


def _renew(kept: _Kept) -> None:
    state = _state(kept)
    if state != kept.seen:
        kept.make()  # tried apart: OpenSSL drops the old key when it takes a certificate that it does not fit
        _take(kept)
        kept.seen = state


def _take(kept: _Kept) -> None:
    if kept.ca is not None:
        trust(kept.context, kept.ca)
    if kept.identity is not None:
        kept.identity.show_in(kept.context)
        kept.identity.remember_end()


def _state(kept: _Kept) -> tuple[object, ...]:
    """Differs once a file was replaced or written to. Raises Unusable."""
    files = (*((kept.ca,) if kept.ca else ()), *(kept.identity.files if kept.identity else ()))
    try:
        stats = [file.stat() for file in files]
    except OSError as error:
        raise Unusable(f"{error.filename} cannot be read ({error.strerror})") from None
    return tuple((stat.st_ino, stat.st_mtime_ns, stat.st_size) for stat in stats)
