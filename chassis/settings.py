"""Settings that every process shares, read from environment variables of the same name in capitals."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """One process. Required: KAFKA_URL, MONGO_URL, KEYS; all else has a default for one machine."""

    model_config = SettingsConfigDict(env_ignore_empty=True, hide_input_in_errors=True, extra="ignore")

    kafka_url: str = Field(description="Bootstrap servers, host:port separated by commas.")
    kafka_user: str | None = Field(None, description="SCRAM-SHA-512 user of this process.")
    kafka_password: SecretStr | None = Field(None, description="Its password.")
    kafka_security: Literal["SASL_PLAINTEXT", "SASL_SSL", "PLAINTEXT"] = Field(
        "SASL_PLAINTEXT", description="SASL_PLAINTEXT, SASL_SSL, or PLAINTEXT for a broker without logins."
    )
    kafka_ca: Path | None = Field(None, description="CA bundle for SASL_SSL; the system's own without it.")
    mongo_url: str = Field(description="MongoDB connection string of this service's own server.")
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
