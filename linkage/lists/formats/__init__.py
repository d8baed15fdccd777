"""The formats that a list may have, recognised by content and by the ending of the file; one module opens each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from linkage.lists.table import Unusable

Format = Literal["csv", "xlsx", "jsonl", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)

_NAMES: dict[Format, str] = {
    "csv": "text with separators (CSV)",
    "xlsx": "a spreadsheet",
    "jsonl": "JSON Lines",
    "parquet": "Parquet",
}
_BY_ENDING: dict[str, Format] = {
    **dict.fromkeys((".csv", ".tsv", ".tab", ".txt"), "csv"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), "xlsx"),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), "jsonl"),
    **dict.fromkeys((".parquet", ".pq"), "parquet"),
}
_BY_FIRST_BYTES: tuple[tuple[bytes, Format], ...] = (
    (b"PK\x03\x04", "xlsx"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xlsx"),
    (b"PAR1", "parquet"),
)
"""ZIP archives (XLSX, XLSB, ODS), compound files (XLS), Parquet."""

_WEB_PAGE = (b"<!doctype html", b"<html", b"<table")
"""Web applications export HTML tables under the ending .xls."""

_LOOKED_AT = 512


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a list. `format` and `encoding` are recognised and `sheet` is the first one where they are None.

    `header`: the first row names the columns. `quotes`: a cell may be enclosed in double quotes. `ragged`: what to do
    with rows that have another number of cells than the header.
    """

    format: Format | None = None
    encoding: str | None = None
    sheet: str | None = None
    ragged: Literal["error", "skip"] = "error"
    header: bool = True
    quotes: bool = True


@dataclass(frozen=True, slots=True)
class OpenList:
    """A list that is being read. Row k of `rows` is row `first + k` of the file; empty rows are included.

    With `headers` None the header is the first row. `expected` estimates the number of all rows from the number of rows
    read. `remarks` grows while rows are read.
    """

    rows: Iterator[Sequence[str]]
    expected: Callable[[int], int]
    remarks: list[str]
    headers: Sequence[str] | None = None
    first: int = 1


def open_list(path: Path, options: ReadOptions) -> OpenList:
    """The list in the file, in the format that its content shows, else its ending. Raises Unusable.

    The modules of spreadsheets and Parquet need large libraries and are imported when needed.
    """
    list_format, remark = _format(path, options)
    opened = _open(path, list_format, options)
    return replace(opened, remarks=[remark, *opened.remarks]) if remark else opened


def _format(path: Path, options: ReadOptions) -> tuple[Format, str]:
    """The format, and a remark where the ending of the file says another one."""
    with path.open("rb") as file:
        beginning = file.read(_LOOKED_AT)
    by_ending = options.format or _BY_ENDING.get(path.suffix.lower())
    by_content = next((name for mark, name in _BY_FIRST_BYTES if beginning.startswith(mark)), None)
    if by_content is None and by_ending == "xlsx" and beginning and b"\0" not in beginning:
        by_content = _text_format(path, beginning)
    if by_content is None or by_content == by_ending:
        if by_ending is None:
            raise Unusable(
                f"{path.name}: the ending {path.suffix or '(none)'} is of no format known here. "
                f"Name the format: --format {'|'.join(FORMATS)}."
            )
        return by_ending, ""
    if options.format is not None:
        raise Unusable(
            f"{path.name}: this file is {_NAMES[by_content]}, not {_NAMES[options.format]}. Leave out --format."
        )
    return by_content, f"the file is {_NAMES[by_content]} in spite of its ending {path.suffix or '(none)'}"


def _text_format(path: Path, beginning: bytes) -> Format:
    """The format of a file that is no spreadsheet though it ends like one."""
    if beginning.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_WEB_PAGE):
        raise Unusable(
            f"{path.name}: this file is a web page, not a spreadsheet. Open it in a spreadsheet program and save it as "
            "XLSX or CSV."
        )
    return "csv"


def _open(path: Path, list_format: Format, options: ReadOptions) -> OpenList:
    match list_format:
        case "csv":
            from linkage.lists.formats.delimited import open_delimited

            return open_delimited(path, options)
        case "jsonl":
            from linkage.lists.formats.jsonlines import open_jsonlines

            return open_jsonlines(path, options)
        case "xlsx":
            from linkage.lists.formats.spreadsheet import open_spreadsheet

            return open_spreadsheet(path, options)
        case "parquet":
            from linkage.lists.formats.parquet import open_parquet

            return open_parquet(path)
