"""Tiles of the log: what they hold, where they stand, and that the log can be read and go on from them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.domain.transparency.merkle import HASH_BYTES, complete_subtrees, inclusion_proof, leaf_hash, root
from services.gateway.domain.transparency.tiles import (
    ENTRIES,
    WIDTH,
    Edge,
    Tile,
    bundle,
    entries_of,
    grown,
    nodes_of,
    tiles_of,
)

LEAVES = [leaf_hash(number.to_bytes(3, "big")) for number in range(2 * WIDTH + 90)]


class Log:
    """A log as its database keeps it: the edge and the full tiles."""

    def __init__(self) -> None:
        self.edge, self.full = Edge(), dict[tuple[int, int], bytes]()

    def append(self, leaves: list[bytes]) -> None:
        growth = grown(self.edge, leaves)
        assert growth.full.keys().isdisjoint(self.full)
        self.edge, self.full = growth.edge, self.full | dict(growth.full)

    def read(self, tile: Tile) -> bytes:
        assert isinstance(tile.level, int)
        if tile.width == WIDTH:
            return self.full[tile.level, tile.index]
        return self.edge.partial[tile.level][: tile.width * HASH_BYTES]


@given(st.lists(st.integers(0, 200), max_size=6))
@settings(max_examples=30)
def test_a_log_that_grew_in_any_steps_has_the_root_of_its_leaves(steps: list[int]) -> None:
    log, size = Log(), 0
    for step in steps:
        log.append(LEAVES[size : size + step])
        size = min(size + step, len(LEAVES))
    assert log.edge.size == size
    assert log.edge.root == root(complete_subtrees(LEAVES), size)
    if size:
        whole, tiled = complete_subtrees(LEAVES), nodes_of(size, log.read)
        for index in (0, size // 2, size - 1):
            assert inclusion_proof(tiled, index, size) == inclusion_proof(whole, index, size)


def test_a_level_above_holds_the_roots_of_full_tiles() -> None:
    log = Log()
    log.append(LEAVES)
    assert sorted(log.full) == [(0, 0), (0, 1)]
    whole = complete_subtrees(LEAVES)
    assert log.edge.partial[1] == whole(8, 0) + whole(8, 1)
    assert [tile.path for tile in tiles_of(len(LEAVES))] == [
        "tile/0/000", "tile/0/001", "tile/0/002.p/90", "tile/1/000.p/2",
        "tile/entries/000", "tile/entries/001", "tile/entries/002.p/90",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(1, 5, 17), "tile/1/005.p/17"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(ENTRIES, 1000, 1), "tile/entries/x001/000.p/1"),
    ],
)
def test_paths_are_those_of_the_specification(tile: Tile, path: str) -> None:
    assert tile.path == path


@given(st.integers(0, 70_000), st.integers(0, 70_000))
@settings(max_examples=40)
def test_what_a_longer_log_has_more_is_written_and_nothing_twice(one: int, other: int) -> None:
    old, new = sorted((one, other))
    before, after = set(tiles_of(old)), set(tiles_of(new))
    full = {tile for tile in before if tile.width == WIDTH}
    assert full <= after
    assert set(tiles_of(new, old)) == after - before


@given(st.lists(st.binary(max_size=300)))
def test_a_bundle_gives_its_entries_back(entries: list[bytes]) -> None:
    assert entries_of(bundle(entries)) == entries


@pytest.mark.parametrize("cut", [1, 2, 4])
def test_a_bundle_that_is_cut_off_is_none(cut: int) -> None:
    with pytest.raises(ValueError, match="cut off"):
        entries_of(bundle([b"abc"])[:cut])
