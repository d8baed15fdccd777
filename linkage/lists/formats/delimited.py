"""CSV and TSV: recognises the character that separates cells; quoting as in the standard library."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from linkage.lists.formats import OpenList, ReadOptions
from linkage.lists.formats.encodings import expected_rows, not_text, open_text
from linkage.lists.table import Unusable

if TYPE_CHECKING:
    import _csv

_SEPARATORS = ",;\t|"
_LINES_LOOKED_AT, _LONGEST_LINE = 100, 10_000


def open_delimited(path: Path, options: ReadOptions) -> OpenList:
    """The rows of the file, the header and empty rows included. Raises Unusable, while rows are read too."""
    file = open_text(path, options.encoding)
    try:
        first_lines = list(islice(iter(lambda: file.readline(_LONGEST_LINE), ""), _LINES_LOOKED_AT))
    except UnicodeDecodeError:
        file.close()
        raise not_text(path, file.encoding) from None
    first = first_lines[0].strip().lower()
    declared = first.removeprefix("sep=") if first.startswith("sep=") else ""
    separator = declared if declared and declared in _SEPARATORS else _separator(first_lines, options)
    file.seek(0)
    if declared:
        file.readline()
    return OpenList(_rows(path, file, separator, options), expected_rows(path, file), [])


def _separator(lines: Sequence[str], options: ReadOptions) -> str:
    """The one that gives most rows the same number of cells, and many cells; a comma where none does."""

    def regularity(separator: str) -> float:
        try:
            rows = [row for row in _reader(io.StringIO("".join(lines)), separator, options, strict=False) if row]
        except csv.Error:
            return 0
        if not rows:
            return 0
        width, often = Counter(map(len, rows)).most_common(1)[0]
        return (width - 1) * often / len(rows)

    return max(_SEPARATORS, key=regularity)


def _rows(path: Path, file: TextIO, separator: str, options: ReadOptions) -> Iterator[Sequence[str]]:
    reader = _reader(file, separator, options, strict=True)
    rows_read = 0
    with file:
        try:
            for row in reader:
                rows_read += 1
                yield row
        except UnicodeDecodeError:
            raise not_text(path, file.encoding) from None
        except csv.Error as wrong:
            raise Unusable(
                f"{path.name}: row {rows_read + 1:,} (line {reader.line_num:,}): {_explain(wrong)}"
            ) from None


def _reader(file: TextIO, separator: str, options: ReadOptions, *, strict: bool) -> "_csv.Reader":
    if not options.quotes:
        return csv.reader(file, delimiter=separator, quoting=csv.QUOTE_NONE, strict=strict)
    return csv.reader(file, delimiter=separator, strict=strict)


def _explain(wrong: csv.Error) -> str:
    message = str(wrong)
    advice = 'Inside quotes a quote is written twice (""). If quotes mean nothing in this list: --no-quotes.'
    if "unexpected end" in message or "field larger" in message:
        return f"a quote is opened here and never closed. {advice}"
    if "expected after" in message:
        return f"text stands behind a closing quote. {advice}"
    return f"{message}. {advice}"
