"""Settings that every process shares, read from environment variables of the same name in capitals."""

from __future__ import annotations

import ssl
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import parse_qs

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.security import certificates
from chassis.security.certificates import Certificates, Identity


def _ca_bundle(file: Path) -> Path:
    certificates.trust(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), file)
    return file


def _readable(file: Path) -> Path:
    certificates.require_readable(file)
    return file


CaBundle = Annotated[Path, AfterValidator(_ca_bundle)]
PemFile = Annotated[Path, AfterValidator(_readable)]


UNCHECKED = ("tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames")
"""Options of a database's address, in lower case, with which anybody could be the database."""


class TlsSettings(BaseSettings):
    """Certificates, as PEM files. One shape for HTTP, the broker and the database: a CA, a certificate and its key."""

    model_config = SettingsConfigDict(env_ignore_empty=True, hide_input_in_errors=True, extra="ignore")

    tls_ca: CaBundle | None = Field(
        None, description="CA bundle (PEM) for every server that this process connects to; the system's own without it."
    )
    tls_certificate: PemFile | None = Field(
        None,
        description="Certificate chain (PEM) of this process: it answers by HTTPS, and shows it to servers that ask.",
    )
    tls_key: PemFile | None = Field(
        None, description="Its private key (PEM, no passphrase); without it, in the same file as the certificate."
    )
    tls_client_ca: CaBundle | None = Field(
        None, description="Mutual TLS: only clients that show a certificate of this CA are answered."
    )

    kafka_ca: CaBundle | None = Field(None, description="CA bundle for the broker, in place of TLS_CA.")
    mongo_ca: CaBundle | None = Field(None, description="CA bundle for the database, in place of TLS_CA.")
    mongo_certificate: PemFile | None = Field(
        None, description="Certificate and private key (one PEM file) for a database that asks for one."
    )

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        self._require_identity("tls")
        return self

    def _require_identity(self, prefix: str) -> None:
        """Raises ValueError unless what begins with `prefix` makes a server's side of TLS, or nothing does."""
        certificate, key, client_ca = (
            getattr(self, f"{prefix}_{part}") for part in ("certificate", "key", "client_ca")
        )
        name = f"{prefix.upper()}_CERTIFICATE"
        if certificate is None and (key or client_ca):
            raise ValueError(f"{name} is missing, which {prefix.upper()}_{'KEY' if key else 'CLIENT_CA'} needs")
        if certificate is not None:
            try:
                certificates.server_context(Identity(certificate, key))
            except certificates.Unusable as unusable:
                raise ValueError(f"{name}: {unusable}") from None

    @cached_property
    def certificates(self) -> Certificates:
        """Whatever contexts were made of these settings, for taking renewed files."""
        return Certificates()

    @cached_property
    def identity(self) -> Identity | None:
        """Who this process is among ours."""
        return Identity(self.tls_certificate, self.tls_key) if self.tls_certificate else None

    @cached_property
    def server_tls(self) -> ssl.SSLContext | None:
        """Of the HTTP app; None: plain HTTP."""
        return self.certificates.server(self.identity, self.tls_client_ca) if self.identity else None

    @cached_property
    def client_tls(self) -> ssl.SSLContext:
        """Towards other processes of ours."""
        return self.certificates.client(self.tls_ca, self.identity)

    @cached_property
    def public_tls(self) -> ssl.SSLContext:
        """Towards servers that may be the world's, such as issuers: the system's CAs count, and TLS_CA."""
        return self.certificates.client(self.tls_ca, self.identity, system=True)

    def mongo_tls(self, url: str) -> dict[str, str]:
        """Options of the database's driver, which reads the files itself; none for an address that asks for no TLS."""
        options = _options(url)
        tls = options.get("tls", options.get("ssl", "true" if url.startswith("mongodb+srv:") else "false"))
        if tls != "true":
            return {}
        files = {"tlsCAFile": self.mongo_ca or self.tls_ca, "tlsCertificateKeyFile": self.mongo_certificate}
        return {name: str(file) for name, file in files.items() if file is not None}


def _options(url: str) -> dict[str, str]:
    """Of a database's address, by their names in lower case."""
    return {name.lower(): values[-1].lower() for name, values in parse_qs(url.partition("?")[2]).items()}


def problems_of(error: ValidationError) -> list[str]:
    """Which environment variables are wrong and why, without what they hold."""
    problems = []
    for problem in error.errors(include_input=False, include_url=False):
        name = "_".join(str(part) for part in problem["loc"]).upper()
        problems.append(f"{name}: {problem['msg']}".removeprefix(": ").replace("Value error, ", ""))
    return problems


class Settings(TlsSettings):
    """One process. Required: KAFKA_URL, MONGO_URL, KEYS; all else has a default for one machine."""

    kafka_url: str = Field(description="Bootstrap servers, host:port separated by commas.")
    kafka_user: str | None = Field(None, description="SCRAM-SHA-512 user of this process.")
    kafka_password: SecretStr | None = Field(None, description="Its password.")
    kafka_security: Literal["SASL_PLAINTEXT", "SASL_SSL", "PLAINTEXT"] = Field(
        "SASL_PLAINTEXT", description="SASL_PLAINTEXT, SASL_SSL, or PLAINTEXT for a broker without logins."
    )
    mongo_url: str = Field(
        description="MongoDB connection string of this service's own server; with tls=true over TLS."
    )
    mongo_database: str = Field(description="Database name.")
    keys: Path = Field(description="Key-ring file of this process (JSON, mode 0600).")
    instance: str = Field(description="Name of this process, stable over restarts: the static Kafka member id.")
    topic_prefix: str = Field("", description="Put before every topic and group name (tests).")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, description="Port of the HTTP app.")
    otel_exporter_otlp_endpoint: str | None = Field(
        None, description="OTLP/HTTP collector; no traces leave without it."
    )
    zipkin_endpoint: str | None = Field(None, description="Zipkin v2 spans address, instead of OTLP.")
    trace_ratio: float = Field(0.01, ge=0, le=1, description="Share of traces begun here that are recorded.")
    outbox_kept_hours: float = Field(24, gt=0, description="Hours that published messages stay in the database.")
    processed_kept_days: float = Field(
        30, gt=0, description="Days in which a record that is sent again gets the outcome of the first."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="DEBUG, INFO, WARNING or ERROR."
    )

    @model_validator(mode="after")
    def _is_used(self) -> Self:
        """Whoever names a CA for a server expects TLS there, and that it is checked."""
        if self.kafka_ca and self.kafka_security != "SASL_SSL":
            raise ValueError("KAFKA_CA is set, but KAFKA_SECURITY is not SASL_SSL")
        if any(_options(self.mongo_url).get(name, "false") != "false" for name in UNCHECKED):
            raise ValueError("MONGO_URL switches the check of the database's certificate or name off")
        wanted = self.mongo_ca or self.mongo_certificate
        if wanted and not self.mongo_tls(self.mongo_url):
            raise ValueError(f"MONGO_{'CA' if self.mongo_ca else 'CERTIFICATE'} is set, but MONGO_URL lacks tls=true")
        return self

    @cached_property
    def kafka_tls(self) -> ssl.SSLContext | None:
        """Towards the broker; None: none."""
        if self.kafka_security != "SASL_SSL":
            return None
        return self.certificates.client(self.kafka_ca or self.tls_ca, self.identity)
