"""What is known of who is who, and how well a linkage found it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.blocking import propose_pairs
from linkage.feature_extraction import extract_features
from linkage.features import Ints
from linkage.lists.table import NOTHING, Table, Unusable, some
from linkage.result import DECISIONS, Linkage

MOST_PAIRS = 50_000_000

_Keys = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Truth:
    """All pairs of records of one person, `left` < `right`, each once; of two lists those across them alone."""

    left: Ints
    right: Ints


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Pairs implied by what was linked, against the true ones: within clusters for one list, links across for two.

    `blocking_recall` is the share of true pairs that were compared at all, `review_share` that of records of which a
    steward sees at least one pair.
    """

    precision: float
    recall: float
    f1: float
    true_pairs: int
    found: int
    wrong: int
    missed: int
    blocking_recall: float
    review_share: float


def by_column(tables: Sequence[Table], ids: Sequence[Sequence[str]], header: str) -> Truth:
    """Records with the same value are one person. A column in one of two lists alone holds ids of the other list."""
    having = [n for n, table in enumerate(tables) if header in table.headers]
    if not having:
        known = "; ".join(f"{table.name} has {some(table.headers, shown=30)}" for table in tables)
        raise Unusable(f"--truth {header}: no list has this column ({known}).")
    if len(having) < len(tables):
        return _naming(tables, ids, header, having[0])
    entity = _numbered([value for table in tables for value in table.column(header)])
    return _of_entities(entity, len(tables[0]) if len(tables) == 2 else None, header)


def by_pairs(pairs: Table, tables: Sequence[Table], ids: Sequence[Sequence[str]]) -> Truth:
    """A file with two columns of ids, header or not: of one list, or of list a and list b (or all of b and a).

    In one list, who is paired through a third is paired.
    """
    if len(pairs.headers) != 2:
        raise Unusable(f"{pairs.name}: true pairs stand in two columns of ids, and it has {len(pairs.headers)}.")
    numbers = [{value: n for n, value in enumerate(of)} for of in ids]
    second = numbers[-1]
    where = list(zip(*pairs.columns, strict=True))
    if sum(left in numbers[0] and right in second for left, right in where) < len(where) // 2:
        where = [(right, left) for left, right in where]
    unknown = [
        f"row {row}: {left}, {right}"
        for row, (left, right) in zip(pairs.rows, where, strict=True)
        if left not in numbers[0] or right not in second
    ]
    if unknown and unknown[0].startswith("row 1:"):
        unknown, where = unknown[1:], where[1:]
    if unknown:
        raise Unusable(f"{pairs.name}: ids that the lists do not have: {some(unknown)}.")
    found = [(numbers[0][left], second[right]) for left, right in where]
    if len(tables) == 1:
        return _of_entities(_joined(len(tables[0]), found), None, pairs.name)
    offset = len(tables[0])
    return _unique([left for left, _ in found], [offset + right for _, right in found])


def evaluate(linkage: Linkage, truth: Truth, compared: tuple[Ints, Ints]) -> Evaluation:
    """`compared` are all candidate pairs."""
    size = len(linkage.people)
    true = _keys(truth.left, truth.right, size)
    link, review = (linkage.pairs.decision == DECISIONS.index(decision) for decision in ("link", "review"))
    if linkage.people.second is None:
        found = int((linkage.clusters[truth.left] == linkage.clusters[truth.right]).sum())
        sizes = np.bincount(linkage.clusters).astype(np.int64)
        linked = int((sizes * (sizes - 1) // 2).sum())
    else:
        links = _keys(linkage.pairs.left[link], linkage.pairs.right[link], size)
        linked, found = len(links), int(np.isin(links, true).sum())
    blocked = int(np.isin(true, _keys(*compared, size)).sum())
    reviewed = np.union1d(linkage.pairs.left[review], linkage.pairs.right[review])
    precision, recall = _share(found, linked), _share(found, len(true))
    return Evaluation(
        precision=precision,
        recall=recall,
        f1=_share(2 * precision * recall, precision + recall, 0.0),
        true_pairs=len(true),
        found=found,
        wrong=linked - found,
        missed=len(true) - found,
        blocking_recall=_share(blocked, len(true)),
        review_share=_share(len(reviewed), size, 0.0),
    )


def compared(linkage: Linkage, budget: int) -> tuple[Ints, Ints]:
    """All candidate pairs: a linkage keeps only those that may matter."""
    found = propose_pairs(
        linkage.comparer.features if linkage.comparer else extract_features(linkage.people), budget=budget
    )
    return found.left, found.right


def _share(part: float, whole: float, of_nothing: float = 1.0) -> float:
    return part / whole if whole else of_nothing


def _keys(left: Ints, right: Ints, size: int) -> _Keys:
    return left.astype(np.int64) * size + right


def _numbered(values: Sequence[str]) -> Ints:
    """A number for each value, -1 where there is none."""
    known: dict[str, int] = {}
    return np.array(
        [-1 if value.lower() in NOTHING else known.setdefault(value, len(known)) for value in values], dtype=np.int32
    )


def _naming(tables: Sequence[Table], ids: Sequence[Sequence[str]], header: str, having: int) -> Truth:
    """Each value is the id of a record in the other list."""
    other = 1 - having
    place = {value: n for n, value in enumerate(ids[other])}
    values = tables[having].column(header)
    found = [(n, place[value]) for n, value in enumerate(values) if value in place]
    if not found:
        raise Unusable(
            f"--truth {header}: {tables[other].name} lacks this column, and its ids are not in that of "
            f"{tables[having].name}."
        )
    offset = len(tables[0])
    mine, theirs = [n for n, _ in found], [n for _, n in found]
    first, second = (mine, theirs) if having == 0 else (theirs, mine)
    return _unique(first, [offset + n for n in second])


def _unique(left: Sequence[int], right: Sequence[int]) -> Truth:
    pairs = np.unique(np.array([left, right], dtype=np.int32).reshape(2, -1), axis=1)
    return Truth(pairs[0], pairs[1])


def _of_entities(entity: Ints, second: int | None, name: str) -> Truth:
    """All pairs within an entity; with two lists, those across."""
    known = np.flatnonzero(entity >= 0)
    order = known[np.argsort(entity[known], kind="stable")]
    groups = np.split(order, np.flatnonzero(np.diff(entity[order])) + 1)
    expected = sum(len(group) * (len(group) - 1) // 2 for group in groups)
    if expected > MOST_PAIRS:
        raise Unusable(f"{name}: it makes {expected:,} pairs, so many records share one value. Is it the true entity?")
    left, right = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
    for group in groups:
        if len(group) > 1:
            one, other = _within(group) if second is None else _across(group, second)
            left.append(one)
            right.append(other)
    return Truth(np.concatenate(left).astype(np.int32), np.concatenate(right).astype(np.int32))


def _within(group: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    one, other = np.triu_indices(len(group), 1)
    return group[one], group[other]


def _across(group: NDArray[np.intp], second: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    ours, theirs = group[group < second], group[group >= second]
    return np.repeat(ours, len(theirs)), np.tile(theirs, len(ours))


def _joined(size: int, pairs: Sequence[tuple[int, int]]) -> Ints:
    """The entity of each record, -1 where it is in no pair."""
    parent = {n: n for pair in pairs for n in pair}

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = n = parent[parent[n]]
        return n

    for one, other in pairs:
        parent[root(one)] = root(other)
    entity = np.full(size, -1, dtype=np.int32)
    for n in parent:
        entity[n] = root(n)
    return entity
