"""CloudEvents over HTTP (HTTP protocol binding 1.0.2) to and from the Kafka form: binary, structured and batched."""

import json
from collections.abc import Mapping
from typing import Any

from chassis.messaging.consumer import Record
from contracts.envelope import ATTRIBUTES, BadEnvelope, read, read_headers
from contracts.outcomes import Refused

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
Headers = list[tuple[str, bytes]]
Event = tuple[Headers, bytes]
"""Kafka headers and value."""


def parse(media_type: str, headers: Mapping[str, str], body: bytes) -> list[Event]:
    """The events of one request. Raises Refused; in a batch the pointer begins with the event's index.

    Only what is needed to pass an event on is checked; its type and content are answered by receipt, as over Kafka.
    """
    kind = media_type.split(";")[0].strip().lower()
    if kind == BATCH:
        items = _json(body)
        if not isinstance(items, list):
            raise Refused("bad_json")
        return [_structured(item, f"/{index}") for index, item in enumerate(items)]
    if kind == STRUCTURED:
        return [_structured(_json(body), "")]
    attributes = {name: value for name in ATTRIBUTES if (value := headers.get(f"ce-{name}")) is not None}
    attributes |= {name: headers[name] for name in ("content-type", "traceparent") if name in headers}
    return [(_checked(attributes, "/header/ce-"), body)]


def rendered(record: Record) -> dict[str, Any]:
    """A record of a partner's topic as one structured event."""
    found = read_headers(record.headers)
    found["datacontenttype"] = found.pop("content-type", "application/json")
    return found | {"data": json.loads(record.value or b"null")}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("bad_json") from None


def _structured(item: Any, root: str) -> Event:
    if not isinstance(item, dict):
        raise Refused("bad_json", root)
    if "data_base64" in item:
        raise Refused("invalid_value", f"{root}/data_base64")
    attributes = {}
    for name in (*ATTRIBUTES, "traceparent"):
        value = item.get(name)
        if value is not None and not isinstance(value, str):
            raise Refused("invalid_value", f"{root}/{name}")
        if value is not None:
            attributes[name] = value
    attributes["content-type"] = str(item.get("datacontenttype", "application/json"))
    data = json.dumps(item["data"], ensure_ascii=False).encode(errors="replace") if "data" in item else b""
    return _checked(attributes, f"{root}/"), data


def _checked(attributes: Mapping[str, str], root: str) -> Headers:
    plain = ("content-type", "traceparent")
    headers = [
        (name if name in plain else f"ce_{name}", value.encode(errors="replace")) for name, value in attributes.items()
    ]
    try:
        read(headers)
    except BadEnvelope as bad:
        name = bad.pointer.removeprefix("/headers/").removeprefix("ce_")
        raise Refused(bad.code, root + name) from None
    return headers
