"""Whether a code that comes back comes back with the same person."""

from collections.abc import Iterator, Sequence
from itertools import combinations, islice

from linkage.lists.table import NOTHING, Table

_PAIRS = 500
_MANY = 20
_AGREEING = 0.5
_CARRIERS = 6
_OFTEN = 0.05

_Place = tuple[int, int]
"""A record: the number of its list, and its own in it."""


def comes_back(tables: Sequence[Table], headers: Sequence[str | None]) -> bool:
    """Records with the same code mostly agree in another column that has many values, and such records are not few.

    One list, or two; `headers` names the column of the code in each, None where that list has none.
    """
    carriers: dict[str, list[_Place]] = {}
    for n, (table, header) in enumerate(zip(tables, headers, strict=True)):
        for record, value in enumerate(table.column(header) if header is not None else ()):
            carriers.setdefault(value.lower(), []).append((n, record))
    repeated = [places for value, places in carriers.items() if 1 < len(places) < _CARRIERS and value not in NOTHING]
    pairs = list(islice(_across(repeated, len(tables)), _PAIRS))
    if len(repeated) < _OFTEN * min(map(len, tables)) or not pairs:
        return False
    told = [_telling(table, header) for table, header in zip(tables, headers, strict=True)]
    agreeing = sum(not _said(told, one).isdisjoint(_said(told, other)) for one, other in pairs)
    return agreeing >= _AGREEING * len(pairs)


def _across(repeated: Sequence[Sequence[_Place]], lists: int) -> Iterator[tuple[_Place, _Place]]:
    """One pair for each code; of two lists, one across."""
    for places in repeated:
        yield from islice((pair for pair in combinations(places, 2) if lists == 1 or pair[0][0] != pair[1][0]), 1)


def _telling(table: Table, header: str | None) -> list[Sequence[str]]:
    """The other columns whose values are many, so that two records seldom agree by chance."""
    columns = [column for name, column in zip(table.headers, table.columns, strict=True) if name != header]
    return [column for column in columns if len(set(column)) > max(_MANY, len(column) // 50)]


def _said(told: Sequence[Sequence[Sequence[str]]], place: _Place) -> set[str]:
    n, record = place
    return {column[record].lower() for column in told[n]} - NOTHING
