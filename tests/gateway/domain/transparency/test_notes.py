"""Signed notes, checkpoints and proofs as others read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.transparency.notes import (
    BadNote,
    Checkpoint,
    NoteKey,
    checkpoint,
    inclusion_text,
    note_key,
    opened,
    read_checkpoint,
    signed,
    witness_request,
)

PRIVATE, OTHER = bytes(range(32)), bytes(range(1, 33))
ORIGIN = "simpul.example/disclosures/0a1b2c3d"
KEY = note_key(ORIGIN, PRIVATE)
NOTE = Checkpoint(ORIGIN, 20_852_163, bytes(32)).signed(PRIVATE)


def test_a_checkpoint_is_written_as_the_specification_says() -> None:
    lines = NOTE.decode().split("\n")
    assert lines[:4] == [ORIGIN, "20852163", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", ""]
    assert lines[4].startswith(f"— {ORIGIN} ")
    assert lines[5:] == [""]


def test_the_key_of_the_go_checksum_database_is_read_as_it_is_published() -> None:
    """Its id is the one that its publishers computed."""
    text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    key = NoteKey.parse(text)
    assert (key.name, key.id.hex(), str(key)) == ("sum.golang.org", "033de0ae", text)


@pytest.mark.parametrize(
    "text", ["", "a", "a+033de0ae", "sum.golang.org+033de0af+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "a+b+c"]
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        NoteKey.parse(text)


def test_what_was_signed_is_read_and_the_same_key_signs_the_same_bytes() -> None:
    assert checkpoint(NOTE, NoteKey.parse(str(KEY))) == Checkpoint(ORIGIN, 20_852_163, bytes(32))
    assert Checkpoint(ORIGIN, 20_852_163, bytes(32)).signed(PRIVATE) == NOTE


def test_the_cosignature_of_a_witness_does_not_disturb() -> None:
    text = opened(NOTE, KEY)
    cosigned = NOTE + signed(text, "witness.example", OTHER).rpartition(b"\n\n")[2]
    assert checkpoint(cosigned, KEY).size == 20_852_163
    assert opened(cosigned, note_key("witness.example", OTHER)) == text


@given(st.integers(0, len(NOTE) - 1), st.integers(1, 255))
def test_a_changed_byte_anywhere_in_a_checkpoint_is_noticed(place: int, change: int) -> None:
    changed = NOTE[:place] + bytes([NOTE[place] ^ change]) + NOTE[place + 1 :]
    with pytest.raises(BadNote):
        checkpoint(changed, KEY)


@pytest.mark.parametrize("other", [note_key("other.example", PRIVATE), note_key(ORIGIN, OTHER)])
def test_the_note_of_another_key_is_none(other: NoteKey) -> None:
    with pytest.raises(BadNote):
        checkpoint(NOTE, other)


def test_a_key_signs_for_its_own_log_alone() -> None:
    foreign = signed(Checkpoint("other.example/log", 1, bytes(32)).text, ORIGIN, PRIVATE)
    with pytest.raises(BadNote):
        checkpoint(foreign, KEY)


@pytest.mark.parametrize("text", ["a\n1\n", "a\n01\nAAAA\n", "a\n-1\nAAAA\n", "\n1\nAAAA\n", "a\n1\nAAAA\n"])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        read_checkpoint(text)


def test_proofs_are_written_as_the_specifications_say() -> None:
    hashes = [bytes(32), b"\xff" * 32]
    lines = ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "//////////////////////////////////////////8="]
    assert inclusion_text(7, hashes, NOTE).decode().split("\n")[:5] == [
        "c2sp.org/tlog-proof@v1", "index 7", *lines, "",
    ]  # fmt: skip
    assert inclusion_text(7, hashes, NOTE).endswith(b"\n\n" + NOTE)
    assert witness_request(5, hashes, NOTE) == "\n".join(["old 5", *lines, "", ""]).encode() + NOTE
