"""How good links are, by the truth: precision, recall and F1 of the pairs they imply."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Links:
    """Pairs of rows and how probable each is; `size` rows in all."""

    size: int
    left: Rows
    right: Rows
    probability: NDArray[np.float64]

    def above(self, bits: float) -> "Links":
        """Those whose odds are at least 2 to the power of `bits`."""
        chosen = self.probability >= 1 / (1 + 2.0**-bits)
        return Links(self.size, self.left[chosen], self.right[chosen], self.probability[chosen])


@dataclass(frozen=True, slots=True)
class Score:
    precision: float
    recall: float
    f1: float


def judged(links: Links, truth: Sequence[str], second: int | None) -> Score:
    """One list (`second` is None): the pairs within clusters. Two: the links across; the second begins at `second`."""
    people = np.unique(np.asarray(truth), return_inverse=True)[1]
    if second is None:
        return clustered(clusters(links), people)
    matches = _pairs_of(Counter(people[:second].tolist()), Counter(people[second:].tolist()))
    linked = np.unique(links.left.astype(np.int64) * links.size + links.right)
    right = np.count_nonzero(people[linked // links.size] == people[linked % links.size])
    return _score(int(right), len(linked), matches)


def best(links: Links, truth: Sequence[str], second: int | None) -> tuple[float, Score]:
    """The threshold in bits, of eighty from -7 to 32.5, that the truth would have chosen, and its score."""
    scored = [(half / 2, judged(links.above(half / 2), truth, second)) for half in range(-14, 66)]
    return max(scored, key=lambda result: result[1].f1)


def clustered(cluster: Iterable[int], people: Iterable[int | str]) -> Score:
    """The score of a division into clusters, by the pairs within them."""
    clusters, persons = list(cluster), list(people)
    both = Counter(zip(clusters, persons, strict=True))
    return _score(_within(both), _within(Counter(clusters)), _within(Counter(persons)))


def clusters(links: Links) -> list[int]:
    """Connected components: the number of the least row of each row's cluster."""
    root = list(range(links.size))

    def find(row: int) -> int:
        while root[row] != row:
            root[row] = root[root[row]]
            row = root[row]
        return row

    for left, right in zip(links.left.tolist(), links.right.tolist(), strict=True):
        left_root, right_root = find(left), find(right)
        root[max(left_root, right_root)] = min(left_root, right_root)
    return [find(row) for row in range(links.size)]


def _within(counts: Counter[Any]) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())


def _pairs_of(first: Counter[int], second: Counter[int]) -> int:
    return sum(count * second[person] for person, count in first.items())


def _score(right: int, linked: int, matches: int) -> Score:
    precision, recall = right / linked if linked else 1.0, right / matches if matches else 1.0
    total = precision + recall
    return Score(round(precision, 4), round(recall, 4), round(2 * precision * recall / total if total else 0.0, 4))
