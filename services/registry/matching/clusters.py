"""Clusters: links joined into people, unless records that a chain of links would join contradict each other."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.registry.matching.candidates.blocks import spread
from services.registry.matching.contradictions import Bools
from services.registry.matching.features import Ints

MOST = 50
"""Of a bigger cluster so many members are asked whether they contradict one more."""

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
    foes = _foes(whole, contradict, _codes(left, right, size))
    big = np.bincount(whole, minlength=size) > MOST
    doubtful = big.copy()
    doubtful[whole[np.fromiter(foes, np.intp, len(foes))]] = True
    links = np.flatnonzero(doubtful[whole[left]])
    links = links[np.lexsort((right[links], left[links], -weight[links]))]
    joined = _Joined(foes, contradict)
    for a, b, checked in zip(
        left[links].tolist(), right[links].tolist(), big[whole[left[links]]].tolist(), strict=True
    ):
        joined.join(a, b, checked)
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


def _codes(left: Ints, right: Ints, size: int) -> NDArray[np.int64]:
    return np.minimum(left, right).astype(np.int64) * size + np.maximum(left, right)


def _foes(whole: Ints, contradict: Contradict, linked: NDArray[np.int64]) -> Foes:
    """Whom each record contradicts, within components that are not too big to ask all."""
    found: Foes = defaultdict(list)
    size = np.bincount(whole, minlength=len(whole))[whole]
    order = np.argsort(whole, kind="stable")
    members = order[(size[order] > 1) & (size[order] <= MOST)]
    start = np.flatnonzero(np.diff(whole[members], prepend=-1))
    length = np.diff(np.append(start, len(members)))
    begin = np.arange(1, len(members) + 1)
    for left, right in spread(members, members, begin, np.repeat(start + length, length) - begin):
        ones, others = left.astype(np.int32), right.astype(np.int32)
        apart = np.flatnonzero(~np.isin(_codes(ones, others, len(whole)), linked))
        _add(found, ones[apart], others[apart], contradict(ones[apart], others[apart]))
    return found


def _add(foes: Foes, left: NDArray[np.integer], right: NDArray[np.integer], these: Bools) -> None:
    for a, b in zip(left[these].tolist(), right[these].tolist(), strict=True):
        foes[a].append(b)
        foes[b].append(a)


class _Joined:
    """Records joined one link after the other, but for those that contradict."""

    def __init__(self, foes: Foes, contradict: Contradict) -> None:
        self.members: dict[int, list[int]] = {}
        self._of: dict[int, int] = {}
        self._foes, self._asked = foes, contradict

    def join(self, a: int, b: int, checked: bool) -> None:
        """Joins the groups of two records if nothing is against it. `checked`: ask the records themselves, too."""
        one, other = self._group(a), self._group(b)
        if one == other:
            return
        if len(self.members[one]) < len(self.members[other]):
            one, other = other, one
        small = self.members[other]
        if self._hostile(small, one) or (checked and self._contradict(self.members[one], small)):
            return
        for record in small:
            self._of[record] = one
        self.members[one] += self.members.pop(other)

    def _group(self, record: int) -> int:
        if record not in self._of:
            self._of[record], self.members[record] = record, [record]
        return self._of[record]

    def _hostile(self, small: Iterable[int], group: int) -> bool:
        return any(self._of.get(foe) == group for record in small for foe in self._foes.get(record, ()))

    def _contradict(self, ones: list[int], others: list[int]) -> bool:
        pairs = np.array(list(product(ones[:MOST], others[:MOST])), dtype=np.int32)
        return bool(self._asked(pairs[:, 0], pairs[:, 1]).any())
