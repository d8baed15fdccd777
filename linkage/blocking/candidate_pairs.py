"""All keys together: pairs within a budget, and which key proposed which."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.blocking.blocking_keys import Key, keys_of
from linkage.blocking.blocks import Blocks, Longs, Scope, proposed
from linkage.blocking.refiners import line, refiners_of
from linkage.features import Features, Ints
from linkage.result import KeyReport

BUDGET = 40
"""Pairs per record, in all."""

_KEY_BITS = np.uint64(6)
_FEW, _NEARLY_ALL = 2, 1 / 8
_CHUNK = 4_000_000


class KeyCounts(NamedTuple):
    """What a key proposed: pairs, how many only it did, its values that were too frequent, pairs of its left out."""

    name: str
    pairs: int
    alone: int
    refined: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs to compare, `left` < `right`, each once, in order. Bit k of `found_by` is set when key k proposed it.

    `notes` says which keys were of no use.
    """

    left: Ints
    right: Ints
    found_by: NDArray[np.uint64]
    keys: tuple[KeyCounts, ...]
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.left)

    def reports(self, likely: NDArray[np.bool_]) -> tuple[KeyReport, ...]:
        """What each key did, with the share it found of the pairs that are likely matches."""
        found = self.found_by[likely]
        shares = [float(np.mean(_has(found, k))) if len(found) else 0.0 for k in range(len(self.keys))]
        return tuple(
            KeyReport(key.name, key.pairs, key.alone, share, key.refined, key.left_out)
            for key, share in zip(self.keys, shares, strict=True)
        )


def candidates(
    features: Features, *, budget: int = BUDGET, progress: Callable[[float], None] | None = None
) -> Candidates:
    """Pairs that may be one person: no more than `budget` per record. `progress` is told the share that is done."""
    room, possible = budget * features.size, _possible(features)
    if possible <= room:
        return _every_pair(features)
    tell = progress or (lambda done: None)
    scope = Scope(features.size, features.second, refiners_of(features), line(features))
    demands, notes = _demands(keys_of(features), scope, possible, lambda done: tell(0.4 * done))
    pool, counts = _Pool(room, scope), []
    for k, demand in enumerate(demands):
        share = _share([later.pairs for later in demands[k:]], room - pool.filled)
        counts.append(_propose(demand.key, k, share, scope, pool))
        tell(0.4 + 0.5 * (k + 1) / len(demands))
    left, right, found_by = pool.folded()
    tell(1.0)
    return Candidates(left, right, found_by, _counted(found_by, counts), notes)


class _Demand(NamedTuple):
    """What a key asks for: so many pairs. `same`: nearly all records share its value."""

    key: Key
    pairs: int
    same: bool


def _demands(
    keys: list[Key], scope: Scope, possible: int, tell: Callable[[float], None]
) -> tuple[list[_Demand], tuple[str, ...]]:
    """The demands of keys that tell records apart, and what is to be said of the others.

    Where no key tells any apart, as when all records are the same, two that most records have are kept.
    """
    asked: list[_Demand] = []
    for n, key in enumerate(keys):
        hashes = key.hashes()
        blocks = scope.blocks(scope.entries(hashes))
        same = len(blocks.size) <= _FEW * hashes.shape[1] and blocks.total > _NEARLY_ALL * possible
        asked.append(_Demand(key, blocks.total, same))
        tell((n + 1) / len(keys))
    useful = [demand for demand in asked if demand.pairs and not demand.same]
    kept = useful or sorted(asked, key=lambda demand: -demand.pairs)[:_FEW]
    notes = [f"{demand.key.name}: no two records share a value" for demand in asked if not demand.pairs]
    notes += [f"{demand.key.name}: nearly all records share a value" for demand in asked if demand.same]
    return kept, tuple(notes)


def _possible(features: Features) -> int:
    n, second = features.size, features.second
    return n * (n - 1) // 2 if second is None else second * (n - second)


