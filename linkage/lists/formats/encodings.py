"""Text files: their encoding, and the place of a byte that does not fit it."""

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from linkage.lists.table import Unusable

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def open_text(path: Path, encoding: str | None) -> TextIO:
    """The file as text, in `encoding`, else that of its byte order mark, else UTF-8 (UTF-16 where every other byte is
    zero). Raises Unusable for an empty file and an unknown encoding."""
    with path.open("rb") as file:
        first_bytes = file.read(4)
    if not first_bytes:
        raise Unusable(f"{path.name}: the file is empty.")
    by_mark = next((name for mark, name in _MARKS if first_bytes.startswith(mark)), None)
    name = encoding or by_mark or _without_mark(first_bytes)
    try:
        return path.open(encoding=name, newline="")
    except LookupError:
        raise Unusable(f"{path.name}: no encoding is called {name!r}. Try cp1252, latin-1, utf-16 or utf-8.") from None


def _without_mark(first_bytes: bytes) -> str:
    zeros = [byte == 0 for byte in first_bytes]
    if any(zeros):
        return "utf-16-be" if zeros[0] else "utf-16-le"
    return "utf-8"


def expected_rows(path: Path, file: TextIO) -> Callable[[int], int]:
    """Estimates the number of all rows from the number of rows read, by the position in the file."""
    size = path.stat().st_size
    raw = file.buffer.raw if hasattr(file.buffer, "raw") else file.buffer
    return lambda rows: rows if raw.closed else max(rows, rows * size // max(raw.tell(), 1))


def not_text(path: Path, encoding: str) -> Unusable:
    """The error for a file that does not decode: the first byte that does not fit the encoding, and its line."""
    content = path.read_bytes()
    try:
        content.decode(encoding)
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        hint = "Save it as UTF-8, or say its encoding: --encoding cp1252 (Windows) or --encoding latin-1."
        return Unusable(
            f"{path.name}: line {line:,}: byte {wrong.start:,} (0x{content[wrong.start]:02X}) is not {encoding}. {hint}"
        )
    return Unusable(f"{path.name}: it does not decode as {encoding}. Say its encoding: --encoding NAME.")
