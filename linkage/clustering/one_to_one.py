"""One to one: of the pairs between two lists free of duplicates, those that weigh most together."""

from collections.abc import Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray

from linkage.clustering.clusters import components
from linkage.features import Ints

EXACT = 200
"""Up to so many records that hang together the best choice is found; beyond, the heaviest pair goes first."""

Pair = tuple[int, int, float]
Costs = Sequence[Sequence[float]]


def assignment(left: Ints, right: Ints, weight: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which pairs to keep: no record of either side twice, and the sum of weights the greatest.

    Pairs that do not weigh more than 0 are never kept. The same pairs in another order give the same choice.
    """
    chosen = np.zeros(len(left), dtype=np.bool_)
    order = np.lexsort((right, left))
    order = order[weight[order] > 0]
    ones, rows = np.unique(left[order], return_inverse=True)
    others, columns = np.unique(right[order], return_inverse=True)
    part = components(len(ones) + len(others), rows, columns + len(ones))[rows]
    by_part = np.argsort(part, kind="stable")
    bounds = np.append(np.flatnonzero(np.diff(part[by_part], prepend=-1)), len(part))
    single = np.diff(bounds) == 1
    chosen[order[by_part[bounds[:-1][single]]]] = True
    for low, high in zip(bounds[:-1][~single].tolist(), bounds[1:][~single].tolist(), strict=True):
        at = by_part[low:high]
        pairs = list(zip(rows[at].tolist(), columns[at].tolist(), weight[order[at]].tolist(), strict=True))
        chosen[order[at[_best(pairs)]]] = True
    return chosen


def _best(pairs: Sequence[Pair]) -> list[int]:
    """Indices of the pairs to keep, of some that hang together."""
    rows, columns = sorted({row for row, _, _ in pairs}), sorted({column for _, column, _ in pairs})
    if len(rows) + len(columns) > EXACT:
        return _heaviest_first(pairs)
    if len(rows) > len(columns):
        return _best([(column, row, weight) for row, column, weight in pairs])
    number = {pair[:2]: n for n, pair in enumerate(pairs)}
    cost = [[0.0] * len(columns) for _ in rows]
    at_row, at_column = {row: n for n, row in enumerate(rows)}, {column: n for n, column in enumerate(columns)}
    for row, column, weight in pairs:
        cost[at_row[row]][at_column[column]] = -weight
    kept = ((rows[row], columns[column]) for row, column in enumerate(_assigned(cost)))
    return [number[pair] for pair in kept if pair in number]


def _heaviest_first(pairs: Sequence[Pair]) -> list[int]:
    taken_rows: set[int] = set()
    taken_columns: set[int] = set()
    kept = []
    for n in sorted(range(len(pairs)), key=lambda n: (-pairs[n][2], n)):
        row, column, _ = pairs[n]
        if row not in taken_rows and column not in taken_columns:
            kept.append(n)
            taken_rows.add(row)
            taken_columns.add(column)
    return kept


def _assigned(cost: Costs) -> list[int]:
    """The column of each row, so that costs sum to the least; there are as many columns as rows, or more.

    The Hungarian method: row after row takes the cheapest path to a free column (Jonker and Volgenant, 1987).
    """
    start = len(cost[0])
    prices = [0.0] * len(cost), [0.0] * (start + 1)
    row_of = [-1] * (start + 1)
    for row in range(len(cost)):
        row_of[start] = row
        column, before = _path(cost, prices, row_of)
        while column != start:
            row_of[column] = row_of[before[column]]
            column = before[column]
    return [row_of.index(row) for row in range(len(cost))]


def _path(cost: Costs, prices: tuple[list[float], list[float]], row_of: Sequence[int]) -> tuple[int, list[int]]:
    """The free column where the path ends, and for each column the one before it. Prices change on the way."""
    of_row, of_column = prices
    column = len(of_column) - 1
    free, seen = list(range(column)), [column]
    slack, before = [inf] * column, [column] * column
    while row_of[column] >= 0:
        row = row_of[column]
        for n in free:
            reduced = cost[row][n] - of_row[row] - of_column[n]
            if reduced < slack[n]:
                slack[n], before[n] = reduced, column
        column = min(free, key=slack.__getitem__)
        step = slack[column]
        for n in seen:
            of_row[row_of[n]] += step
            of_column[n] -= step
        for n in free:
            slack[n] -= step
        free.remove(column)
        seen.append(column)
    return column, before
