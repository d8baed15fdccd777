"""Clusters: records that links join into one person, unless the links would join records that contradict each other."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.blocking.blocks import consecutive_pairs
from linkage.comparing.level_arrays import Bools
from linkage.features import Ints

MOST_RECORDS = 50
"""In larger components only those records are compared that are linked with the same third record, ..."""

MOST_LINKS = 10
"""... and of the links of that third record only so many, the heaviest."""

Contradicting = dict[int, list[int]]
"""For each record those with which it contradicts."""

Contradict = Callable[[Ints, Ints], Bools]
"""Which of the pairs of records (left[i], right[i]) cannot be one person."""


class Clustering(NamedTuple):
    """`labels[i]` is the number of the person of record i, from 0 in the order of their first records.

    `refused` are the links, by index, that would have joined records that contradict each other; refused link n would
    have joined the records `contradicting[n]`.
    """

    labels: Ints
    refused: NDArray[np.intp]
    contradicting: list[tuple[int, int]]


def cluster(
    size: int,
    left: Ints,
    right: Ints,
    weight: NDArray[np.floating],
    contradict: Contradict,
    *,
    forced: Bools | None = None,
    different: Sequence[tuple[int, int]] = (),
) -> Clustering:
    """Join linked records, the heaviest links first. No chain of links joins two records that contradict each other;
    the two records of a single link may.

    `forced` marks links that join whatever contradicts them; they come first. `different` are pairs of records that are
    never joined; no chain of forced links may join them.
    """
    component = components(size, left, right)
    forced = np.zeros(len(left), dtype=np.bool_) if forced is None else forced
    contradicting = _contradicting(component, left, right, weight, contradict)
    for a, b in different:
        contradicting[a].append(b)
        contradicting[b].append(a)
    affected = np.zeros(size, dtype=np.bool_)
    affected[component[np.fromiter(contradicting, np.intp, len(contradicting))]] = True
    links = np.flatnonzero(affected[component[left]])
    links = links[np.lexsort((right[links], left[links], -weight[links], ~forced[links]))]
    groups = _Groups(contradicting)
    for a, b, is_forced in zip(left[links].tolist(), right[links].tolist(), forced[links].tolist(), strict=True):
        groups.join(a, b, forced=is_forced)
    label = component.copy()
    label[affected[component]] = np.flatnonzero(affected[component])
    for members in groups.members.values():
        label[members] = min(members)
    refused = np.sort(links[label[left[links]] != label[right[links]]])
    between = [groups.contradiction(int(left[link]), int(right[link])) for link in refused]
    return Clustering(np.unique(label, return_inverse=True)[1].astype(np.int32), refused, between)


def components(size: int, left: NDArray[np.integer], right: NDArray[np.integer]) -> Ints:
    """For each record the first record of its connected component."""
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


def _contradicting(
    component: Ints, left: Ints, right: Ints, weight: NDArray[np.floating], contradict: Contradict
) -> Contradicting:
    """Contradictions within components. The two records of a link are not compared."""
    contradicting: Contradicting = defaultdict(list)
    size = np.bincount(component, minlength=len(component))[component]
    small = np.flatnonzero((size > 1) & (size <= MOST_RECORDS))
    small = small[np.argsort(component[small], kind="stable")]
    linked = np.sort(_pair_numbers(left, right, len(component)))
    thirds, neighbours = _neighbours(size[left] > MOST_RECORDS, left, right, weight)
    for groups, members in ((component[small], small), (thirds, neighbours)):
        for a, b in _pairs_within(groups, members):
            unlinked = ~_contained(_pair_numbers(a, b, len(component)), linked) & (a != b)
            _add(contradicting, a[unlinked], b[unlinked], contradict)
    return contradicting


def _neighbours(chosen: Bools, left: Ints, right: Ints, weight: NDArray[np.floating]) -> tuple[Ints, Ints]:
    """Records of the chosen links, and those with which the heaviest links join them: two arrays, sorted by the
    first."""
    records = np.concatenate((left[chosen], right[chosen]))
    others = np.concatenate((right[chosen], left[chosen]))
    order = np.lexsort((others, -np.tile(weight[chosen], 2), records))
    records, others = records[order], others[order]
    start = np.flatnonzero(np.diff(records, prepend=-1))
    rank = np.arange(len(records)) - np.repeat(start, np.diff(np.append(start, len(records))))
    return records[rank < MOST_LINKS], others[rank < MOST_LINKS]


def _pairs_within(groups: Ints, members: NDArray[np.integer]) -> Iterator[tuple[Ints, Ints]]:
    """Every two members of each group, by chunks; groups are sorted."""
    start = np.flatnonzero(np.diff(groups, prepend=-1))
    length = np.diff(np.append(start, len(groups)))
    begin = np.arange(1, len(groups) + 1)
    records = members.astype(np.int64)
    for left, right in consecutive_pairs(records, records, begin, np.repeat(start + length, length) - begin):
        yield left.astype(np.int32), right.astype(np.int32)


def _pair_numbers(left: Ints, right: Ints, size: int) -> NDArray[np.int64]:
    return np.minimum(left, right).astype(np.int64) * size + np.maximum(left, right)


def _contained(numbers: NDArray[np.int64], ordered: NDArray[np.int64]) -> Bools:
    at = np.minimum(np.searchsorted(ordered, numbers), len(ordered) - 1)
    return np.asarray(ordered[at] == numbers)


def _add(contradicting: Contradicting, left: Ints, right: Ints, contradict: Contradict) -> None:
    cannot_be_one = contradict(left, right)
    for a, b in zip(left[cannot_be_one].tolist(), right[cannot_be_one].tolist(), strict=True):
        contradicting[a].append(b)
        contradicting[b].append(a)


class _Groups:
    """Records joined link by link, except where members would contradict each other."""

    def __init__(self, contradicting: Contradicting) -> None:
        self.members: dict[int, list[int]] = {}
        self._group_of: dict[int, int] = {}
        self._contradicting = contradicting

    def join(self, a: int, b: int, *, forced: bool) -> None:
        """Join the groups of two records, if no member of one contradicts a member of the other, or `forced`."""
        large, small = self._group(a), self._group(b)
        if len(self.members[large]) < len(self.members[small]):
            large, small = small, large
        if large == small or (not forced and self._find(self.members[small], large) is not None):
            return
        for record in self.members[small]:
            self._group_of[record] = large
        self.members[large] += self.members.pop(small)

    def contradiction(self, a: int, b: int) -> tuple[int, int]:
        """The contradiction for which two records were not joined: a member of the group of a, and one of that of b."""
        pair = self._find(self.members[self._group(a)], self._group(b))
        assert pair is not None, "groups that do not contradict each other are joined"
        return pair

    def _find(self, records: list[int], group: int) -> tuple[int, int] | None:
        for record in records:
            for other in self._contradicting.get(record, ()):
                if self._group_of.get(other) == group:
                    return record, other
        return None

    def _group(self, record: int) -> int:
        if record not in self._group_of:
            self._group_of[record], self.members[record] = record, [record]
        return self._group_of[record]