def _every_pair(features: Features) -> Candidates:
    if features.second is None:
        left, right = np.triu_indices(features.size, 1)
    else:
        there = features.size - features.second
        left = np.repeat(np.arange(features.second), there)
        right = np.tile(np.arange(features.second, features.size), features.second)
    found = np.ones(len(left), dtype=np.uint64)
    key = KeyCounts("every pair", len(left), len(left), 0, 0)
    return Candidates(left.astype(np.int32), right.astype(np.int32), found, (key,), ())


def _blocks(key: Key, scope: Scope) -> Blocks:
    return scope.blocks(scope.entries(key.hashes()))


def _share(demands: list[int], room: int) -> int:
    """What the first may take of the room: what it asks, or as much as every other that asks too much."""
    for taken, demand in enumerate(sorted(demands)):
        fair = room // (len(demands) - taken)
        if demand > fair:
            return min(demands[0], fair)
        room -= demand
    return demands[0]


def _propose(key: Key, number: int, share: int, scope: Scope, pool: "_Pool") -> tuple[str, int, int]:
    """Puts a key's pairs into the pool: its name, how many values were too frequent, how many pairs are left out."""
    blocks = _blocks(key, scope)
    before = pool.filled
    for left, right in proposed(blocks, share, scope):
        pool.add(left, right, number)
    made, total = pool.filled - before, blocks.total
    refined = 0 if total <= share else int(np.count_nonzero(~blocks.smallest(share // 2)))
    return key.name, refined, total - made


def _counted(found_by: NDArray[np.uint64], counts: list[tuple[str, int, int]]) -> tuple[KeyCounts, ...]:
    out = []
    for k, (name, refined, left_out) in enumerate(counts):
        alone = int(np.count_nonzero(found_by == np.uint64(1 << k)))
        out.append(KeyCounts(name, int(np.count_nonzero(_has(found_by, k))), alone, refined, left_out))
    return tuple(out)


def _has(found_by: NDArray[np.uint64], key: int) -> NDArray[np.bool_]:
    return (found_by >> np.uint64(key) & np.uint64(1)).astype(np.bool_)


class _Pool:
    """Pairs as they come, as one number each: left, right, key. Memory is taken as it fills."""

    def __init__(self, room: int, scope: Scope) -> None:
        self.filled, self._bits = 0, scope.bits
        self._pairs = np.empty(room, dtype=np.uint64)

    def add(self, left: Longs, right: Longs, key: int) -> None:
        """Takes pairs that a key proposed."""
        pairs = (left.astype(np.uint64) << self._bits | right.astype(np.uint64)) << _KEY_BITS | np.uint64(key)
        self._pairs[self.filled : self.filled + len(pairs)] = pairs
        self.filled += len(pairs)

    def folded(self) -> tuple[Ints, Ints, NDArray[np.uint64]]:
        """Every pair once, in order, with the keys that proposed it. Empties the pool."""
        pairs = self._pairs[: self.filled]
        pairs.sort()
        chunks = [self._fold(chunk) for chunk in _whole_chunks(pairs)]
        self._pairs = np.empty(0, dtype=np.uint64)
        left, right, found = (np.concatenate(some) for some in zip(*chunks, strict=True))
        return left, right, found

    def _fold(self, chunk: NDArray[np.uint64]) -> tuple[Ints, Ints, NDArray[np.uint64]]:
        pair = chunk >> _KEY_BITS
        start = np.flatnonzero(np.append(True, pair[1:] != pair[:-1])) if len(pair) else np.zeros(0, dtype=np.int64)
        key = np.uint64(1) << (chunk & np.uint64(63))
        found = np.bitwise_or.reduceat(key, start) if len(start) else key
        low = (np.uint64(1) << self._bits) - np.uint64(1)
        return (pair[start] >> self._bits).astype(np.int32), (pair[start] & low).astype(np.int32), found


def _whole_chunks(pairs: NDArray[np.uint64]) -> Iterator[NDArray[np.uint64]]:
    """Chunks that no pair straddles; at least one."""
    low = 0
    while True:
        high = min(low + _CHUNK, len(pairs))
        if high < len(pairs):
            high = int(np.searchsorted(pairs, (pairs[high] >> _KEY_BITS) << _KEY_BITS))
        yield pairs[low:high]
        if high >= len(pairs):
            return
        low = high
