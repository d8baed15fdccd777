"""Reads any list of persons into columns of text."""

import re
from array import array
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from linkage.lists.formats import How, Opened, open_list
from linkage.lists.table import NOTHING, SHOWN, Table, Unusable, some

Progress = Callable[[str, int, int], None]

_CHUNK = 20_000
_TOP = 20
_MOSTLY_DISTINCT = 0.8
_POINT_ZERO = re.compile(r"-?\d+\.0")
_DATA = re.compile(r"\d{5,}|\d{1,4}([-/.])\d{1,2}\1\d{1,4}|\S+@\S+\.\S+")


def silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def read(path: Path, how: How | None = None, progress: Progress = silent) -> Table:
    """The list in the file; Unusable says what is wrong with it. Empty rows are left out."""
    how = how or How()
    if not path.is_file():
        raise Unusable(f"{path}: there is no such file.")
    gathered = _Gathering(path.name, how, open_list(path, how))
    gathered.all(lambda done, total: progress(f"Reading {path.name}", done, total))
    return gathered.table()


class _Gathering:
    """Columns as they grow. Values that occur again are kept once."""

    def __init__(self, name: str, how: How, opened: Opened) -> None:
        self.name, self.how, self.opened = name, how, opened
        self.said: list[str] = []
        top = list(islice(opened.rows, _TOP)) if opened.headers is None else []
        self.headers, above = self._header(top)
        self.number = opened.first + above
        self.rest = top[above:]
        self.columns: list[list[str]] = [[] for _ in self.headers]
        self.known: list[dict[str, str] | None] = [{} for _ in self.headers]
        self.rows = array("I")
        self.ragged: list[tuple[int, int]] = []

    def _header(self, top: Sequence[Sequence[str]]) -> tuple[list[str], int]:
        """The names of the columns, and how many rows of `top` they and a title above them take."""
        if self.opened.headers is not None:
            return self._named(self.opened.headers), 0
        filled = [sum(1 for cell in row if cell.strip()) for row in top]
        if not any(filled):
            raise Unusable(f"{self.name}: the list is empty.")
        at = next(n for n, count in enumerate(filled) if count * 2 > max(filled))
        if not self.how.header:
            return [f"column {n}" for n in range(1, len(top[at]) + 1)], at
        if data := [cell.strip() for cell in top[at] if _DATA.fullmatch(cell.strip())]:
            raise Unusable(
                f"{self.name}: row {self.opened.first + at} should name the columns and looks like a record "
                f"({some(data, shown=3)}). Add a header row, or say that there is none: --no-header."
            )
        if at > 0:
            self.said.append(f"the header is taken to be row {self.opened.first + at}; what stands above is left out")
        return self._named(top[at]), at + 1

    def _named(self, cells: Sequence[str]) -> list[str]:
        """Every column gets a name of its own."""
        named: list[str] = []
        for n, cell in enumerate(cells, 1):
            name = wanted = " ".join(cell.split()) or f"column {n}"
            again = 1
            while name in named:
                again += 1
                name = f"{wanted} ({again})"
            if again > 1:
                self.said.append(f"two columns are called {wanted!r}; the later one is called {name!r} here")
            named.append(name)
        return named

    def all(self, progress: Callable[[int, int], None]) -> None:
        self._add(self.rest)
        while chunk := list(islice(self.opened.rows, _CHUNK)):
            self._add(chunk)
            progress(len(self.rows), max(len(self.rows) + 1, self.opened.expected(len(self.rows))))
        if self.ragged:
            self._judge_ragged()
        if not self.rows:
            raise Unusable(f"{self.name}: there is a header, and no record under it.")
        progress(len(self.rows), len(self.rows))

    def _add(self, chunk: Sequence[Sequence[str]]) -> None:
        width = len(self.headers)
        numbers: Sequence[int] = range(self.number, self.number + len(chunk))
        self.number += len(chunk)
        if any(len(row) != width or not any(row) for row in chunk):
            fitting = [(n, row) for n, row in zip(numbers, chunk, strict=True) if self._fits(n, row)]
            numbers, chunk = [n for n, _ in fitting], [row[:width] for _, row in fitting]
        self.rows.extend(numbers)
        for n, values in enumerate(zip(*chunk, strict=True)):
            self._extend(n, list(map(str.strip, values)))

    def _fits(self, number: int, row: Sequence[str]) -> bool:
        """An empty row is none. Empty cells beyond the last column do no harm; other differences are noted."""
        if not any(map(str.strip, row)):
            return False
        width = len(self.headers)
        if len(row) == width or (len(row) > width and not any(map(str.strip, row[width:]))):
            return True
        self.ragged.append((number, len(row)))
        return False

    def _extend(self, n: int, values: list[str]) -> None:
        known = self.known[n]
        if known is None:
            self.columns[n].extend(values)
            return
        self.columns[n].extend(map(known.setdefault, values, values))
        if len(known) > _CHUNK and len(known) > _MOSTLY_DISTINCT * len(self.columns[n]):
            self.known[n] = None

    def _judge_ragged(self) -> None:
        rows = some((f"{number} ({count})" for number, count in self.ragged[:SHOWN]), len(self.ragged))
        what = f"{len(self.ragged):,} rows have not {len(self.headers)} cells as the header has: rows {rows}"
        if self.how.ragged == "error":
            raise Unusable(f"{self.name}: {what} (cells in brackets). Mend them, or leave them out: --ragged skip.")
        self.said.append(f"{what}; they are left out")

    def table(self) -> Table:
        """What was gathered, without nameless columns that hold nothing, and with whole numbers written as such."""
        self.columns = [_whole_numbers(values) for values in self.columns]
        kept = [n for n, header in enumerate(self.headers) if header != f"column {n + 1}" or any(self.columns[n])]
        return Table(
            name=self.name,
            headers=tuple(self.headers[n] for n in kept),
            columns=tuple(self.columns[n] for n in kept),
            rows=self.rows,
            remarks=(*self.said, *self.opened.remarks),
        )


def _whole_numbers(values: list[str]) -> list[str]:
    """Programs that know no empty whole numbers write 4223 as 4223.0, throughout a column."""
    if all(_POINT_ZERO.fullmatch(value) for value in values if value.lower() not in NOTHING):
        return [value.removesuffix(".0") for value in values]
    return values
