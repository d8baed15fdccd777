"""review.xlsx: the pairs that are left for a person to decide, record under record, with a column for the answer."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import xlsxwriter

from linkage.lists.own_columns import OwnColumns
from linkage.lists.persons import list_of
from linkage.lists.report.pairs import Explain, short_reason
from linkage.lists.report.texts import Texts
from linkage.result import Linkage

NAME = "review.xlsx"
MOST_PAIRS = 500_000
"""As many as a sheet can hold; pairs.csv has all."""

_WIDTH, _WIDTH_OF_REASON, _NARROW = 18, 60, 12
_HEAD = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#dbe7e6", "bottom": 1}
_SHADE = "#f4f6f8"


def write_review(linkage: Linkage, path: Path, own: OwnColumns, explain: Explain, texts: Texts) -> int:
    """Write the file; two rows per pair. Undecided pairs come first, then decided ones with their answers.

    Returns how many pairs are left to decide.
    """
    undecided = [int(pair) for pair in linkage.pairs.decided("review").nonzero()[0] if int(pair) not in linkage.decided]
    pairs = [*undecided, *linkage.decided][:MOST_PAIRS]
    head = [texts("review.pair"), texts("review.same_person")]
    if linkage.people.second is not None:
        head.append(texts("review.list"))
    head.append(texts("review.id"))
    own_titles = own.titles([*head, texts("review.probability"), texts("review.why")])
    columns = [*head, *own_titles, texts("review.probability"), texts("review.why")]
    with xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet(texts("review.sheet"))
        sheet.freeze_panes(1, len(head))
        sheet.set_column(0, len(head) - 1, _NARROW)
        sheet.set_column(len(head), len(columns) - 3, _WIDTH)
        sheet.set_column(len(columns) - 1, len(columns) - 1, _WIDTH_OF_REASON)
        if pairs:
            sheet.data_validation(
                1, 1, 2 * len(pairs), 1,
                {"validate": "list", "source": [texts("review.yes"), texts("review.no")], "ignore_blank": True,
                 "input_message": texts("review.hint")},
            )  # fmt: skip
        _write_row(sheet, 0, columns, book.add_format(_HEAD))
        plain, shaded = book.add_format({"num_format": "@"}), book.add_format({"num_format": "@", "bg_color": _SHADE})
        for n, rows in enumerate(_rows(linkage, pairs, own, explain, texts)):
            for k, row in enumerate(rows):
                _write_row(sheet, 1 + 2 * n + k, row, shaded if n % 2 else plain)
    return len(undecided)


def _rows(
    linkage: Linkage, pairs: Sequence[int], own: OwnColumns, explain: Explain, texts: Texts
) -> Iterable[tuple[list[str], list[str]]]:
    """The two rows of each pair. The answer, the probability and the reason stand in the first."""
    people = linkage.people
    for number, (pair, explanation) in enumerate(zip(pairs, explain(linkage, pairs), strict=True), 1):
        answer = ""
        if pair in linkage.decided:
            answer = texts("review.yes") if linkage.decided[pair] else texts("review.no")
        rows = []
        for record, is_first in ((int(linkage.pairs.left[pair]), True), (int(linkage.pairs.right[pair]), False)):
            row = [str(number), answer if is_first else ""]
            if people.second is not None:
                row.append(list_of(people, record).upper())
            row += [people.ids[record], *own.values(record)]
            probability = texts.probability(explanation.probability)
            row += [probability, short_reason(linkage, pair, explanation, texts)] if is_first else ["", ""]
            rows.append(row)
        yield rows[0], rows[1]


def _write_row(
    sheet: xlsxwriter.worksheet.Worksheet, row: int, cells: Sequence[str], style: xlsxwriter.format.Format
) -> None:
    """Every cell is text: spreadsheets run no formula in it and round no number."""
    for column, cell in enumerate(cells):
        sheet.write_string(row, column, cell, style)
