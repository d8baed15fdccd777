"""A small log as it is published, in memory."""

from collections.abc import Sequence
from typing import Any

from services.gateway.domain.transparency.exports import CHECKPOINT, Batch
from services.gateway.domain.transparency.leaves import leaf_of, rows_of
from services.gateway.domain.transparency.merkle import leaf_hash
from services.gateway.domain.transparency.notes import Checkpoint, note_key
from services.gateway.domain.transparency.tiles import EMPTY, ENTRIES, WIDTH, bundle, grown, tiles_of
from services.gateway.store.disclosures import disclosure_documents
from tests.gateway.domain.transparency.test_leaves import NOW, disclosed

PRIVATE, ORIGIN = bytes(range(32)), "simpul.example/disclosures/0a1b2c3d"
KEY = note_key(ORIGIN, PRIVATE)

Files = dict[str, bytes]


def documents(count: int, rows: int = 2, **changes: Any) -> list[dict[str, Any]]:
    """Batches of the record."""
    return [
        document
        for number in range(count)
        for document in disclosure_documents([disclosed(10 * number + row, **changes) for row in range(rows)], NOW)
    ]


def published(batches: Sequence[dict[str, Any]]) -> Files:
    """The files of a log of these batches."""
    leaves = [leaf_of(one["_id"], one["at"], [row for row in rows_of(one) if row]) for one in batches]
    entries = [leaf.entry for leaf in leaves]
    growth = grown(EMPTY, [leaf_hash(entry) for entry in entries])
    files: Files = {}
    for tile in tiles_of(len(entries)):
        start = tile.index * WIDTH
        if tile.level == ENTRIES:
            files[tile.path] = bundle(entries[start : start + tile.width])
        elif isinstance(tile.level, int):
            partial = growth.edge.partial[tile.level]
            files[tile.path] = growth.full.get((tile.level, tile.index), partial)
    files[CHECKPOINT] = Checkpoint(ORIGIN, len(entries), growth.edge.root).signed(PRIVATE)
    return files


def rows(batches: Sequence[dict[str, Any]]) -> list[Batch]:
    """The rows of a log of these batches."""
    return [Batch(index, rows_of(document)) for index, document in enumerate(batches)]
