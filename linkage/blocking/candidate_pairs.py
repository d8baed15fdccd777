"""Candidate pairs: what all blocking keys propose together within a budget, and which key proposed which pair."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.blocking.blocking_keys import Key, blocking_keys
from linkage.blocking.blocks import Longs, Scope, pairs_within
from linkage.blocking.refiners import refiners, sort_ranks
from linkage.features import Features, Ints
from linkage.result import KeyReport

BUDGET = 40
"""Candidate pairs per record, in all."""

EVERY_PAIR = "every pair"
"""The name of the only key of a list so short that all pairs are compared."""

_KEY_BITS = np.uint64(6)
_FEW_VALUES, _NEARLY_ALL = 2, 1 / 8
"""A key is of no use if it has no more values per record, and makes more than this share of all possible pairs."""

_FALLBACK_KEYS = 2
_CHUNK = 4_000_000


class UnusedKey(NamedTuple):
    """A blocking key that tells no records apart: no two records share a value of it, or nearly all do."""

    name: str
    reason: Literal["no shared value", "one value"]


class KeyCounts(NamedTuple):
    """Pairs that a key proposed, and those that only it did; values of it that were too frequent; pairs left out."""

    name: str
    pairs: int
    only_here: int
    refined: int
    left_out: int


@dataclass(frozen=True, slots=True)
class CandidatePairs:
    """Pairs to compare, `left` < `right`, each once, in order. Bit k of `proposed_by` is set when key k proposed it."""

    left: Ints
    right: Ints
    proposed_by: NDArray[np.uint64]
    keys: tuple[KeyCounts, ...]
    unused: tuple[UnusedKey, ...]

    def __len__(self) -> int:
        return len(self.left)

    def reports(self, likely: NDArray[np.bool_]) -> tuple[KeyReport, ...]:
        """What each key did, with its recall among the pairs that are likely matches."""
        matches = self.proposed_by[likely]
        recalls = [float(np.mean(_has_key(matches, k))) if len(matches) else 0.0 for k in range(len(self.keys))]
        return tuple(
            KeyReport(key.name, key.pairs, key.only_here, recall, key.refined, key.left_out)
            for key, recall in zip(self.keys, recalls, strict=True)
        )


def propose_pairs(
    features: Features, *, budget: int = BUDGET, progress: Callable[[float], None] | None = None
) -> CandidatePairs:
    """Pairs that may be one person, no more than `budget` per record. `progress` is called with the share done."""
    most, possible = budget * features.size, _possible_pairs(features)
    if possible <= most:
        return _every_pair(features)
    report = progress or (lambda _share: None)
    scope = Scope(features.size, features.second, refiners(features), sort_ranks(features))
    demands, unused = _demands(blocking_keys(features), scope, possible, lambda share: report(0.4 * share))
    pool, counts = _PairPool(most, scope), []
    for k, demand in enumerate(demands):
        allowed = _fair_share([later.pairs for later in demands[k:]], most - pool.filled)
        counts.append(_propose(demand.key, k, allowed, scope, pool))
        report(0.4 + 0.5 * (k + 1) / len(demands))
    left, right, proposed_by = pool.distinct()
    report(1.0)
    return CandidatePairs(left, right, proposed_by, _key_counts(proposed_by, counts), unused)


class _Demand(NamedTuple):
    """How many pairs a key would make. `one_value`: nearly all records share its value."""

    key: Key
    pairs: int
    one_value: bool


def _demands(
    keys: list[Key], scope: Scope, possible: int, report: Callable[[float], None]
) -> tuple[list[_Demand], tuple[UnusedKey, ...]]:
    """The demands of keys that tell records apart, and the other keys.

    Where no key does, as when all records are the same, the two keys that make most pairs are used.
    """
    demands: list[_Demand] = []
    for n, key in enumerate(keys):
        hashes = key.hashes()
        blocks = scope.blocks(scope.entries(hashes))
        few_values = len(blocks.size) <= _FEW_VALUES * hashes.shape[1]
        demands.append(_Demand(key, blocks.total_pairs, few_values and blocks.total_pairs > _NEARLY_ALL * possible))
        report((n + 1) / len(keys))
    useful = [demand for demand in demands if demand.pairs and not demand.one_value]
    used = useful or sorted(demands, key=lambda demand: -demand.pairs)[:_FALLBACK_KEYS]
    unused = [UnusedKey(demand.key.name, "no shared value") for demand in demands if not demand.pairs]
    unused += [UnusedKey(demand.key.name, "one value") for demand in demands if demand.one_value]
    return used, tuple(unused)


def _possible_pairs(features: Features) -> int:
    n, second = features.size, features.second
    return n * (n - 1) // 2 if second is None else second * (n - second)


def _every_pair(features: Features) -> CandidatePairs:
    if features.second is None:
        left, right = np.triu_indices(features.size, 1)
    else:
        size_of_second = features.size - features.second
        left = np.repeat(np.arange(features.second), size_of_second)
        right = np.tile(np.arange(features.second, features.size), features.second)
    proposed_by = np.ones(len(left), dtype=np.uint64)
    key = KeyCounts(EVERY_PAIR, len(left), len(left), 0, 0)
    return CandidatePairs(left.astype(np.int32), right.astype(np.int32), proposed_by, (key,), ())


def _fair_share(demands: list[int], available: int) -> int:
    """What the first demand may take: all it asks for, or as much as every other that asks for too much."""
    for served, demand in enumerate(sorted(demands)):
        fair = available // (len(demands) - served)
        if demand > fair:
            return min(demands[0], fair)
        available -= demand
    return demands[0]


def _propose(key: Key, number: int, allowed: int, scope: Scope, pool: "_PairPool") -> tuple[str, int, int]:
    """Adds a key's pairs to the pool. Returns its name, how many of its values were too frequent, and pairs left
    out."""
    blocks = scope.blocks(scope.entries(key.hashes()))
    before = pool.filled
    for left, right in pairs_within(blocks, allowed, scope):
        pool.add(left, right, number)
    proposed, total = pool.filled - before, blocks.total_pairs
    refined = 0 if total <= allowed else int(np.count_nonzero(~blocks.smallest(allowed // 2)))
    return key.name, refined, total - proposed


def _key_counts(proposed_by: NDArray[np.uint64], counts: list[tuple[str, int, int]]) -> tuple[KeyCounts, ...]:
    keys = []
    for k, (name, refined, left_out) in enumerate(counts):
        only_here = int(np.count_nonzero(proposed_by == np.uint64(1 << k)))
        pairs = int(np.count_nonzero(_has_key(proposed_by, k)))
        keys.append(KeyCounts(name, pairs, only_here, refined, left_out))
    return tuple(keys)


def _has_key(proposed_by: NDArray[np.uint64], key: int) -> NDArray[np.bool_]:
    return (proposed_by >> np.uint64(key) & np.uint64(1)).astype(np.bool_)


class _PairPool:
    """Pairs in the order in which they come, each as one number: left, right, key."""

    def __init__(self, capacity: int, scope: Scope) -> None:
        self.filled, self._record_bits = 0, scope.record_bits
        self._pairs = np.empty(capacity, dtype=np.uint64)

    def add(self, left: Longs, right: Longs, key: int) -> None:
        """Adds pairs that a key proposed."""
        records = left.astype(np.uint64) << self._record_bits | right.astype(np.uint64)
        pairs = records << _KEY_BITS | np.uint64(key)
        self._pairs[self.filled : self.filled + len(pairs)] = pairs
        self.filled += len(pairs)

    def distinct(self) -> tuple[Ints, Ints, NDArray[np.uint64]]:
        """Every pair once, in order, with a bit for each key that proposed it. Empties the pool."""
        pairs = self._pairs[: self.filled]
        pairs.sort()
        chunks = [self._distinct(chunk) for chunk in _chunks_of_whole_pairs(pairs)]
        self._pairs = np.empty(0, dtype=np.uint64)
        left, right, proposed_by = (np.concatenate(parts) for parts in zip(*chunks, strict=True))
        return left, right, proposed_by

    def _distinct(self, chunk: NDArray[np.uint64]) -> tuple[Ints, Ints, NDArray[np.uint64]]:
        pair = chunk >> _KEY_BITS
        start = np.flatnonzero(np.append(True, pair[1:] != pair[:-1])) if len(pair) else np.zeros(0, dtype=np.int64)
        key = np.uint64(1) << (chunk & np.uint64(63))
        proposed_by = np.bitwise_or.reduceat(key, start) if len(start) else key
        right_bits = (np.uint64(1) << self._record_bits) - np.uint64(1)
        left, right = pair[start] >> self._record_bits, pair[start] & right_bits
        return left.astype(np.int32), right.astype(np.int32), proposed_by


def _chunks_of_whole_pairs(pairs: NDArray[np.uint64]) -> Iterator[NDArray[np.uint64]]:
    """Chunks between which no pair is divided; at least one."""
    low = 0
    while True:
        high = min(low + _CHUNK, len(pairs))
        if high < len(pairs):
            high = int(np.searchsorted(pairs, (pairs[high] >> _KEY_BITS) << _KEY_BITS))
        yield pairs[low:high]
        if high >= len(pairs):
            return
        low = high
