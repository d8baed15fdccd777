"""Whether a code that occurs in several records marks the same person in them."""

from collections.abc import Iterator, Sequence
from itertools import combinations, islice

from linkage.lists.table import MISSING_VALUES, Table

_MOST_PAIRS = 500
_MANY_VALUES = 20
_MOST_RECORDS = 6
"""A code in so many records or more is of no one person."""

_AGREEING = 0.5
_FEWEST_REPEATED = 0.05
"""Codes that must be repeated, as a share of the records of the shorter list."""

_Place = tuple[int, int]
"""A record: the number of its list, and its own in it."""

_Columns = list[Sequence[str]]


def marks_one_person(tables: Sequence[Table], headers: Sequence[str]) -> bool:
    """Whether records with the same code mostly agree in another column of many values, and are not too few.

    One list, or two; `headers` names the column of the code in each.
    """
    records_by_code: dict[str, list[_Place]] = {}
    for n, (table, header) in enumerate(zip(tables, headers, strict=True)):
        for record, code in enumerate(table.column(header)):
            records_by_code.setdefault(code.lower(), []).append((n, record))
    repeated = [
        places
        for code, places in records_by_code.items()
        if 1 < len(places) < _MOST_RECORDS and code not in MISSING_VALUES
    ]
    pairs = list(islice(_pairs(repeated, len(tables)), _MOST_PAIRS))
    if len(repeated) < _FEWEST_REPEATED * min(map(len, tables)) or not pairs:
        return False
    columns = [_columns_of_many_values(table, header) for table, header in zip(tables, headers, strict=True)]
    agreeing = sum(not _values(columns, first).isdisjoint(_values(columns, second)) for first, second in pairs)
    return agreeing >= _AGREEING * len(pairs)


def _pairs(repeated: Sequence[Sequence[_Place]], lists: int) -> Iterator[tuple[_Place, _Place]]:
    """One pair for each code; of two lists, one across them."""
    for places in repeated:
        yield from islice((pair for pair in combinations(places, 2) if lists == 1 or pair[0][0] != pair[1][0]), 1)


def _columns_of_many_values(table: Table, header: str) -> _Columns:
    """The other columns in which two records seldom agree by chance."""
    columns = [column for name, column in zip(table.headers, table.columns, strict=True) if name != header]
    return [column for column in columns if len(set(column)) > max(_MANY_VALUES, len(column) // 50)]


def _values(columns: Sequence[_Columns], place: _Place) -> set[str]:
    n, record = place
    return {column[record].lower() for column in columns[n]} - MISSING_VALUES
