"""CSV and its relatives: which character separates cells, and quoting as the standard library knows it."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from linkage.lists.formats import How, Opened
from linkage.lists.formats.encodings import expected_rows, not_text, open_text
from linkage.lists.table import Unusable

if TYPE_CHECKING:
    import _csv

_SEPARATORS = ",;\t|"
_LOOKED_AT = 100
_MOST_PER_LINE = 10_000


def open_delimited(path: Path, how: How) -> Opened:
    """The rows of the file, header and empty ones included. Unusable while reading, if the text is not what it says."""
    file = open_text(path, how.encoding)
    try:
        begin = list(islice(iter(lambda: file.readline(_MOST_PER_LINE), ""), _LOOKED_AT))
    except UnicodeDecodeError:
        file.close()
        raise not_text(path, file.encoding) from None
    told = begin[0].strip().lower().removeprefix("sep=") if begin[0].lower().startswith("sep=") else ""
    separator = told if told and told in _SEPARATORS else _separator(begin, how)
    file.seek(0)
    if told:
        file.readline()
    return Opened(_rows(path, file, separator, how), expected_rows(path, file), [])


def _separator(lines: Sequence[str], how: How) -> str:
    """The one that gives most rows the same number of cells, and many of them; a comma where none does."""

    def steadiness(separator: str) -> float:
        try:
            rows = [row for row in _reader(io.StringIO("".join(lines)), separator, how, strict=False) if row]
        except csv.Error:
            return 0
        if not rows:
            return 0
        width, often = Counter(map(len, rows)).most_common(1)[0]
        return (width - 1) * often / len(rows)

    return max(_SEPARATORS, key=steadiness)


def _rows(path: Path, file: TextIO, separator: str, how: How) -> Iterator[Sequence[str]]:
    reader = _reader(file, separator, how, strict=True)
    read = 0
    with file:
        try:
            for row in reader:
                read += 1  # an error of the reader is told with the row it stands in
                yield row
        except UnicodeDecodeError:
            raise not_text(path, file.encoding) from None
        except csv.Error as wrong:
            raise Unusable(f"{path.name}: row {read + 1:,} (line {reader.line_num:,}): {_explain(wrong)}") from None


def _reader(file: TextIO, separator: str, how: How, *, strict: bool) -> "_csv.Reader":
    if not how.quotes:
        return csv.reader(file, delimiter=separator, quoting=csv.QUOTE_NONE, strict=strict)
    return csv.reader(file, delimiter=separator, strict=strict)


def _explain(wrong: csv.Error) -> str:
    said = str(wrong)
    mend = 'Inside quotes a quote is written twice (""). If quotes mean nothing in this list: --no-quotes.'
    if "unexpected end" in said or "field larger" in said:
        return f"a quote is opened here and never closed. {mend}"
    if "expected after" in said:
        return f"text stands behind a closing quote. {mend}"
    return f"{said}. {mend}"
