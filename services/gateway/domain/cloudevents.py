"""CloudEvents in their JSON form, made the binary form in which topics carry them.

CloudEvents 1.0.2: JSON event format, and the bindings of HTTP and Kafka. The media type says which form an event has;
media types and names of headers are compared without regard to case.
"""

import json
from collections.abc import Mapping
from typing import Any

from contracts.envelope import ATTRIBUTES, MAX_ATTRIBUTE, Headers, media_type
from contracts.outcomes import Refused
from services.gateway.domain.validation import parse_json

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
BINARY_NAMES = ("content-type", "traceparent")
"""Headers of an event that have no prefix in binary mode."""

Event = tuple[list[tuple[str, bytes]], bytes]
"""Headers and value of an event in binary mode."""


def as_binary(headers: Headers, value: bytes) -> tuple[Headers, bytes]:
    """A record in binary mode, whichever of the two modes of Kafka it came in. Raises Refused."""
    content_type = _plain(headers, "content-type")
    if content_type is None or media_type(content_type.decode("ascii", "replace")) != STRUCTURED:
        return headers, value
    attributes, data = from_json(parse_json(value))
    trace = _plain(headers, "traceparent")
    if trace is None or _plain(attributes, "traceparent") is not None:
        return attributes, data
    return [*attributes, ("traceparent", trace)], data


def _plain(headers: Headers, wanted: str) -> bytes | None:
    return next((bytes(value) for name, value in headers if name.lower() == wanted and value is not None), None)


def from_json(item: Any) -> Event:
    """An event in JSON form. Raises Refused, with pointers as in binary mode: attributes are headers, data the body."""
    if not isinstance(item, dict) or not isinstance(item.get("data"), dict):
        raise Refused("bad_json")
    attributes = {name: _text(name, item[name]) for name in ATTRIBUTES if item.get(name) is not None}
    attributes["content-type"] = _text("content-type", item.get("datacontenttype", "application/json"))
    if "traceparent" in item:
        attributes["traceparent"] = _text("traceparent", item["traceparent"])
    return to_headers(attributes), _encoded(json.dumps(item["data"], ensure_ascii=False), "")


def to_headers(attributes: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """Attributes as headers of a record. Raises Refused `not_utf8`."""
    return [(_header(name), _encoded(value, f"/headers/{_header(name)}")) for name, value in attributes.items()]


def find_header(headers: Headers, name: str) -> str | None:
    """A header that is there once, readable and not too long."""
    values = [value for key, value in headers if key.lower() == name]
    if len(values) != 1 or values[0] is None:
        return None
    try:
        text = bytes(values[0]).decode()
    except UnicodeDecodeError:
        return None
    return text if 0 < len(text) <= MAX_ATTRIBUTE else None


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Refused("invalid_value", f"/headers/{_header(name)}", "text")
    return value


def _encoded(text: str, pointer: str) -> bytes:
    """JSON can name half a character (`\\ud800`), which UTF-8 cannot."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Refused("not_utf8", pointer) from None


def _header(name: str) -> str:
    return name if name in BINARY_NAMES else f"ce_{name}"
