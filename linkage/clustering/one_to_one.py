"""One-to-one assignment: of the pairs between two lists without duplicates, those whose weights sum to the most."""

from collections.abc import Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray

from linkage.clustering.clusters import components
from linkage.features import Ints

MOST_FOR_OPTIMUM = 200
"""Connected components of up to so many records are solved exactly; in larger ones the heaviest pair goes first."""

Pair = tuple[int, int, float]
"""Row (a record of the first list), column (a record of the second), weight."""

Costs = Sequence[Sequence[float]]


def assign(left: Ints, right: Ints, weight: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which pairs to keep: no record of either list twice, and the sum of weights the greatest.

    Pairs that do not weigh more than 0 are never kept. The order of the pairs does not change the choice.
    """
    kept = np.zeros(len(left), dtype=np.bool_)
    order = np.lexsort((right, left))
    order = order[weight[order] > 0]
    left_records, rows = np.unique(left[order], return_inverse=True)
    right_records, columns = np.unique(right[order], return_inverse=True)
    component = components(len(left_records) + len(right_records), rows, columns + len(left_records))[rows]
    by_component = np.argsort(component, kind="stable")
    bounds = np.append(np.flatnonzero(np.diff(component[by_component], prepend=-1)), len(component))
    single = np.diff(bounds) == 1
    kept[order[by_component[bounds[:-1][single]]]] = True
    for low, high in zip(bounds[:-1][~single].tolist(), bounds[1:][~single].tolist(), strict=True):
        at = by_component[low:high]
        pairs = list(zip(rows[at].tolist(), columns[at].tolist(), weight[order[at]].tolist(), strict=True))
        kept[order[at[_best(pairs)]]] = True
    return kept


def _best(pairs: Sequence[Pair]) -> list[int]:
    """Indices of the pairs to keep, of one connected component."""
    rows, columns = sorted({row for row, _, _ in pairs}), sorted({column for _, column, _ in pairs})
    if len(rows) + len(columns) > MOST_FOR_OPTIMUM:
        return _heaviest_first(pairs)
    if len(rows) > len(columns):
        return _best([(column, row, weight) for row, column, weight in pairs])
    number_of = {pair[:2]: n for n, pair in enumerate(pairs)}
    costs = [[0.0] * len(columns) for _ in rows]
    row_at, column_at = {row: n for n, row in enumerate(rows)}, {column: n for n, column in enumerate(columns)}
    for row, column, weight in pairs:
        costs[row_at[row]][column_at[column]] = -weight
    assigned = ((rows[row], columns[column]) for row, column in enumerate(_assigned_columns(costs)))
    return [number_of[pair] for pair in assigned if pair in number_of]


def _heaviest_first(pairs: Sequence[Pair]) -> list[int]:
    used_rows: set[int] = set()
    used_columns: set[int] = set()
    kept = []
    for n in sorted(range(len(pairs)), key=lambda n: (-pairs[n][2], n)):
        row, column, _ = pairs[n]
        if row not in used_rows and column not in used_columns:
            kept.append(n)
            used_rows.add(row)
            used_columns.add(column)
    return kept


def _assigned_columns(costs: Costs) -> list[int]:
    """The column of each row, so that the costs sum to the least; there are at least as many columns as rows.

    The Hungarian method: row after row takes the cheapest path to a free column (Jonker and Volgenant, 1987).
    """
    start = len(costs[0])
    prices = [0.0] * len(costs), [0.0] * (start + 1)
    row_of = [-1] * (start + 1)
    for row in range(len(costs)):
        row_of[start] = row
        column, before = _cheapest_path(costs, prices, row_of)
        while column != start:
            row_of[column] = row_of[before[column]]
            column = before[column]
    return [row_of.index(row) for row in range(len(costs))]


def _cheapest_path(
    costs: Costs, prices: tuple[list[float], list[float]], row_of: Sequence[int]
) -> tuple[int, list[int]]:
    """The free column where the path ends, and for each column the one before it. Changes `prices`."""
    row_prices, column_prices = prices
    column = len(column_prices) - 1
    unvisited, visited = list(range(column)), [column]
    slack, before = [inf] * column, [column] * column
    while row_of[column] >= 0:
        row = row_of[column]
        for n in unvisited:
            reduced_cost = costs[row][n] - row_prices[row] - column_prices[n]
            if reduced_cost < slack[n]:
                slack[n], before[n] = reduced_cost, column
        column = min(unvisited, key=slack.__getitem__)
        step = slack[column]
        for n in visited:
            row_prices[row_of[n]] += step
            column_prices[n] -= step
        for n in unvisited:
            slack[n] -= step
        unvisited.remove(column)
        visited.append(column)
    return column, before
