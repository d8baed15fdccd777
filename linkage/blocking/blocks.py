"""Blocks: the records that share a value of a blocking key, and the pairs they make within a bound."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.blocking.key_hashes import Hashes, hash_numbers, mix
from linkage.features import Ints

Longs = NDArray[np.int64]
PairChunk = tuple[Longs, Longs]

REFINEMENTS = 3
"""How many further features split the blocks of an over-frequent value, at most."""

NEIGHBOURS = 10
"""With how many neighbours in the sort order a record is paired in a block that stays too large."""

_CHUNK = 2_000_000
_SAMPLE_SIZE = 50_000
_LARGEST_REMAINDER = 0.9
"""Share of pairs that may remain for a feature to count as splitting blocks."""

_MAY_BE_MISSING = 1 / 3
"""Share of records that may lack a feature by which blocks are split."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The records that are paired.

    `second` is where the second list begins, None with one list. `refiners` are the features by which large blocks are
    split, one number per record, -1 where it lacks it. `rank` is each record's place in the sort order.
    """

    size: int
    second: int | None
    refiners: Mapping[str, Ints]
    rank: Ints

    @property
    def record_bits(self) -> np.uint64:
        """How many bits the number of a record takes."""
        return np.uint64(max(1, (self.size - 1).bit_length()))

    def entries(self, hashes: Hashes) -> Hashes:
        """Which record has which value: the upper bits of the hash, then the record's number; sorted and distinct."""
        record = np.arange(len(hashes), dtype=np.uint64)
        if hashes.ndim == 2:
            record = np.broadcast_to(record[:, None], hashes.shape)
        present = hashes != 0
        return self.pack(hashes[present] >> self.record_bits, record[present])

    def pack(self, head: Hashes, record: Hashes) -> Hashes:
        """Entries of heads (upper bits of hashes) and records; sorted and distinct."""
        entries = head << self.record_bits | record
        entries.sort()
        return entries[np.append(True, entries[1:] != entries[:-1])] if len(entries) else entries

    def blocks(self, entries: Hashes) -> "Blocks":
        """The blocks of at least one pair."""
        head = entries >> self.record_bits
        record = (entries & ((np.uint64(1) << self.record_bits) - np.uint64(1))).astype(np.int64)
        start = np.flatnonzero(np.append(True, head[1:] != head[:-1])) if len(head) else np.zeros(0, dtype=np.int64)
        size = np.diff(np.append(start, len(head)))
        if self.second is None:
            first, pairs = size, size * (size - 1) // 2
        else:
            before = np.append(0, np.cumsum(record < self.second))
            first = before[start + size] - before[start]
            pairs = first * (size - first)
        return Blocks(head[start], record, size, first, pairs).select(pairs > 0)


@dataclass(frozen=True, slots=True)
class Blocks:
    """`record` holds the records of all blocks, one block after the other, in each the lower numbers first.

    Per block: `head` is the hash of its value, `size` its number of records, `first` how many of them are of the first
    list, `pairs` how many pairs it makes.
    """

    head: Hashes
    record: Longs
    size: Longs
    first: Longs
    pairs: Longs

    @property
    def total_pairs(self) -> int:
        return int(self.pairs.sum())

    def select(self, keep: NDArray[np.bool_]) -> "Blocks":
        """The blocks for which `keep` is true."""
        record = self.record[np.repeat(keep, self.size)]
        return Blocks(self.head[keep], record, self.size[keep], self.first[keep], self.pairs[keep])

    def smallest(self, budget: int) -> NDArray[np.bool_]:
        """Which blocks to keep: the smallest ones, as many as make no more pairs than `budget`."""
        order = np.argsort(self.pairs, kind="stable")
        keep = np.zeros(len(order), dtype=np.bool_)
        keep[order[np.cumsum(self.pairs[order]) <= budget]] = True
        return keep


