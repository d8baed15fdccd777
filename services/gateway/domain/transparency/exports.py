"""What stands by itself: the whole log with its rows, or what one organisation got, or what was told of one person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json, to_json

from services.gateway.domain.transparency.leaves import BadLeaf, Committed, Leaf, Row
from services.gateway.domain.transparency.merkle import NotProven, inclusion_proof, leaf_hash, verify_inclusion
from services.gateway.domain.transparency.notes import BadNote, Checkpoint, NoteKey, checkpoint, decoded, encoded
from services.gateway.domain.transparency.tiles import EMPTY, ENTRIES, Tile, entries_of, grown, nodes_of, tiles_of

FORMAT = "simpul-disclosures/1"
CHECKPOINT, KEY = "checkpoint", "key"

Read = Callable[[str], bytes]
"""The content of a file of the log, by its path. Raises LookupError or OSError for one that is not there."""


class Tampered(Exception):
    """A log, or a part of it, is not what was signed; says what is wrong."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The rows of one leaf, by its index; None for one that was erased."""

    leaf: int
    rows: Sequence[Committed | None]

    @property
    def line(self) -> bytes:
        """As a line of JSON."""
        return to_json([self.leaf, [row and _written(row) for row in self.rows]]) + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Batch:
        """Raises Tampered."""
        try:
            leaf, rows = from_json(line)
            batch = cls(int(leaf), tuple(None if row is None else _committed(row) for row in rows))
        except (ValueError, TypeError, AttributeError, BadLeaf, BadNote):
            raise Tampered("a batch of rows cannot be read") from None
        if batch.line != line:
            raise Tampered("a batch of rows is written in another way")
        return batch


@dataclass(frozen=True, slots=True)
class Verified:
    """What a log that holds contains."""

    checkpoint: Checkpoint
    rows: int
    erased: int


def _written(row: Committed) -> list[Any]:
    return [encoded(row.salt), row.row.written]


def _committed(written: Any) -> Committed:
    salt, row = written
    return Committed(Row.read(row), decoded(salt))


def verify_log(read: Read, batches: Iterable[Batch], key: NoteKey, earlier: Checkpoint | None = None) -> Verified:
    """That every leaf, tile and row is what the checkpoint signs, and nothing is missing; with `earlier`, that the log
    only grew since then. Raises Tampered, BadNote."""
    signed = checkpoint(read(CHECKPOINT), key)
    rows, entries = iter(batches), _entries(read, signed.size)
    edge, count, erased = EMPTY, 0, 0
    _check_earlier(earlier, edge.size, edge.root)
    for index, entry in enumerate(entries):
        batch = next(rows, None)
        if batch is None or batch.leaf != index:
            raise Tampered(f"leaf {index} has no rows")
        _check_rows(entry, batch)
        count, erased = count + len(batch.rows), erased + sum(row is None for row in batch.rows)
        growth = grown(edge, [leaf_hash(entry)])
        for (level, place), hashes in growth.full.items():
            _same(read(Tile(level, place).path), hashes, f"tile {level}/{place}")
        edge = growth.edge
        _check_earlier(earlier, edge.size, edge.root)
    if (edge.size, edge.root) != (signed.size, signed.root):
        raise Tampered("the leaves do not have the root that was signed")
    if next(rows, None) is not None:
        raise Tampered("there are rows of leaves that were not signed")
    if earlier is not None and earlier.size > edge.size:
        raise Tampered("the log shrank")
    for level, hashes in enumerate(edge.partial):
        if hashes:
            _same(
                read(Tile(level, edge.size // 256 ** (level + 1), len(hashes) // 32).path), hashes, f"a tile of {level}"
            )
    return Verified(signed, count, erased)


def _entries(read: Read, size: int) -> Iterator[bytes]:
    for tile in tiles_of(size):
        if tile.level == ENTRIES:
            entries = entries_of(read(tile.path))
            if len(entries) != tile.width:
                raise Tampered(f"{tile.path} has {len(entries)} entries")
            yield from entries


def _check_rows(entry: bytes, batch: Batch) -> None:
    try:
        Leaf.read(entry).check(batch.rows)
    except BadLeaf as error:
        raise Tampered(str(error)) from None


def _check_earlier(earlier: Checkpoint | None, size: int, root: bytes) -> None:
    if earlier is not None and earlier.size == size and earlier.root != root:
        raise Tampered(f"the log of {size} leaves was another when it was signed earlier")


def _same(published: bytes, expected: bytes, what: str) -> None:
    if published != expected:
        raise Tampered(f"{what} is not made of the leaves below it")


# -- a part of a log


def export(read: Read, batches: Iterable[Batch], key: NoteKey, about: str) -> dict[str, Any]:
    """Every row that names an organisation as its receiver, or a person, each with the proof that it is in the log.

    Raises BadNote.
    """
    note = read(CHECKPOINT)
    signed = checkpoint(note, key)
    node = nodes_of(signed.size, lambda tile: read(tile.path))
    leaves = []
    for entry, batch in zip(_entries(read, signed.size), batches, strict=False):
        chosen = {
            str(number): _written(row) for number, row in enumerate(batch.rows) if row and _is_about(row.row, about)
        }
        if chosen:
            proof = inclusion_proof(node, batch.leaf, signed.size)
            leaves.append(
                {
                    "leaf": batch.leaf,
                    "at": Leaf.read(entry).at.isoformat(),
                    "entry": encoded(entry),
                    "proof": [encoded(step) for step in proof],
                    "rows": chosen,
                }
            )
    return {"format": FORMAT, "about": about, "checkpoint": note.decode(), "leaves": leaves}


def _is_about(row: Row, about: str) -> bool:
    return about in (row.receiver, row.person)


def verify_export(document: Mapping[str, Any], key: NoteKey) -> Verified:
    """That every row of an export is in the log that was signed. That none was left out, only the whole log shows.

    Raises Tampered, BadNote.
    """
    try:
        note, about, leaves = document["checkpoint"].encode(), document["about"], list(document["leaves"])
        parts = [_part(leaf) for leaf in leaves]
    except (KeyError, TypeError, AttributeError, ValueError, BadLeaf):
        raise Tampered("this is no export of a log") from None
    signed = checkpoint(note, key)
    for index, entry, proof, rows in parts:
        try:
            leaf = Leaf.read(entry)
            verify_inclusion(leaf_hash(entry), index, signed.size, proof, signed.root)
        except (NotProven, BadLeaf) as error:
            raise Tampered(f"leaf {index} is not in the log: {error}") from None
        for number, (row, at) in rows.items():
            if not 0 <= number < len(leaf.commitments) or leaf.commitments[number] != row.row.commitment(row.salt):
                raise Tampered(f"row {number} of leaf {index} is not the one that was recorded")
            if not _is_about(row.row, about) or at != leaf.at.isoformat():
                raise Tampered(f"row {number} of leaf {index} is not about {about}")
    return Verified(signed, sum(len(rows) for *_, rows in parts), 0)


Part = tuple[int, bytes, list[bytes], dict[int, tuple[Committed, str]]]


def _part(leaf: Mapping[str, Any]) -> Part:
    rows = {int(number): (_committed(row), leaf["at"]) for number, row in leaf["rows"].items()}
    proof = [decoded(step) for step in leaf["proof"]]
    return int(leaf["leaf"]), decoded(leaf["entry"]), proof, rows
