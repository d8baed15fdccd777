"""The CloudEvents 1.0 attributes every message carries, and their Kafka header form (binary mode).

CloudEvents specification 1.0.2, Kafka protocol binding section 3.2: attributes are headers `ce_<name>` in UTF-8, the
data is the record value, its media type the header `content-type`. `traceparent` is W3C Trace Context's own header.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal, get_args

Classification = Literal["public", "internal", "restricted", "survivor"]
Headers = Sequence[tuple[str, bytes | None]]
"""As a consumer hands them over: Kafka allows a header without a value."""

_CLASSIFICATIONS = frozenset(get_args(Classification))
REQUIRED = ("specversion", "id", "source", "type")
ATTRIBUTES = (
    *REQUIRED,
    "time",
    "subject",
    "recordedtime",
    "correlationid",
    "sequence",
    "purpose",
    "dataclassification",
)
_BARE = ("content-type", "traceparent")
_READ = {name: name for name in _BARE} | {f"ce_{name}": name for name in (*ATTRIBUTES, "traceparent")}
"""What is read of a header, by its name in lower case."""
MAX_ATTRIBUTE = 256
"""Longest attribute accepted from a partner, in characters."""


class BadEnvelope(ValueError):
    """A header is missing or unreadable. `code` is a refusal code, `pointer` names the header; no value is quoted."""

    def __init__(self, code: str, pointer: str) -> None:
        super().__init__(f"{code} at {pointer}")
        self.code, self.pointer = code, pointer


@dataclass(frozen=True, slots=True)
class Envelope:
    """Attributes of one message. `time` is when the fact occurred, `recordedtime` when it was recorded (UTC)."""

    id: str
    source: str
    type: str
    time: datetime
    subject: str | None = None
    recordedtime: datetime | None = None
    correlationid: str | None = None
    sequence: int | None = None
    purpose: str | None = None
    dataclassification: Classification = "internal"
    traceparent: str | None = None

    def headers(self) -> list[tuple[str, bytes]]:
        """The Kafka headers of this message."""
        headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", self.id.encode()),
            ("ce_source", self.source.encode()),
            ("ce_type", self.type.encode()),
            ("ce_time", stamp(self.time).encode()),
            ("ce_dataclassification", self.dataclassification.encode()),
            ("content-type", b"application/json"),
        ]
        optional = (
            ("ce_subject", self.subject),
            ("ce_recordedtime", stamp(self.recordedtime) if self.recordedtime else None),
            ("ce_correlationid", self.correlationid),
            ("ce_sequence", None if self.sequence is None else str(self.sequence)),
            ("ce_purpose", self.purpose),
            ("traceparent", self.traceparent),
        )
        headers += [(name, value.encode()) for name, value in optional if value is not None]
        return headers


@lru_cache(maxsize=4096)
def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, the form of every timestamp on the wire."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def media_type(content_type: str) -> str:
    """A media type without its parameters, in lower case (RFC 9110 section 8.3.1)."""
    return content_type.split(";")[0].strip().lower()


def read_headers(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    """The attributes (without `ce_`), `content-type` and `traceparent`; other headers are dropped unread.

    Raises BadEnvelope `not_utf8` or `bad_header` (an attribute twice, or longer than 256 characters).
    """
    attributes: dict[str, str] = {}
    for name, value in headers:
        key = _READ.get(name) or _READ.get(name.lower())
        if key is None:
            continue
        if value is None:
            raise BadEnvelope("bad_header", f"/headers/{name.lower()}")
        try:
            text = bytes(value).decode()
        except UnicodeDecodeError:
            raise BadEnvelope("not_utf8", f"/headers/{name.lower()}") from None
        if key in attributes or len(text) > MAX_ATTRIBUTE:
            raise BadEnvelope("bad_header", f"/headers/{name.lower()}")
        attributes[key] = text
    return attributes


def read(headers: Iterable[tuple[str, bytes | None]]) -> Envelope:
    """The envelope of a message. Raises BadEnvelope."""
    attributes = read_headers(headers)
    for name in REQUIRED:
        if not attributes.get(name):
            raise BadEnvelope("missing_value", f"/headers/ce_{name}")
    if attributes["specversion"] != "1.0":
        raise BadEnvelope("unsupported_version", "/headers/ce_specversion")
    if media_type(attributes.get("content-type", "application/json")) != "application/json":
        raise BadEnvelope("bad_header", "/headers/content-type")
    classification = attributes.get("dataclassification", "internal")
    if classification not in _CLASSIFICATIONS:
        raise BadEnvelope("unknown_code", "/headers/ce_dataclassification")
    return Envelope(
        id=attributes["id"],
        source=attributes["source"],
        type=attributes["type"],
        time=_time(attributes, "time") or datetime.now(UTC),
        subject=attributes.get("subject"),
        recordedtime=_time(attributes, "recordedtime"),
        correlationid=attributes.get("correlationid"),
        sequence=_sequence(attributes),
        purpose=attributes.get("purpose"),
        dataclassification=classification,  # type: ignore[arg-type]  # checked against get_args above
        traceparent=attributes.get("traceparent"),
    )


def _time(attributes: dict[str, str], name: str) -> datetime | None:
    if name not in attributes:
        return None
    try:
        at = datetime.fromisoformat(attributes[name])
        if at.tzinfo is None:
            raise BadEnvelope("invalid_value", f"/headers/ce_{name}")
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadEnvelope("invalid_value", f"/headers/ce_{name}") from None


def _sequence(attributes: dict[str, str]) -> int | None:
    text = attributes.get("sequence")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadEnvelope("invalid_value", "/headers/ce_sequence")
    return int(text)
