"""CloudEvents over HTTP (HTTP protocol binding 1.0.2) to and from the binary form of Kafka."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import unquote

from starlette.datastructures import Headers

from chassis.messaging.record import Record
from contracts.envelope import ATTRIBUTES, BadEnvelope, media_type, read, read_headers
from contracts.outcomes import Refused
from services.gateway.domain.cloudevents import BATCH, Event, from_json, to_headers
from services.gateway.domain.validation import parse_json


def parse(headers: Headers, body: bytes) -> list[Event]:
    """The events of one request. Raises Refused; in a batch the pointer begins with the event's index.

    Only what is needed to pass an event on is checked; its type and content are answered by receipt, as over Kafka.
    """
    batched = media_type(headers.get("content-type", "")) == BATCH
    return [_checked(read, f"/{index}" if batched else "") for index, read in enumerate(readers(headers, body))]


def readers(headers: Headers, body: bytes) -> list[Callable[[], Event]]:
    """Per event of one request what reads it, or raises Refused. Raises Refused for a batch that is none."""
    match media_type(headers.get("content-type", "")):
        case "application/cloudevents-batch+json":
            items = parse_json(body)
            if not isinstance(items, list):
                raise Refused("bad_json")
            return [partial(from_json, item) for item in items]
        case "application/cloudevents+json":
            return [lambda: from_json(parse_json(body))]
        case _:
            return [partial(_binary, headers, body)]


def rendered(record: Record) -> dict[str, Any]:
    """A record of a partner's topic as one structured event."""
    attributes = read_headers(record.headers)
    attributes["datacontenttype"] = attributes.pop("content-type", "application/json")
    return attributes | {"data": json.loads(record.value or b"null")}


def _binary(headers: Headers, body: bytes) -> Event:
    """Values of attributes are percent-encoded where they are not plain ASCII (section 3.1.3.2)."""
    if not isinstance(parse_json(body), dict):
        raise Refused("bad_json")
    attributes = {name: unquote(text) for name in ATTRIBUTES if (text := _once(headers, f"ce-{name}")) is not None}
    plain = {name: text for name in ("content-type", "traceparent") if (text := _once(headers, name)) is not None}
    return to_headers(attributes | plain), body


def _once(headers: Headers, name: str) -> str | None:
    values = headers.getlist(name)
    if len(values) > 1:
        raise Refused("bad_header", f"/headers/{name.replace('ce-', 'ce_')}")
    return values[0] if values else None


def _checked(read_event: Callable[[], Event], root: str) -> Event:
    try:
        event = read_event()
        read(event[0])
    except BadEnvelope as bad:
        raise Refused(bad.code, root + bad.pointer) from None
    except Refused as refusal:
        problems = (problem.model_copy(update={"pointer": root + problem.pointer}) for problem in refusal.problems)
        raise Refused.because(tuple(problems)) from None
    return event
