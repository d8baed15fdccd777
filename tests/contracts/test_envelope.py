from datetime import UTC, datetime, timedelta, timezone

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import BadEnvelope, Envelope, read, read_headers, stamp

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
FULL = Envelope(
    id="5f1c1d6e-8d3f-8b0a-9d6e-0a1b2c3d4e5f",
    source="/simpul/registry",
    type="registry.person.registered.v1",
    time=datetime(2026, 3, 1, 1, 30, tzinfo=UTC),
    subject="0b0e7c1e-6f57-8a3a-bb5b-1d2c3b4a5968",
    recordedtime=datetime(2026, 3, 1, 1, 30, 1, 5000, tzinfo=UTC),
    correlationid="c-1",
    sequence=7,
    purpose="migration_governance",
    dataclassification="restricted",
    traceparent=TRACEPARENT,
)
MINIMAL = [("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"/KP2MI/siap"), ("ce_type", b"a.b.v1")]


def test_the_cloudevents_sdk_reads_our_headers() -> None:
    message = KafkaMessage(dict(FULL.headers()), None, b'{"first": true}')
    event = from_binary(message, JSONFormat(), CloudEvent)
    assert event.get_data() == {"first": True}
    assert event.get_attributes() == {
        "specversion": "1.0",
        "id": FULL.id,
        "source": FULL.source,
        "type": FULL.type,
        "time": FULL.time,
        "subject": FULL.subject,
        "datacontenttype": "application/json",
        "recordedtime": "2026-03-01T01:30:01.005Z",
        "correlationid": "c-1",
        "sequence": "7",
        "purpose": "migration_governance",
        "dataclassification": "restricted",
    }


def test_we_read_what_the_cloudevents_sdk_writes() -> None:
    attributes = {
        "id": FULL.id,
        "source": FULL.source,
        "type": FULL.type,
        "time": FULL.time.astimezone(timezone(timedelta(hours=7))),
        "subject": FULL.subject,
        "datacontenttype": "application/json",
        "recordedtime": stamp(FULL.recordedtime or FULL.time),
        "correlationid": "c-1",
        "sequence": "7",
        "purpose": "migration_governance",
        "dataclassification": "restricted",
    }
    message = to_binary(CloudEvent(attributes, {"first": True}), JSONFormat())
    assert message.value == b'{"first": true}'
    assert read([*message.headers.items(), ("traceparent", TRACEPARENT.encode())]) == FULL


@given(
    st.builds(
        Envelope,
        id=st.text(min_size=1, max_size=256),
        source=st.text(min_size=1, max_size=256),
        type=st.text(min_size=1, max_size=256),
        time=st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0)),
        subject=st.none() | st.text(max_size=256),
        sequence=st.none() | st.integers(0, 10**18 - 1),
        dataclassification=st.sampled_from(["public", "internal", "restricted", "survivor"]),
    )
)
def test_what_is_written_reads_back_the_same(envelope: Envelope) -> None:
    assert read(envelope.headers()) == envelope


def test_header_names_are_read_in_any_case() -> None:
    assert read([(name.upper(), value) for name, value in MINIMAL]).source == "/KP2MI/siap"


def test_headers_that_are_not_ours_are_dropped_unread() -> None:
    found = read_headers([*MINIMAL, ("tracestate", b"\xff\xfe"), ("baggage", b"nik=1"), ("ce_nik", b"\xff")])
    assert set(found) == {"specversion", "id", "source", "type"}


@pytest.mark.parametrize(
    ("headers", "code", "pointer"),
    [
        (MINIMAL[1:], "missing_value", "/headers/ce_specversion"),
        ([*MINIMAL[:1], *MINIMAL[2:]], "missing_value", "/headers/ce_id"),
        ([("ce_specversion", b"0.3"), *MINIMAL[1:]], "unsupported_version", "/headers/ce_specversion"),
        ([*MINIMAL, ("ce_subject", b"\xff\xfe")], "not_utf8", "/headers/ce_subject"),
        ([*MINIMAL, ("ce_id", b"2")], "bad_header", "/headers/ce_id"),
        ([*MINIMAL, ("ce_subject", b"x" * 257)], "bad_header", "/headers/ce_subject"),
        ([*MINIMAL, ("content-type", b"application/xml")], "bad_header", "/headers/content-type"),
        ([*MINIMAL, ("ce_time", b"yesterday")], "invalid_value", "/headers/ce_time"),
        ([*MINIMAL, ("ce_time", b"2026-03-01T08:30:00")], "invalid_value", "/headers/ce_time"),
        ([*MINIMAL, ("ce_time", b"0001-01-01T00:00:00+14:00")], "invalid_value", "/headers/ce_time"),
        ([*MINIMAL, ("ce_sequence", b"-1")], "invalid_value", "/headers/ce_sequence"),
        ([*MINIMAL, ("ce_dataclassification", b"secret")], "unknown_code", "/headers/ce_dataclassification"),
    ],
)
def test_a_bad_header_is_named_and_never_quoted(headers: list[tuple[str, bytes]], code: str, pointer: str) -> None:
    with pytest.raises(BadEnvelope) as raised:
        read(headers)
    assert (raised.value.code, raised.value.pointer) == (code, pointer)
    assert str(raised.value) == f"{code} at {pointer}"


def test_a_header_of_the_senders_own_is_no_attribute_though_it_has_the_name_of_one() -> None:
    own = [("id", b"another"), ("type", b"\xff"), ("time", b"noon")]
    assert read([*FULL.headers(), *own]) == FULL


@pytest.mark.parametrize("name", ["ce_subject", "CE_Purpose", "traceparent", "Content-Type"])
def test_a_header_without_a_value_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(BadEnvelope) as bad:
        read([*MINIMAL, (name, None)])
    assert (bad.value.code, bad.value.pointer) == ("bad_header", f"/headers/{name.lower()}")
