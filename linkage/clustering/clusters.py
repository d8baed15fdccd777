"""Clusters: links joined into people, unless records that a chain of links would join contradict each other."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.blocking.blocks import spread
from linkage.clustering.contradictions import Bools
from linkage.features import Ints

MOST = 50
"""In components of more records than this, only those are compared that are linked with the same third."""

NEAR = 10
"""And of the links of that third, only so many, the heaviest."""

Foes = dict[int, list[int]]
Contradict = Callable[[Ints, Ints], NDArray[np.bool_]]
"""Which of some pairs of records cannot be one person."""


class Clustering(NamedTuple):
    """`labels[i]` is the number of the person that record i is of, from 0 in the order of their first records.
    `demoted` are the links, by index, that would have joined what contradicts: for a steward to see."""

    labels: Ints
    demoted: NDArray[np.intp]


def clusters(size: int, left: Ints, right: Ints, weight: NDArray[np.floating], contradict: Contradict) -> Clustering:
    """Join the linked pairs, the heaviest first. No chain joins two records that `contradict`; a link itself may."""
    whole = components(size, left, right)
    foes = _foes(whole, left, right, weight, contradict)
    doubtful = np.zeros(size, dtype=np.bool_)
    doubtful[whole[np.fromiter(foes, np.intp, len(foes))]] = True
    links = np.flatnonzero(doubtful[whole[left]])
    links = links[np.lexsort((right[links], left[links], -weight[links]))]
    joined = _Joined(foes)
    for a, b in zip(left[links].tolist(), right[links].tolist(), strict=True):
        joined.join(a, b)
    label = whole.copy()
    label[doubtful[whole]] = np.flatnonzero(doubtful[whole])
    for group in joined.members.values():
        label[group] = min(group)
    demoted = links[label[left[links]] != label[right[links]]]
    return Clustering(np.unique(label, return_inverse=True)[1].astype(np.int32), np.sort(demoted))


def components(size: int, left: NDArray[np.integer], right: NDArray[np.integer]) -> Ints:
    """For each record the first of all that links join it with."""
    parent = list(range(size))
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        while parent[a] != a:
            parent[a] = a = parent[parent[a]]
        while parent[b] != b:
            parent[b] = b = parent[parent[b]]
        if a < b:
            parent[b] = a
        else:
            parent[a] = b
    root = np.array(parent, dtype=np.int32)
    while (root[root] != root).any():
        root = root[root]
    return root


def _foes(whole: Ints, left: Ints, right: Ints, weight: NDArray[np.floating], contradict: Contradict) -> Foes:
    """Whom each record contradicts, of those that links would join it with; the links themselves are not asked."""
    found: Foes = defaultdict(list)
    size = np.bincount(whole, minlength=len(whole))[whole]
    small = np.flatnonzero((size > 1) & (size <= MOST))
    small = small[np.argsort(whole[small], kind="stable")]
    linked = np.sort(_codes(left, right, len(whole)))
    thirds, ends = _neighbours(size[left] > MOST, left, right, weight)
    for groups, members in ((whole[small], small), (thirds, ends)):
        for ones, others in _couples(groups, members):
            apart = ~_within(_codes(ones, others, len(whole)), linked) & (ones != others)
            _add(found, ones[apart], others[apart], contradict)
    return found


def _neighbours(these: Bools, left: Ints, right: Ints, weight: NDArray[np.floating]) -> tuple[Ints, Ints]:
    """Each record at an end of these links, with whom the heaviest link it: two arrays, sorted by the first."""
    one, other = np.concatenate((left[these], right[these])), np.concatenate((right[these], left[these]))
    order = np.lexsort((other, -np.tile(weight[these], 2), one))
    one, other = one[order], other[order]
    start = np.flatnonzero(np.diff(one, prepend=-1))
    heaviest = np.arange(len(one)) - np.repeat(start, np.diff(np.append(start, len(one)))) < NEAR
    return one[heaviest], other[heaviest]


def _couples(groups: Ints, members: NDArray[np.integer]) -> Iterator[tuple[Ints, Ints]]:
    """Every two members of each group, by chunks; groups are sorted."""
    start = np.flatnonzero(np.diff(groups, prepend=-1))
    length = np.diff(np.append(start, len(groups)))
    begin = np.arange(1, len(groups) + 1)
    records = members.astype(np.int64)
    for left, right in spread(records, records, begin, np.repeat(start + length, length) - begin):
        yield left.astype(np.int32), right.astype(np.int32)


def _codes(left: Ints, right: Ints, size: int) -> NDArray[np.int64]:
    return np.minimum(left, right).astype(np.int64) * size + np.maximum(left, right)


def _within(codes: NDArray[np.int64], known: NDArray[np.int64]) -> Bools:
    """Which codes are among the known, which are sorted."""
    at = np.minimum(np.searchsorted(known, codes), len(known) - 1)
    return np.asarray(known[at] == codes)


def _add(foes: Foes, left: Ints, right: Ints, contradict: Contradict) -> None:
    these = contradict(left, right)
    for a, b in zip(left[these].tolist(), right[these].tolist(), strict=True):
        foes[a].append(b)
        foes[b].append(a)


class _Joined:
    """Records joined one link after the other, but for those that contradict."""

    def __init__(self, foes: Foes) -> None:
        self.members: dict[int, list[int]] = {}
        self._of: dict[int, int] = {}
        self._foes = foes

    def join(self, a: int, b: int) -> None:
        """Joins the groups of two records if nobody in one is a foe of anybody in the other."""
        one, other = self._group(a), self._group(b)
        if len(self.members[one]) < len(self.members[other]):
            one, other = other, one
        small = self.members[other]
        if one == other or any(self._of.get(foe) == one for record in small for foe in self._foes.get(record, ())):
            return
        for record in small:
            self._of[record] = one
        self.members[one] += self.members.pop(other)

    def _group(self, record: int) -> int:
        if record not in self._of:
            self._of[record], self.members[record] = record, [record]
        return self._of[record]
