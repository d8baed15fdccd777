"""The persons that a linkage found: which records are whose, and what each person is called in the results."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.people import People
from linkage.result import Linkage


@dataclass(frozen=True, slots=True)
class Persons:
    """`person_of[i]` is the person of record i; persons are numbered in the order of their first records. The records
    of person n are `records[starts[n]:starts[n] + sizes[n]]`, in the order of the lists; `names[n]` is its name."""

    person_of: NDArray[np.intp]
    records: NDArray[np.intp]
    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]
    names: list[str]

    def __len__(self) -> int:
        return len(self.sizes)

    def records_of(self, person: int) -> list[int]:
        start = self.starts[person]
        return list(map(int, self.records[start : start + self.sizes[person]]))


def persons(linkage: Linkage) -> Persons:
    """Each person's name is the smallest id of its records; where two lists have ids in common, list and id: `a:17`."""
    _, first, inverse = np.unique(linkage.clusters, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.intp)
    rank[np.argsort(first)] = np.arange(len(first))
    person_of = rank[inverse]
    records = np.argsort(person_of, kind="stable")
    sizes = np.bincount(person_of, minlength=len(first))
    starts = np.concatenate((np.zeros(1, np.intp), np.cumsum(sizes)))[:-1]
    labels = _labels(linkage.people)
    names = [
        min(labels[record] for record in records[start : start + size])
        for start, size in zip(starts.tolist(), sizes.tolist(), strict=True)
    ]
    return Persons(person_of, records, starts, sizes, names)


def list_of(people: People, record: int) -> str:
    """The list of a record: a, or b."""
    return "a" if people.second is None or record < people.second else "b"


def record_name(people: People, record: int) -> str:
    """The id of a record, with two lists after the letter of its list: `A 17`."""
    return people.ids[record] if people.second is None else f"{list_of(people, record).upper()} {people.ids[record]}"


def _labels(people: People) -> list[str]:
    ids = list(people.ids)
    if people.second is None or set(ids[: people.second]).isdisjoint(ids[people.second :]):
        return ids
    return [f"{list_of(people, record)}:{ids[record]}" for record in range(len(ids))]
