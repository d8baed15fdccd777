"""Every environment variable of the gateway's processes, and of what makes its topics."""

import ssl
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from chassis import settings
from chassis.security.certificates import Identity
from chassis.settings import CaBundle, PemFile

PURPOSES = (
    "consular_protection", "emergency_protection", "identity_stewardship", "local_services", "migration_governance",
    "migration_governance_indicators", "official_statistics", "placement_and_protection",
)  # fmt: skip
"""Those of the agreements that come with Simpul."""


class RateSettings(BaseSettings):
    """How often people and organisations may ask, in each api process. Bursts are requests at once."""

    http_person_per_second: float = Field(100, gt=0, description="Requests a second of one person, in the long run.")
    http_person_burst: int = Field(500, ge=1, description="Requests of one person at once.")
    http_organisation_per_second: float = Field(
        300, gt=0, description="Requests a second of all people and systems of one organisation, in the long run."
    )
    http_organisation_burst: int = Field(2000, ge=1, description="Requests of one organisation at once.")


class WebSettings(BaseSettings):
    """The coordinators' web: there are pages where WEB_ISSUER says who signs people in."""

    web_issuer: str | None = Field(
        None, description="OpenID provider at which people sign in to the pages; without it there are none."
    )
    web_discovery: str | None = Field(
        None, description="Where its description is read, if that is not below its name: in a network of its own."
    )
    web_address: str = Field(
        "http://127.0.0.1:18080", pattern=r"^https?://[^/?#]+$",
        description="Where browsers find the pages: scheme, host and port, as the provider knows them.",
    )  # fmt: skip
    web_client: str = Field("simpul-dashboard", description="Client id of the pages at the provider.")
    web_client_secret: SecretStr | None = Field(None, description="Its secret, if the provider gave it one.")
    web_purposes: str = Field(
        ",".join(PURPOSES), description="Purposes that a person may choose when signing in, separated by commas."
    )
    web_idle_minutes: float = Field(30, gt=0, description="A session of the pages ends when unused for this long,")
    web_absolute_hours: float = Field(10, gt=0, description="and in any case this long after signing in.")


Seen = Literal["docs", "metrics", "operations"]


def _split(names: object) -> object:
    return [name.strip() for name in names.split(",") if name.strip()] if isinstance(names, str) else names


PartnersSee = Annotated[frozenset[Seen], NoDecode, BeforeValidator(_split)]


class Settings(RateSettings, WebSettings, settings.Settings):
    """Where the services answer reads, and who issues bearer tokens.

    INSTANCE has no default: two processes read these settings, and must not go by one name.
    """

    mongo_database: str = "gateway"
    registry_url: str = Field("http://127.0.0.1:8001", description="Base address of the registry.")
    indicators_url: str = Field("http://127.0.0.1:8002", description="Base address of the indicators service.")
    alerts_url: str = Field("http://127.0.0.1:8003", description="Base address of the alerts process.")
    token_issuer: str = Field("https://simpul.local", description="Issuer (iss) of the bearer tokens taken.")
    token_audience: str = Field("simpul", description="Audience (aud) that they must name.")
    token_jwks: str = Field("keys/jwks.json", description="Address or file of the issuer's public keys (JWKS).")
    token_clients: str = Field(
        "simpul-*,system-*", description="Clients (azp) whose tokens are taken, separated by commas; * ends a name."
    )
    write_wait_seconds: float = Field(
        2.0, gt=0, le=30, description="How long the API waits for what becomes of a write before it answers 202."
    )
    token_max_age_seconds: int = Field(43_200, gt=0, description="A token is over this long after it was issued.")
    token_issuers: Path | None = Field(
        None, description="JSON file of further issuers, each for the organisations that it is registered for."
    )

    agreements_file: Path | None = Field(
        None, description="JSON file of agreements to begin with; adopted by the exchange while there are none at all."
    )
    transparency_name: str = Field(
        "simpul.local/disclosures", pattern=r"^[a-z0-9.-]+(/[a-z0-9._-]+)*$",
        description="What the origins of the transparency log of disclosures begin with: a name of yours, no scheme.",
    )  # fmt: skip
    transparency_folder: Path | None = Field(
        None, description="Where its tiles and checkpoint are written (exchange); without it they stay in the database."
    )

    partners_certificate: PemFile | None = Field(
        None, description="Certificate chain (PEM) of the api for partners and people, in place of TLS_CERTIFICATE."
    )
    partners_key: PemFile | None = Field(None, description="Its private key, as TLS_KEY.")
    partners_client_ca: CaBundle | None = Field(
        None,
        description="Mutual TLS with partners: only clients that show a certificate of this CA are answered (api).",
    )
    partners_see: PartnersSee = Field(
        frozenset(),
        description="What of docs, metrics and operations PORT of the api answers too, separated by commas.",
    )
    operations_port: int | None = Field(
        None, description="Port of the api for /metrics and what operators ask; nowhere without it."
    )

    @model_validator(mode="after")
    def _partners_certificate_is_whole(self) -> Self:
        self._require_identity("partners")
        return self

    @cached_property
    def partners_tls(self) -> ssl.SSLContext | None:
        """Of the api towards partners and people; None: plain HTTP."""
        own = Identity(self.partners_certificate, self.partners_key) if self.partners_certificate else self.identity
        return self.certificates.server(own, self.partners_client_ca) if own else None

    @property
    def services(self) -> dict[str, str]:
        """Base address by service."""
        return {
            "registry": self.registry_url,
            "indicators": self.indicators_url,
            "alerts": self.alerts_url,
        }


class Replication(BaseSettings):
    """On how many brokers topics are made. Read by what makes them, and by no process that serves."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    kafka_replication: int = Field(1, ge=1, description="Brokers that hold each record; 3 in production.")
    kafka_min_insync: int = Field(
        1, ge=1, description="Brokers that must hold a record before its writer is told so; 2 in production."
    )

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if self.kafka_min_insync > self.kafka_replication:
            raise ValueError("KAFKA_MIN_INSYNC is above KAFKA_REPLICATION: no record could ever be acknowledged")
        return self


ONE_BROKER = Replication(kafka_replication=1, kafka_min_insync=1)


class PartnerLimits(BaseSettings):
    """How much of the broker one partner may use. Read by what connects partners and watches over them."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    partner_produce_bytes: int = Field(4 * 2**20, ge=1024, description="Bytes a second that a partner may send.")
    partner_consume_bytes: int = Field(16 * 2**20, ge=1024, description="Bytes a second that a partner may read.")
    partner_request_percent: float = Field(
        100, gt=0, description="Share of one broker thread's time that a partner may use."
    )
    partner_topic_bytes: int = Field(
        8 * 2**30, ge=1024, description="Bytes of one partner's loads that are kept before it may send no more of them."
    )
    broker_min_free_bytes: int = Field(
        2 * 2**30, ge=0, description="Free bytes of a broker's disk below which partners lose the right to send loads."
    )
