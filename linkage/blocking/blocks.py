"""Blocks: the records that share a value of a key, and the pairs they make within a bound."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.blocking.key_hashes import Hashes, mixed, numbered
from linkage.features import Ints

Longs = NDArray[np.int64]
PairChunk = tuple[Longs, Longs]

REFINEMENTS = 3
"""How many features split the blocks of an over-frequent value at most."""
NEIGHBOURS = 10
"""With how many neighbours a record of a block that stays too big is paired."""

_CHUNK = 2_000_000
_SAMPLE = 50_000
_SPLITS = 0.9
_MAY_LACK = 1 / 3


@dataclass(frozen=True, slots=True)
class Scope:
    """The records that are paired. `second`: where the second list begins, None with one. `refiners`: features by which
    blocks are split, one number per record, -1 where it lacks it. `rank`: who is like whom, in a line."""

    size: int
    second: int | None
    refiners: Mapping[str, Ints]
    rank: Ints

    @property
    def bits(self) -> np.uint64:
        """How many bits number a record."""
        return np.uint64(max(1, (self.size - 1).bit_length()))

    def entries(self, hashes: Hashes) -> Hashes:
        """Who has which value: the top of a hash with the record's number below, in order, each once."""
        record = np.arange(len(hashes), dtype=np.uint64)
        if hashes.ndim == 2:
            record = np.broadcast_to(record[:, None], hashes.shape)
        there = hashes != 0
        return self.packed(hashes[there] >> self.bits, record[there])

    def packed(self, head: Hashes, record: Hashes) -> Hashes:
        """Sorted entries; a record stands once under a head."""
        out = head << self.bits | record
        out.sort()
        return out[np.append(True, out[1:] != out[:-1])] if len(out) else out

    def blocks(self, entries: Hashes) -> "Blocks":
        """The blocks that make pairs."""
        head = entries >> self.bits
        record = (entries & ((np.uint64(1) << self.bits) - np.uint64(1))).astype(np.int64)
        start = np.flatnonzero(np.append(True, head[1:] != head[:-1])) if len(head) else np.zeros(0, dtype=np.int64)
        size = np.diff(np.append(start, len(head)))
        if self.second is None:
            first, cost = size, size * (size - 1) // 2
        else:
            before = np.append(0, np.cumsum(record < self.second))
            first = before[start + size] - before[start]
            cost = first * (size - first)
        return Blocks(head[start], record, size, first, cost).select(cost > 0)


@dataclass(frozen=True, slots=True)
class Blocks:
    """Records block after block, in each the lower number first. By block: its value's hash, its size, how many records
    are of the first list, how many pairs it makes."""

    head: Hashes
    record: Longs
    size: Longs
    first: Longs
    cost: Longs

    @property
    def total(self) -> int:
        """All pairs."""
        return int(self.cost.sum())

    def select(self, keep: NDArray[np.bool_]) -> "Blocks":
        """Some of the blocks."""
        record = self.record[np.repeat(keep, self.size)]
        return Blocks(self.head[keep], record, self.size[keep], self.first[keep], self.cost[keep])

    def smallest(self, room: int) -> NDArray[np.bool_]:
        """The smallest blocks, as many as make no more pairs than `room`."""
        order = np.argsort(self.cost, kind="stable")
        keep = np.zeros(len(order), dtype=np.bool_)
        keep[order[np.cumsum(self.cost[order]) <= room]] = True
        return keep


