"""Spreadsheets: XLSX, XLS, XLSB and ODS."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from linkage.lists.formats import OpenList, ReadOptions
from linkage.lists.formats.typed_cells import is_inexact, to_text
from linkage.lists.table import Unusable, first_few


def open_spreadsheet(path: Path, options: ReadOptions) -> OpenList:
    """The rows of one sheet, numbered as the spreadsheet shows them. Raises Unusable."""
    try:
        book = CalamineWorkbook.from_path(path)
    except CalamineError as wrong:
        raise Unusable(f"{path.name}: not a spreadsheet that can be read ({wrong}).") from None
    names = book.sheet_names
    if options.sheet is not None and options.sheet not in names:
        raise Unusable(f"{path.name}: no sheet is called {options.sheet!r}. It has: {first_few(map(repr, names))}.")
    name = options.sheet or names[0]
    sheet = book.get_sheet_by_name(name)
    remarks = [f"sheet {name!r} of {len(names)} is read"] if len(names) > 1 else []
    top = sheet.start[0] if sheet.start else 0
    return OpenList(_rows(sheet, remarks), lambda _: sheet.height, remarks, first=top + 1)


def _rows(sheet: CalamineSheet, remarks: list[str]) -> Iterator[Sequence[str]]:
    inexact = 0
    for row in sheet.iter_rows():
        inexact += sum(map(is_inexact, row))
        yield [to_text(value) for value in row]
    if inexact:
        remarks.append(
            f"{inexact:,} numbers are too large for a spreadsheet and have lost their last digits: store NIK as text"
        )
