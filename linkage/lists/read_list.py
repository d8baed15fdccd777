"""Reads a list of persons in any format into columns of text."""

import re
from array import array
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from linkage.lists.formats import OpenList, ReadOptions, open_list
from linkage.lists.table import MISSING_VALUES, SHOWN, Table, Unusable, first_few
from linkage.progress import Progress, silent

_CHUNK = 20_000
_ROWS_OF_HEADER = 20
"""Among so many rows at the top the header is looked for."""

_MOSTLY_DISTINCT = 0.8
"""Share of distinct values above which equal values are no longer kept as one."""

_POINT_ZERO = re.compile(r"-?\d+\.0")
_DATA = re.compile(r"\d{5,}|\d{1,4}([-/.])\d{1,2}\1\d{1,4}|\S+@\S+\.\S+")


def read_list(
    path: Path, options: ReadOptions | None = None, progress: Progress = silent, *, may_be_empty: bool = False
) -> Table:
    """The list in the file without its empty rows. Unusable says what is wrong with it.

    `may_be_empty`: a header without a record is a list of none.
    """
    options = options or ReadOptions()
    if not path.is_file():
        raise Unusable(f"{path}: there is no such file.")
    builder = _TableBuilder(path.name, options, open_list(path, options))
    builder.read_all(lambda done, total: progress(f"Reading {path.name}", done, total), may_be_empty=may_be_empty)
    return builder.table()


class _TableBuilder:
    """Columns as they grow. Equal values of a column are kept as one string."""

    def __init__(self, name: str, options: ReadOptions, opened: OpenList) -> None:
        self.name, self.options, self.opened = name, options, opened
        self.remarks: list[str] = []
        top = list(islice(opened.rows, _ROWS_OF_HEADER)) if opened.headers is None else []
        self.headers, rows_above = self._header(top)
        self.row_number = opened.first + rows_above
        self.rest_of_top = top[rows_above:]
        self.columns: list[list[str]] = [[] for _ in self.headers]
        self.distinct: list[dict[str, str] | None] = [{} for _ in self.headers]
        self.rows = array("I")
        self.ragged: list[tuple[int, int]] = []

    def _header(self, top: Sequence[Sequence[str]]) -> tuple[list[str], int]:
        """The names of the columns, and how many rows of `top` they take together with a title above them."""
        if self.opened.headers is not None:
            return self._distinct_names(self.opened.headers), 0
        filled = [sum(1 for cell in row if cell.strip()) for row in top]
        if not any(filled):
            raise Unusable(f"{self.name}: the list is empty.")
        at = next(n for n, count in enumerate(filled) if count * 2 > max(filled))
        if not self.options.header:
            return [f"column {n}" for n in range(1, len(top[at]) + 1)], at
        if data := [cell.strip() for cell in top[at] if _DATA.fullmatch(cell.strip())]:
            raise Unusable(
                f"{self.name}: row {self.opened.first + at} should name the columns and looks like a record "
                f"({first_few(data, shown=3)}). Add a header row, or say that there is none: --no-header."
            )
        if at > 0:
            row = self.opened.first + at
            self.remarks.append(f"the header is taken to be row {row}; what stands above it is left out")
        return self._distinct_names(top[at]), at + 1

    def _distinct_names(self, cells: Sequence[str]) -> list[str]:
        names: list[str] = []
        for n, cell in enumerate(cells, 1):
            name = wanted = " ".join(cell.split()) or f"column {n}"
            number = 1
            while name in names:
                number += 1
                name = f"{wanted} ({number})"
            if number > 1:
                self.remarks.append(f"two columns are called {wanted!r}; the later one is called {name!r} here")
            names.append(name)
        return names

    def read_all(self, progress: Callable[[int, int], None], *, may_be_empty: bool) -> None:
        self._add(self.rest_of_top)
        while chunk := list(islice(self.opened.rows, _CHUNK)):
            self._add(chunk)
            progress(len(self.rows), max(len(self.rows) + 1, self.opened.expected(len(self.rows))))
        if self.ragged:
            self._judge_ragged()
        if not self.rows and not may_be_empty:
            raise Unusable(f"{self.name}: there is a header, and no record under it.")
        progress(len(self.rows), len(self.rows))

    def _add(self, chunk: Sequence[Sequence[str]]) -> None:
        width = len(self.headers)
        numbers: Sequence[int] = range(self.row_number, self.row_number + len(chunk))
        self.row_number += len(chunk)
        if any(len(row) != width or not any(row) for row in chunk):
            fitting = [(n, row) for n, row in zip(numbers, chunk, strict=True) if self._is_record(n, row)]
            numbers, chunk = [n for n, _ in fitting], [row[:width] for _, row in fitting]
        self.rows.extend(numbers)
        for n, values in enumerate(zip(*chunk, strict=True)):
            self._extend(n, list(map(str.strip, values)))

    def _is_record(self, number: int, row: Sequence[str]) -> bool:
        """An empty row is no record. Empty cells after the last column do no harm; other differences are noted."""
        if not any(map(str.strip, row)):
            return False
        width = len(self.headers)
        if len(row) == width or (len(row) > width and not any(map(str.strip, row[width:]))):
            return True
        self.ragged.append((number, len(row)))
        return False

    def _extend(self, n: int, values: list[str]) -> None:
        distinct = self.distinct[n]
        if distinct is None:
            self.columns[n].extend(values)
            return
        self.columns[n].extend(map(distinct.setdefault, values, values))
        if len(distinct) > _CHUNK and len(distinct) > _MOSTLY_DISTINCT * len(self.columns[n]):
            self.distinct[n] = None

    def _judge_ragged(self) -> None:
        rows = first_few((f"{number} ({count})" for number, count in self.ragged[:SHOWN]), len(self.ragged))
        what = f"{len(self.ragged):,} rows have not {len(self.headers)} cells as the header has: rows {rows}"
        if self.options.ragged == "error":
            raise Unusable(f"{self.name}: {what} (cells in brackets). Mend them, or leave them out: --ragged skip.")
        self.remarks.append(f"{what}; they are left out")

    def table(self) -> Table:
        """The table, without nameless columns that are empty, and with whole numbers written as such."""
        self.columns = [_whole_numbers(values) for values in self.columns]
        kept = [n for n, header in enumerate(self.headers) if header != f"column {n + 1}" or any(self.columns[n])]
        return Table(
            name=self.name,
            headers=tuple(self.headers[n] for n in kept),
            columns=tuple(self.columns[n] for n in kept),
            rows=self.rows,
            remarks=(*self.remarks, *self.opened.remarks),
        )


def _whole_numbers(values: list[str]) -> list[str]:
    """Programs that lack empty whole numbers write 4223 as 4223.0, throughout a column."""
    if all(_POINT_ZERO.fullmatch(value) for value in values if value.lower() not in MISSING_VALUES):
        return [value.removesuffix(".0") for value in values]
    return values
