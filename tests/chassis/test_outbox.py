import json

from hypothesis import given
from hypothesis import strategies as st

from chassis.commands.outbox import MAX_DOCUMENT, _parts, _sequence, _unpack
from chassis.messaging.message import Message

MESSAGES = st.builds(
    Message,
    topic=st.text(max_size=5),
    key=st.none() | st.binary(max_size=8),
    value=st.text(max_size=20).map(str.encode),
    headers=st.lists(st.tuples(st.text(max_size=5), st.text(max_size=8).map(str.encode)), max_size=3),
)


@given(st.lists(MESSAGES, max_size=10))
def test_messages_come_out_of_the_outbox_as_they_went_in(messages: list[Message]) -> None:
    assert [m for part in _parts(messages) for m in _unpack(part)] == messages


def test_a_large_batch_takes_several_documents_in_order() -> None:
    messages = [Message("topic", str(n).encode(), b'"' * 900_000, []) for n in range(12)]
    parts = list(_parts(messages))
    assert len(parts) == 3
    assert max(map(len, parts)) < 2 * MAX_DOCUMENT + 100_000
    assert [m.key for part in parts for m in _unpack(part)] == [m.key for m in messages]


def test_nothing_makes_no_document() -> None:
    assert list(_parts([])) == []


def test_events_have_their_aggregates_version_and_outcomes_go_first() -> None:
    assert _sequence(Message("t", None, b"", [("ce_id", b"1"), ("ce_sequence", b"12")])) == 12
    assert _sequence(Message("t", None, json.dumps({"sequence": 3}).encode(), [])) == 0
