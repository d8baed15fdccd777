"""The tree as tiles of 256 hashes (C2SP tlog-tiles): which there are, where they stand, and how the log grows."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.gateway.domain.transparency.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    Node,
    complete_subtrees,
    node_hash,
)

WIDTH = 256
HEIGHT = 8
FULL = WIDTH * HASH_BYTES
ENTRIES = "entries"

Place = tuple[int, int]
"""Level and index of a tile; level 1 holds the roots of tiles of level 0."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A log of `size` leaves as far as it still changes: of each level the hashes of the last tile, if it is not full.

    With them the log's root is known, and that of every longer one. Full tiles never change.
    """

    size: int = 0
    partial: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """RFC 6962 section 2.1."""
        peaks = [peak for hashes in reversed(self.partial) for peak in _peaks(_split(hashes))]
        if not peaks:
            return EMPTY_ROOT
        computed = peaks.pop()
        while peaks:
            computed = node_hash(peaks.pop(), computed)
        return computed


EMPTY = Edge()


@dataclass(frozen=True, slots=True)
class Growth:
    """A log after it grew, and the tiles that became full by it."""

    edge: Edge
    full: Mapping[Place, bytes] = field(default_factory=dict)


def grown(edge: Edge, leaves: Iterable[bytes]) -> Growth:
    """The log with these leaf hashes behind its own."""
    partial = [bytearray(hashes) for hashes in edge.partial]
    size, full = edge.size, dict[Place, bytes]()
    for leaf in leaves:
        level, carried = 0, leaf
        size += 1
        while True:
            if level == len(partial):
                partial.append(bytearray())
            partial[level] += carried
            if len(partial[level]) < FULL:
                break
            hashes = bytes(partial[level])
            full[level, size // WIDTH ** (level + 1) - 1] = hashes
            carried = tile_root(hashes)
            partial[level].clear()
            level += 1
    return Growth(Edge(size, tuple(bytes(hashes) for hashes in partial)), full)


def tile_root(hashes: bytes) -> bytes:
    """Of a full tile: one hash of the tile above."""
    return complete_subtrees(_split(hashes))(HEIGHT, 0)


def _split(hashes: bytes) -> list[bytes]:
    return [hashes[start : start + HASH_BYTES] for start in range(0, len(hashes), HASH_BYTES)]


def _peaks(hashes: Sequence[bytes]) -> Iterator[bytes]:
    """Roots of the complete subtrees that a row of hashes falls into, the largest first."""
    node, start = complete_subtrees(hashes), 0
    for level in reversed(range(HEIGHT)):
        if len(hashes) >> level & 1:
            yield node(level, start >> level)
            start += 1 << level


# -- where they stand


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile of a log of some size, or one bundle of entries (level `entries`); `width` is below 256 at the edge."""

    level: int | str
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """`tile/<L>/<N>[.p/<W>]`, N in groups of three digits."""
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
        number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        return f"tile/{self.level}/{number}" + (f".p/{self.width}" if self.width < WIDTH else "")


def tiles_of(size: int, since: int = 0) -> Iterator[Tile]:
    """Every tile and bundle that a log of `size` has and one of `since` had not, those of entries last."""
    level, count, before = 0, size, since
    while count:
        yield from _row(level, count, before)
        level, count, before = level + 1, count // WIDTH, before // WIDTH
    yield from _row(ENTRIES, size, since)


def _row(level: int | str, count: int, before: int) -> Iterator[Tile]:
    if count == before:
        return
    for index in range(before // WIDTH, count // WIDTH):
        yield Tile(level, index)
    if count % WIDTH:
        yield Tile(level, count // WIDTH, count % WIDTH)


def nodes_of(size: int, read: Callable[[Tile], bytes]) -> Node:
    """The complete subtrees of a log of `size`, from its tiles."""
    rows: dict[Place, list[bytes]] = {}

    def row(level: int, index: int) -> list[bytes]:
        if (level, index) not in rows:
            rows[level, index] = _split(read(Tile(level, index, min(WIDTH, size // WIDTH**level - index * WIDTH))))
        return rows[level, index]

    def node(level: int, index: int) -> bytes:
        tile, height = divmod(level, HEIGHT)
        first = index << height
        hashes = row(tile, first // WIDTH)[first % WIDTH : first % WIDTH + (1 << height)]
        return complete_subtrees(hashes)(height, 0)

    return node


# -- bundles of entries


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries behind each other, each with its length in two bytes before it. Raises struct.error beyond 65,535."""
    return b"".join(part for entry in entries for part in (struct.pack(">H", len(entry)), entry))


def entries_of(bundled: bytes) -> list[bytes]:
    """The entries of a bundle. Raises ValueError for one that is cut off."""
    entries, place = [], 0
    while place < len(bundled):
        length = int.from_bytes(bundled[place : place + 2], "big")
        entry = bundled[place + 2 : place + 2 + length]
        if len(entry) < length or place + 2 > len(bundled):
            raise ValueError("a bundle of entries is cut off")
        entries.append(entry)
        place += 2 + length
    return entries
