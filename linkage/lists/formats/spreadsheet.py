"""Spreadsheets: XLSX and what else python-calamine opens."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from linkage.lists.formats import How, Opened
from linkage.lists.formats.typed_cells import inexact, text
from linkage.lists.table import Unusable, some


def open_spreadsheet(path: Path, how: How) -> Opened:
    """The rows of one sheet, numbered as the spreadsheet shows them."""
    try:
        book = CalamineWorkbook.from_path(path)
    except CalamineError as wrong:
        raise Unusable(f"{path.name}: not a spreadsheet that can be read ({wrong}).") from None
    names = book.sheet_names
    if how.sheet is not None and how.sheet not in names:
        raise Unusable(f"{path.name}: no sheet is called {how.sheet!r}. It has: {some(map(repr, names))}.")
    name = how.sheet or names[0]
    sheet = book.get_sheet_by_name(name)
    remarks = [f"sheet {name!r} of {len(names)} is read"] if len(names) > 1 else []
    top = sheet.start[0] if sheet.start else 0
    return Opened(_rows(sheet, remarks), lambda _: sheet.height, remarks, first=top + 1)


def _rows(sheet: CalamineSheet, remarks: list[str]) -> Iterator[Sequence[str]]:
    lost = 0
    for row in sheet.iter_rows():
        lost += sum(map(inexact, row))
        yield [text(value) for value in row]
    if lost:
        remarks.append(
            f"{lost:,} numbers are too large for a spreadsheet and have lost their last digits: store NIK as text"
        )
