"""What stands in a cursor of the stream tells its holder nothing: not where it is, nor how much was told to others."""

import base64

import pytest

from chassis.security.keys import KeyRing
from contracts.outcomes import Refused
from deploy.local import keys
from services.gateway.api.stream_cursors import StreamCursors

POSITION = "0123456789ab.5.0.12.7.0.0.3.1.0.0.0.42"
LATER = "0123456789ab.5000.10.12.7.0.0.3.1.0.0.9.100042"


def cursors() -> StreamCursors:
    return StreamCursors(KeyRing(keys.rings()["gateway-api"]["secrets"]))


def test_a_cursor_leads_back_to_its_place_in_every_process_of_the_api() -> None:
    ring = keys.rings()["gateway-api"]["secrets"]
    one, other = StreamCursors(KeyRing(ring)), StreamCursors(KeyRing(ring))
    assert other.open(one.seal(POSITION)) == POSITION


def test_two_cursors_show_neither_that_they_are_of_one_place_nor_how_far_apart_they_are() -> None:
    sealed = cursors()
    some = [sealed.seal(POSITION), sealed.seal(POSITION), sealed.seal(LATER)]
    assert len(set(some)) == 3
    assert len({len(cursor) for cursor in some}) == 1
    raw = [base64.urlsafe_b64decode(cursor) for cursor in some]
    assert not any(part in one for one in raw for part in (b"0123456789ab", b"5000", b"100042"))
    assert [sum(a == b for a, b in zip(raw[0], other, strict=True)) < 16 for other in raw[1:]] == [True, True]


def changed(cursor: str, index: int) -> str:
    raw = bytearray(base64.urlsafe_b64decode(cursor))
    raw[index] ^= 1
    return base64.urlsafe_b64encode(raw).decode()


@pytest.mark.parametrize("index", [0, 15, 16, 31, 32, 60, -1])
def test_a_cursor_that_was_changed_is_expired(index: int) -> None:
    sealed = cursors()
    expired(sealed, changed(sealed.seal(POSITION), index))


@pytest.mark.parametrize("text", ["", "abc", POSITION, "A" * 64, "=" * 8, "\xe9\xff", "A" * 1000, "-_" * 50])
def test_what_was_never_a_cursor_is_expired(text: str) -> None:
    expired(cursors(), text)


def test_a_cursor_of_another_installation_is_expired() -> None:
    expired(cursors(), cursors().seal(POSITION))


def expired(sealed: StreamCursors, cursor: str) -> None:
    with pytest.raises(Refused) as refused:
        sealed.open(cursor)
    assert refused.value.problems[0].code == "cursor_expired"