def proposed(blocks: Blocks, room: int, scope: Scope) -> Iterator[PairChunk]:
    """At most `room` pairs of records that share a block, of two lists across them.

    Small blocks are paired whole. Big ones are split by further features; what stays too big is put in line, and each
    record paired with its neighbours.
    """
    rest = blocks
    for _ in range(REFINEMENTS + 1):
        small = rest.smallest(room if rest.total <= room else room // 2)
        whole = rest.select(small)
        yield from _whole(whole, scope)
        room -= whole.total
        rest = rest.select(~small)
        finer = _refined(rest, room, scope) if len(rest.size) else None
        if finer is None:
            break
        rest = finer
    yield from _neighbours(rest, room, scope)


def _whole(blocks: Blocks, scope: Scope) -> Iterator[PairChunk]:
    """Every pair of each block."""
    end = np.repeat(np.cumsum(blocks.size), blocks.size)
    if scope.second is None:
        begin = np.arange(1, len(blocks.record) + 1)
    else:
        begin = np.where(blocks.record < scope.second, end - np.repeat(blocks.size - blocks.first, blocks.size), end)
    yield from spread(blocks.record, blocks.record, begin, end - begin)


def spread(left: Longs, right: Longs, begin: Longs, count: Longs) -> Iterator[PairChunk]:
    """Pairs left[i] with right[begin[i]] and those after it, count[i] of them."""
    until = np.cumsum(count)
    total = int(until[-1]) if len(until) else 0
    cuts = np.searchsorted(until, np.arange(_CHUNK, total + _CHUNK, _CHUNK)) + 1
    low = 0
    for high in cuts.tolist():
        some = count[low:high]
        who = np.repeat(np.arange(low, low + len(some)), some)
        offset = np.arange(len(who)) - np.repeat(np.cumsum(some) - some, some)
        yield left[who], right[begin[who] + offset]
        low = high


def _refined(blocks: Blocks, room: int, scope: Scope) -> Blocks | None:
    """The blocks split by one more feature; None when none splits them.

    The one that splits least of those that suffice, so that little is lost; else the one that splits most.
    """
    sample = _sampled(blocks, scope)
    heads, records = np.repeat(sample.head, sample.size), sample.record
    shares: dict[str, float] = {}
    for name, values in scope.refiners.items():
        if np.mean(values[records] < 0) <= _MAY_LACK:
            split = scope.blocks(_split(heads, records, values, scope)).total / max(1, sample.total)
            shares[name] = split if split < _SPLITS else np.inf
    fitting = [name for name, share in shares.items() if share * blocks.total <= room]
    if fitting:
        best = max(fitting, key=lambda name: shares[name])
    else:
        best = min(shares, key=lambda name: shares[name], default="")
        if shares.get(best, np.inf) == np.inf:
            return None
    return scope.blocks(_split(np.repeat(blocks.head, blocks.size), blocks.record, scope.refiners[best], scope))


def _sampled(blocks: Blocks, scope: Scope) -> Blocks:
    """Whole blocks, as many as are enough to judge by; if they are huge, every so manieth record."""
    some = blocks.select(np.cumsum(blocks.size) - blocks.size < _SAMPLE)
    step = max(1, len(some.record) // (2 * _SAMPLE))
    heads, records = np.repeat(some.head, some.size)[::step], some.record[::step]
    return scope.blocks(scope.packed(heads, records.astype(np.uint64)))


def _split(heads: Hashes, records: Longs, values: Ints, scope: Scope) -> Hashes:
    """Entries under the head and the further value; those who lack it stay among themselves."""
    further = mixed(heads * np.uint64(31) + numbered(values[records] + 1)[:, 0])
    return scope.packed(further >> scope.bits, records.astype(np.uint64))


def _neighbours(blocks: Blocks, room: int, scope: Scope) -> Iterator[PairChunk]:
    """Each record with the next ones in line, of its block."""
    block = np.repeat(np.arange(len(blocks.size), dtype=np.uint64), blocks.size)
    order = np.argsort(block << scope.bits | scope.rank[blocks.record].astype(np.uint64))
    record, end = blocks.record[order], np.repeat(np.cumsum(blocks.size), blocks.size)
    room = min(room, NEIGHBOURS * len(record))
    walk = _walked(record, end, room) if scope.second is None else _crossed(blocks, record, room, scope.second)
    for left, right in walk:
        yield np.minimum(left, right), np.maximum(left, right)


def _walked(record: Longs, end: Longs, room: int) -> Iterator[PairChunk]:
    begin = np.arange(1, len(record) + 1)
    width = max(1, room // max(1, len(record)))
    count = np.minimum(width, end - begin)
    yield from spread(record, record, begin, _cut(count, room))


def _crossed(blocks: Blocks, record: Longs, room: int, second: int) -> Iterator[PairChunk]:
    """Each record of the first list with those of the second around its place in line."""
    theirs = record >= second
    until = np.cumsum(blocks.size - blocks.first)
    low, high = until - (blocks.size - blocks.first), until
    ours = np.flatnonzero(~theirs)
    of_block = np.repeat(np.arange(len(blocks.size)), blocks.size)[ours]
    width = max(1, room // max(1, len(ours)))
    place = np.cumsum(theirs)[ours] - width // 2
    begin = np.maximum(np.minimum(place, high[of_block] - width), low[of_block])
    count = np.minimum(width, high[of_block] - begin)
    yield from spread(record[ours], record[theirs], begin, _cut(count, room))


def _cut(count: Longs, room: int) -> Longs:
    """The first so many pairs."""
    return np.diff(np.minimum(np.cumsum(count), room), prepend=0)
