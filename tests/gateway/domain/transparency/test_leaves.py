"""Leaves: what a batch commits to, and that nothing of it can change unnoticed or be guessed after its erasure."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.copies import Disclosure
from services.gateway.domain.transparency.leaves import BadLeaf, Committed, Leaf, Row, leaf_of, rows_of
from services.gateway.store.disclosures import MAX_ROWS, disclosure_documents

NOW = datetime(2026, 4, 1, 2, 3, 4, 567000, tzinfo=UTC)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
ROWS = st.builds(
    Row, receiver=TEXT, agreement=TEXT, purpose=TEXT, fields=st.lists(TEXT, max_size=3).map(tuple), copy=TEXT,
    event=TEXT, person=st.none() | TEXT, asof=st.none() | st.just(NOW), owner=st.none() | TEXT,
)  # fmt: skip


def disclosed(number: int, **changes: Any) -> Disclosure:
    given: dict[str, Any] = {
        "copy": f"copy-{number}", "event": "event", "person": "person", "receiver": "KEMLU",
        "agreement": "emergency/1", "purpose": "emergency_protection", "fields": ("personal.nik",), "asof": NOW,
    }  # fmt: skip
    return Disclosure(**(given | changes))


def document(*rows: Disclosure) -> dict[str, Any]:
    (made,) = disclosure_documents(rows, NOW)
    return made


def leaf(stored: dict[str, Any]) -> Leaf:
    rows = rows_of(stored)
    return leaf_of(stored["_id"], stored["at"], [row for row in rows if row is not None])


def test_a_leaf_commits_to_every_row_of_its_document_in_order() -> None:
    stored = document(disclosed(1), disclosed(2, receiver="BPS", person=None, asof=None), disclosed(3))
    made = leaf(stored)
    assert [row and row.row.copy for row in rows_of(stored)] == ["copy-1", "copy-3", "copy-2"]
    made.check(rows_of(stored))
    assert Leaf.read(made.entry) == made
    assert len(made.entry) == 32 + 3 * 32


def test_every_row_has_a_salt_of_its_own() -> None:
    rows = [row for row in rows_of(document(*(disclosed(1) for _ in range(100)))) if row]
    assert len({row.salt for row in rows}) == 100
    assert len({row.row.commitment(row.salt) for row in rows}) == 100


def test_what_many_rows_hold_fits_into_leaves() -> None:
    documents = disclosure_documents((disclosed(number) for number in range(2 * MAX_ROWS + 1)), NOW)
    assert [len(rows_of(stored)) for stored in documents] == [MAX_ROWS, MAX_ROWS, 1]
    assert max(len(leaf(stored).entry) for stored in documents) < 1 << 16
    assert disclosure_documents([], NOW) == []


@given(ROWS, ROWS)
def test_no_two_rows_have_one_commitment(one: Row, other: Row) -> None:
    salt = bytes(16)
    assert (one.commitment(salt) == other.commitment(salt)) == (one == other)
    assert one.commitment(salt) != one.commitment(bytes(15) + b"\1")
    assert Row.read(one.written) == one


@pytest.mark.parametrize(
    "change",
    [
        {"receiver": "BPS"}, {"agreement": "emergency/2"}, {"purpose": "other"}, {"fields": ("personal.name",)},
        {"copy": "x"}, {"event": "x"}, {"person": None}, {"asof": None}, {"owner": "KP2MI"},
    ],
)  # fmt: skip
def test_whatever_is_changed_of_a_row_is_noticed(change: dict[str, Any]) -> None:
    stored = document(disclosed(1))
    made, (row,) = leaf(stored), rows_of(stored)
    assert row is not None
    (changed,) = rows_of(document(disclosed(1, **change)))
    assert changed is not None
    with pytest.raises(BadLeaf):
        made.check([Committed(changed.row, row.salt)])
    with pytest.raises(BadLeaf):
        made.check([])
    made.check([None])


@given(st.binary(max_size=100))
def test_what_is_no_leaf_is_refused(entry: bytes) -> None:
    with pytest.raises(BadLeaf):
        Leaf.read(entry)


@pytest.mark.parametrize("written", [[], [1, 2, 3], ["a", "b", "c", [], "d", "e", None, "yesterday", None]])
def test_what_is_no_row_is_refused(written: list[Any]) -> None:
    with pytest.raises(BadLeaf):
        Row.read(written)
