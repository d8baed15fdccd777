"""The formats a list may have; each room opens one of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from linkage.lists.table import Unusable

Format = Literal["csv", "xlsx", "jsonl", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)

_BY_ENDING: dict[str, Format] = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt"), "csv"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), "xlsx"),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), "jsonl"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
}


@dataclass(frozen=True, slots=True)
class How:
    """How to read a list, where the file does not say it: `format` and `encoding` are found out when None; `sheet` is
    the first one. `header`: the first row holds names. `quotes`: a cell may stand in double quotes."""

    format: Format | None = None
    encoding: str | None = None
    sheet: str | None = None
    ragged: Literal["error", "skip"] = "error"
    header: bool = True
    quotes: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """A list being read. Row k of `rows` stands at `first + k`; an empty row is there, so that numbers stay true.

    With `headers` None the header is the first row. `expected` guesses how many rows there are, from how many were
    read. `remarks` grows while rows are read.
    """

    rows: Iterator[Sequence[str]]
    expected: Callable[[int], int]
    remarks: list[str]
    headers: Sequence[str] | None = None
    first: int = 1


def format_of(path: Path, how: How) -> Format:
    """By the file's ending, unless told."""
    if how.format is not None:
        return how.format
    if found := _BY_ENDING.get(path.suffix.lower()):
        return found
    raise Unusable(
        f"{path.name}: the ending {path.suffix or '(none)'} is of no format known here. "
        f"Name the format: --format {'|'.join(FORMATS)}."
    )


def open_list(path: Path, how: How) -> Opened:
    """The list, by its format. The rooms of spreadsheets and Parquet bring large libraries: loaded when needed."""
    match format_of(path, how):
        case "csv":
            from linkage.lists.formats.delimited import open_delimited

            return open_delimited(path, how)
        case "jsonl":
            from linkage.lists.formats.jsonlines import open_jsonlines

            return open_jsonlines(path, how)
        case "xlsx":
            from linkage.lists.formats.spreadsheet import open_spreadsheet

            return open_spreadsheet(path, how)
        case "parquet":
            from linkage.lists.formats.parquet import open_parquet

            return open_parquet(path)
