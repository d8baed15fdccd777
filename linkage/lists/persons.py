"""The persons a linkage found: which records are whose, and what each person is called in the outputs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.people import People
from linkage.result import Linkage


@dataclass(frozen=True, slots=True)
class Persons:
    """`of[i]` is the person of record i, numbered in the order of their first records. The records of person n are
    `records[starts[n]:starts[n] + sizes[n]]`, in the order of the lists."""

    of: NDArray[np.intp]
    records: NDArray[np.intp]
    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]
    names: list[str]

    def __len__(self) -> int:
        return len(self.sizes)

    def members(self, person: int) -> list[int]:
        """The records of one person."""
        start = self.starts[person]
        return list(map(int, self.records[start : start + self.sizes[person]]))


def persons(linkage: Linkage) -> Persons:
    """A person is called by the smallest id of its records; where two lists share ids, by list and id: `a:17`."""
    _, first, inverse = np.unique(linkage.clusters, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.intp)
    rank[np.argsort(first)] = np.arange(len(first))
    of = rank[inverse]
    records = np.argsort(of, kind="stable")
    sizes = np.bincount(of, minlength=len(first))
    starts = np.concatenate((np.zeros(1, np.intp), np.cumsum(sizes)))[:-1]
    labels = _labels(linkage.people)
    names = [
        min(labels[i] for i in records[start : start + size])
        for start, size in zip(starts.tolist(), sizes.tolist(), strict=True)
    ]
    return Persons(of, records, starts, sizes, names)


def list_of(people: People, record: int) -> str:
    """The list that a record stands in: a, or b."""
    return "a" if people.second is None or record < people.second else "b"


def _labels(people: People) -> list[str]:
    ids = list(people.ids)
    if people.second is None or set(ids[: people.second]).isdisjoint(ids[people.second :]):
        return ids
    return [f"{list_of(people, i)}:{ids[i]}" for i in range(len(ids))]