def pairs_within(blocks: Blocks, budget: int, scope: Scope) -> Iterator[PairChunk]:
    """At most `budget` pairs of records that share a block; of two lists, pairs across them.

    Small blocks are paired wholly. Large ones are split by further features; in those that stay too large, each record
    is paired with its neighbours in the sort order.
    """
    rest = blocks
    for _ in range(REFINEMENTS + 1):
        small = rest.smallest(budget if rest.total_pairs <= budget else budget // 2)
        whole = rest.select(small)
        yield from _all_pairs(whole, scope)
        budget -= whole.total_pairs
        rest = rest.select(~small)
        refined = _refine(rest, budget, scope) if len(rest.size) else None
        if refined is None:
            break
        rest = refined
    yield from _neighbours(rest, budget, scope)


def _all_pairs(blocks: Blocks, scope: Scope) -> Iterator[PairChunk]:
    end = np.repeat(np.cumsum(blocks.size), blocks.size)
    if scope.second is None:
        begin = np.arange(1, len(blocks.record) + 1)
    else:
        begin = np.where(blocks.record < scope.second, end - np.repeat(blocks.size - blocks.first, blocks.size), end)
    yield from consecutive_pairs(blocks.record, blocks.record, begin, end - begin)


def consecutive_pairs(left: Longs, right: Longs, begin: Longs, count: Longs) -> Iterator[PairChunk]:
    """Pairs of left[i] with the count[i] records from right[begin[i]] on, in chunks."""
    until = np.cumsum(count)
    total = int(until[-1]) if len(until) else 0
    cuts = np.searchsorted(until, np.arange(_CHUNK, total + _CHUNK, _CHUNK)) + 1
    low = 0
    for high in cuts.tolist():
        counts = count[low:high]
        at = np.repeat(np.arange(low, low + len(counts)), counts)
        offset = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
        yield left[at], right[begin[at] + offset]
        low = high


def _refine(blocks: Blocks, budget: int, scope: Scope) -> Blocks | None:
    """The blocks split by one more feature; None when none splits them.

    Of the features that split enough the one that splits least, so that few true pairs are separated; else the one that
    splits most.
    """
    sample = _sample(blocks, scope)
    heads, records = np.repeat(sample.head, sample.size), sample.record
    remaining: dict[str, float] = {}
    for name, values in scope.refiners.items():
        if np.mean(values[records] < 0) <= _MAY_BE_MISSING:
            share = scope.blocks(_split(heads, records, values, scope)).total_pairs / max(1, sample.total_pairs)
            remaining[name] = share if share < _LARGEST_REMAINDER else np.inf
    sufficient = [name for name, share in remaining.items() if share * blocks.total_pairs <= budget]
    if sufficient:
        best = max(sufficient, key=lambda name: remaining[name])
    else:
        best = min(remaining, key=lambda name: remaining[name], default="")
        if remaining.get(best, np.inf) == np.inf:
            return None
    return scope.blocks(_split(np.repeat(blocks.head, blocks.size), blocks.record, scope.refiners[best], scope))


def _sample(blocks: Blocks, scope: Scope) -> Blocks:
    """The first whole blocks; of huge ones every n-th record."""
    chosen = blocks.select(np.cumsum(blocks.size) - blocks.size < _SAMPLE_SIZE)
    step = max(1, len(chosen.record) // (2 * _SAMPLE_SIZE))
    heads, records = np.repeat(chosen.head, chosen.size)[::step], chosen.record[::step]
    return scope.blocks(scope.pack(heads, records.astype(np.uint64)))


def _split(heads: Hashes, records: Longs, values: Ints, scope: Scope) -> Hashes:
    """Entries by head and further value; records that lack the value stay together."""
    mixed = mix(heads * np.uint64(31) + hash_numbers(values[records] + 1)[:, 0])
    return scope.pack(mixed >> scope.record_bits, records.astype(np.uint64))


def _neighbours(blocks: Blocks, budget: int, scope: Scope) -> Iterator[PairChunk]:
    """Each record with the next ones of its block in the sort order (the sorted neighbourhood method)."""
    block = np.repeat(np.arange(len(blocks.size), dtype=np.uint64), blocks.size)
    order = np.argsort(block << scope.record_bits | scope.rank[blocks.record].astype(np.uint64))
    record, end = blocks.record[order], np.repeat(np.cumsum(blocks.size), blocks.size)
    budget = min(budget, NEIGHBOURS * len(record))
    if scope.second is None:
        chunks = _neighbours_in_list(record, end, budget)
    else:
        chunks = _neighbours_across_lists(blocks, record, budget, scope.second)
    for left, right in chunks:
        yield np.minimum(left, right), np.maximum(left, right)


def _neighbours_in_list(record: Longs, end: Longs, budget: int) -> Iterator[PairChunk]:
    begin = np.arange(1, len(record) + 1)
    width = max(1, budget // max(1, len(record)))
    count = np.minimum(width, end - begin)
    yield from consecutive_pairs(record, record, begin, _limit(count, budget))


def _neighbours_across_lists(blocks: Blocks, record: Longs, budget: int, second: int) -> Iterator[PairChunk]:
    """Each record of the first list with those of the second around its place in the sort order."""
    in_second = record >= second
    high = np.cumsum(blocks.size - blocks.first)
    low = high - (blocks.size - blocks.first)
    of_first = np.flatnonzero(~in_second)
    block = np.repeat(np.arange(len(blocks.size)), blocks.size)[of_first]
    width = max(1, budget // max(1, len(of_first)))
    place = np.cumsum(in_second)[of_first] - width // 2
    begin = np.maximum(np.minimum(place, high[block] - width), low[block])
    count = np.minimum(width, high[block] - begin)
    yield from consecutive_pairs(record[of_first], record[in_second], begin, _limit(count, budget))


def _limit(count: Longs, budget: int) -> Longs:
    """Counts cut off where their sum reaches the budget."""
    return np.diff(np.minimum(np.cumsum(count), budget), prepend=0)
