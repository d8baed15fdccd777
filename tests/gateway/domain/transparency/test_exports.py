"""A copy of the log, and a part of it: both are verified without the platform, and no change of them holds."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.domain.transparency.exports import (
    CHECKPOINT,
    Batch,
    Tampered,
    export,
    verify_export,
    verify_log,
)
from services.gateway.domain.transparency.notes import BadNote, Checkpoint, checkpoint, note_key
from tests.gateway.domain.transparency.samples import KEY, ORIGIN, Files, documents, published, rows

BATCHES = documents(5) + documents(3, receiver="BPS") + documents(1, rows=1, person="somebody", receiver="BPS")
FILES = published(BATCHES)
ROWS = rows(BATCHES)
LINES = [batch.line for batch in ROWS]


def verify(files: Files, lines: list[bytes], **more: Any) -> Any:
    return verify_log(files.__getitem__, [Batch.read(line) for line in lines], KEY, **more)


def test_a_log_with_its_rows_holds() -> None:
    found = verify(FILES, LINES)
    assert (found.checkpoint.size, found.rows, found.erased) == (9, 17, 0)


def test_a_log_of_several_tiles_holds_and_not_when_one_of_them_is_another() -> None:
    many = documents(300, rows=1)
    files, lines = published(many), [batch.line for batch in rows(many)]
    assert verify(files, lines).rows == 300
    for path in ("tile/0/000", "tile/1/000.p/1", "tile/0/001.p/44"):
        with pytest.raises(Tampered):
            verify(files | {path: bytes(len(files[path]))}, lines)


@given(st.data())
@settings(max_examples=150)
def test_a_changed_byte_anywhere_in_a_log_or_its_rows_is_noticed(data: st.DataObject) -> None:
    parts = {**FILES, **{str(number): line for number, line in enumerate(LINES)}}
    name = data.draw(st.sampled_from(sorted(parts)))
    place, change = data.draw(st.integers(0, len(parts[name]) - 1)), data.draw(st.integers(1, 255))
    content = parts[name]
    parts[name] = content[:place] + bytes([content[place] ^ change]) + content[place + 1 :]
    lines = [parts.pop(str(number)) for number in range(len(LINES))]
    with pytest.raises((Tampered, BadNote, ValueError)):
        verify(parts, lines)


@pytest.mark.parametrize(
    "lines",
    [LINES[:-1], LINES[1:], [*LINES, LINES[-1]], [LINES[1], LINES[0], *LINES[2:]], []],
    ids=["the last", "the first", "one more", "swapped", "all"],
)
def test_rows_that_are_missing_added_or_moved_are_noticed(lines: list[bytes]) -> None:
    with pytest.raises(Tampered):
        verify(FILES, lines)


def test_a_log_holds_after_the_erasure_of_rows() -> None:
    erased = [Batch(one.leaf, [None, *one.rows[1:]]) for one in ROWS]
    assert verify_log(FILES.__getitem__, erased, KEY).erased == 9


def test_a_log_is_what_it_was_at_every_earlier_checkpoint() -> None:
    for size in range(len(BATCHES) + 1):
        earlier = checkpoint(published(BATCHES[:size])[CHECKPOINT], KEY)
        assert verify(FILES, LINES, earlier=earlier).rows == 17
        other = Checkpoint(ORIGIN, size, bytes(32))
        with pytest.raises(Tampered):
            verify(FILES, LINES, earlier=other)
    with pytest.raises(Tampered):
        verify(published(BATCHES[:5]), LINES[:5], earlier=checkpoint(FILES[CHECKPOINT], KEY))


def test_a_log_of_another_key_does_not_hold() -> None:
    with pytest.raises(BadNote):
        verify_log(FILES.__getitem__, ROWS, note_key(ORIGIN, bytes(32)))


# -- a part of it


def part(about: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(export(FILES.__getitem__, ROWS, KEY, about)))
    return found


@pytest.mark.parametrize(("about", "count"), [("KEMLU", 10), ("BPS", 7), ("somebody", 1), ("nobody", 0)])
def test_an_export_has_what_an_organisation_got_or_was_told_of_a_person_and_no_other_row(
    about: str, count: int
) -> None:
    found = part(about)
    assert verify_export(found, KEY).rows == count
    told = [row[1] for leaf in found["leaves"] for row in leaf["rows"].values()]
    assert all(about in row for row in told)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where its single values stand."""
    if isinstance(value, dict):
        return [place for name, one in value.items() for place in places(one, (*path, name))]
    if isinstance(value, list):
        return [place for number, one in enumerate(value) for place in places(one, (*path, number))]
    return [path]


EXPORT = part("BPS")


@given(st.sampled_from([place for place in places(EXPORT) if place != ("format",)]), st.data())
def test_whatever_is_changed_in_an_export_is_noticed(place: tuple[Any, ...], data: st.DataObject) -> None:
    changed = copy.deepcopy(EXPORT)
    at = changed
    for step in place[:-1]:
        at = at[step]
    old = at[place[-1]]
    other = st.one_of(
        st.none(), st.integers(0, 9), st.text(max_size=9), st.just(f"{old}x"), st.just(f"A{str(old)[1:]}")
    )
    at[place[-1]] = data.draw(other.filter(lambda value: value != old))
    with pytest.raises((Tampered, BadNote)):
        verify_export(changed, KEY)


def test_a_row_that_is_moved_to_another_place_is_noticed() -> None:
    changed = copy.deepcopy(EXPORT)
    first = changed["leaves"][0]["rows"]
    first["1"], first["0"] = first["0"], first["1"]
    with pytest.raises(Tampered):
        verify_export(changed, KEY)
    changed = copy.deepcopy(EXPORT)
    changed["leaves"][0]["rows"]["2"] = changed["leaves"][0]["rows"]["0"]
    with pytest.raises(Tampered):
        verify_export(changed, KEY)


@pytest.mark.parametrize("document", [{}, {"checkpoint": "", "about": "", "leaves": []}, {"leaves": 1}])
def test_what_is_no_export_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises((Tampered, BadNote)):
        verify_export(document, KEY)
