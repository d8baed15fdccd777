"""Events in their JSON form are the same records as in binary mode."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from contracts.commands import Principal
from contracts.envelope import read
from contracts.outcomes import Refused
from services.gateway.domain.cloudevents import as_binary, find_header
from services.gateway.domain.submissions import read_submission

NOW = datetime(2026, 4, 11, tzinfo=UTC)
BODY = {"occurred_at": "2026-04-10", "person": {"passport": "X0000001"}, "destination": "MY", "scheme": "p_to_p"}
ATTRIBUTES: dict[str, Any] = {
    "specversion": "1.0", "id": "catatan-é", "source": "/KP2MI/sisko", "type": "partner.placement.reported.v1",
    "time": datetime(2026, 4, 10, 3, tzinfo=UTC), "datacontenttype": "application/json",
}  # fmt: skip
MEDIA = b"application/cloudevents+json"
TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def structured(**changes: Any) -> bytes:
    return json.dumps({"specversion": "1.0", "id": "r-1", "source": "/KP2MI/sisko", "data": BODY} | changes).encode()


def refusal(value: bytes) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        as_binary([("content-type", MEDIA)], value)
    (found,) = refused.value.problems
    return found.code, found.pointer


def test_what_an_sdk_sends_in_either_mode_is_the_same_submission() -> None:
    event = CloudEvent(ATTRIBUTES, BODY)
    read_of = []
    for message in to_binary(event, JSONFormat()), to_structured(event, JSONFormat()):
        headers, value = as_binary(list(message.headers.items()), message.value)
        read_of.append(read_submission(headers, value, Principal(organisation="KP2MI"), str, NOW, urgent=False))
    assert read_of[0] == read_of[1]
    assert read_of[0].envelope.id == "catatan-é"


@pytest.mark.parametrize("name", ["content-type", "Content-Type", "CONTENT-TYPE"])
@pytest.mark.parametrize(
    "media", [MEDIA, b"Application/CloudEvents+JSON", MEDIA + b"; charset=UTF-8", MEDIA + b" ;x=y"]
)
def test_media_types_and_names_of_headers_are_compared_without_regard_to_case(name: str, media: bytes) -> None:
    headers, value = as_binary([(name, media)], structured())
    assert (find_header(headers, "ce_id"), json.loads(value)) == ("r-1", BODY)


@pytest.mark.parametrize("media", [b"application/json", b"Application/JSON; Charset=utf-8"])
def test_a_record_in_binary_mode_stays_as_it_is(media: bytes) -> None:
    given = [
        ("Ce_Id", b"r-1"),
        ("ce_specversion", b"1.0"),
        ("CE_SOURCE", b"/x/y"),
        ("ce_type", b"t"),
        ("Content-Type", media),
    ]
    assert as_binary(given, b"{}") == (given, b"{}")
    assert read(given).id == "r-1"


def test_a_trace_in_a_header_goes_on_unless_the_event_has_its_own() -> None:
    given = [("content-type", MEDIA), ("traceparent", TRACE)]
    assert find_header(as_binary(given, structured())[0], "traceparent") == TRACE.decode()
    own = TRACE.replace(b"0af7", b"1af7").decode()
    assert find_header(as_binary(given, structured(traceparent=own))[0], "traceparent") == own


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b'{"specversion": "1.0"', ("bad_json", "")),
        (b"[]", ("bad_json", "")),
        (b"\xff", ("not_utf8", "")),
        (structured(data="text"), ("bad_json", "")),
        (structured(data=None, data_base64="e30="), ("bad_json", "")),
        (structured(id=17), ("invalid_value", "/headers/ce_id")),
        (structured(traceparent={}), ("invalid_value", "/headers/traceparent")),
        (structured(datacontenttype=1), ("invalid_value", "/headers/content-type")),
        (structured(subject="\ud800"), ("not_utf8", "/headers/ce_subject")),
        (structured(data={"note": "\ud800"}), ("not_utf8", "")),
        (structured().replace(b'"id"', b'"id": "r-2", "id"'), ("bad_json", "")),
    ],
)
def test_what_is_no_event_is_refused_with_the_pointers_of_binary_mode(value: bytes, expected: tuple[str, str]) -> None:
    assert refusal(value) == expected


@pytest.mark.parametrize("headers", [[], [("content-type", None)], [("CONTENT-TYPE", b"\xff")]])
def test_odd_headers_are_no_reason_to_fail(headers: Any) -> None:
    assert as_binary(headers, b"{}") == (headers, b"{}")
