"""The known truth: which records are of one person, by a column or a file of pairs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.features import Ints
from linkage.lists.table import MISSING_VALUES, Table, Unusable, first_few

MOST_PAIRS = 50_000_000


@dataclass(frozen=True, slots=True)
class Truth:
    """All pairs of records of one person, `left` < `right`, each once; of two lists only those across them."""

    left: Ints
    right: Ints


def truth_by_column(tables: Sequence[Table], ids: Sequence[Sequence[str]], header: str) -> Truth:
    """Records with the same value are one person. If only one of two lists has the column, it holds ids of the other
    list. Raises Unusable."""
    having = [n for n, table in enumerate(tables) if header in table.headers]
    if not having:
        columns = "; ".join(f"{table.name} has {first_few(table.headers, shown=30)}" for table in tables)
        raise Unusable(f"--truth {header}: no list has this column ({columns}).")
    if len(having) < len(tables):
        return _by_ids_of_other_list(tables, ids, header, having[0])
    person = _person_numbers([value for table in tables for value in table.column(header)])
    return _pairs_of_persons(person, len(tables[0]) if len(tables) == 2 else None, header)


def truth_by_pairs(pairs: Table, tables: Sequence[Table], ids: Sequence[Sequence[str]]) -> Truth:
    """A file with two columns of ids, with or without a header: of one list, or of list a and list b in either order.

    In one list, records that are paired through a third are paired. Raises Unusable.
    """
    if len(pairs.headers) != 2:
        raise Unusable(f"{pairs.name}: true pairs stand in two columns of ids, and it has {len(pairs.headers)}.")
    record_of = [{value: n for n, value in enumerate(of_list)} for of_list in ids]
    first, second = record_of[0], record_of[-1]
    id_pairs = list(zip(*pairs.columns, strict=True))
    if sum(left in first and right in second for left, right in id_pairs) < len(id_pairs) // 2:
        id_pairs = [(right, left) for left, right in id_pairs]
    unknown = [
        f"row {row}: {left}, {right}"
        for row, (left, right) in zip(pairs.rows, id_pairs, strict=True)
        if left not in first or right not in second
    ]
    if unknown and unknown[0].startswith("row 1:"):
        unknown, id_pairs = unknown[1:], id_pairs[1:]
    if unknown:
        raise Unusable(f"{pairs.name}: ids that the lists do not have: {first_few(unknown)}.")
    records = [(first[left], second[right]) for left, right in id_pairs]
    if len(tables) == 1:
        return _pairs_of_persons(_connected(len(tables[0]), records), None, pairs.name)
    offset = len(tables[0])
    return _distinct([left for left, _ in records], [offset + right for _, right in records])


def _person_numbers(values: Sequence[str]) -> Ints:
    """A number for each value, -1 for a missing one."""
    number: dict[str, int] = {}
    return np.array(
        [-1 if value.lower() in MISSING_VALUES else number.setdefault(value, len(number)) for value in values],
        dtype=np.int32,
    )


def _by_ids_of_other_list(tables: Sequence[Table], ids: Sequence[Sequence[str]], header: str, having: int) -> Truth:
    """Each value is the id of a record in the other list."""
    other = 1 - having
    record_of = {value: n for n, value in enumerate(ids[other])}
    values = tables[having].column(header)
    records = [(n, record_of[value]) for n, value in enumerate(values) if value in record_of]
    if not records:
        raise Unusable(
            f"--truth {header}: {tables[other].name} lacks this column, and its ids are not in that of "
            f"{tables[having].name}."
        )
    offset = len(tables[0])
    of_having, of_other = [n for n, _ in records], [n for _, n in records]
    first, second = (of_having, of_other) if having == 0 else (of_other, of_having)
    return _distinct(first, [offset + n for n in second])


def _distinct(left: Sequence[int], right: Sequence[int]) -> Truth:
    pairs = np.unique(np.array([left, right], dtype=np.int32).reshape(2, -1), axis=1)
    return Truth(pairs[0], pairs[1])


def _pairs_of_persons(person: Ints, second: int | None, name: str) -> Truth:
    """All pairs of records with the same number; of two lists, those across them."""
    numbered = np.flatnonzero(person >= 0)
    order = numbered[np.argsort(person[numbered], kind="stable")]
    groups = np.split(order, np.flatnonzero(np.diff(person[order])) + 1)
    expected = sum(len(group) * (len(group) - 1) // 2 for group in groups)
    if expected > MOST_PAIRS:
        raise Unusable(f"{name}: it makes {expected:,} pairs, so many records share one value. Is it the true person?")
    left, right = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
    for group in groups:
        if len(group) > 1:
            first, other = _within(group) if second is None else _across(group, second)
            left.append(first)
            right.append(other)
    return Truth(np.concatenate(left).astype(np.int32), np.concatenate(right).astype(np.int32))


def _within(group: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    left, right = np.triu_indices(len(group), 1)
    return group[left], group[right]


def _across(group: NDArray[np.intp], second: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    of_first, of_second = group[group < second], group[group >= second]
    return np.repeat(of_first, len(of_second)), np.tile(of_second, len(of_first))


def _connected(size: int, pairs: Sequence[tuple[int, int]]) -> Ints:
    """For each record a record of its connected component, -1 where it is in no pair."""
    parent = {record: record for pair in pairs for record in pair}

    def root(record: int) -> int:
        while parent[record] != record:
            parent[record] = record = parent[parent[record]]
        return record

    for left, right in pairs:
        parent[root(left)] = root(right)
    person = np.full(size, -1, dtype=np.int32)
    for record in parent:
        person[record] = root(record)
    return person
