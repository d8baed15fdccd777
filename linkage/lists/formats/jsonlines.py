"""JSON Lines: one object of plain values per line."""

import json
from collections.abc import Iterator
from pathlib import Path

from linkage.lists.formats import OpenList, ReadOptions
from linkage.lists.formats.encodings import not_text, open_text
from linkage.lists.table import Unusable

_WORDS = {None: "", True: "true", False: "false"}


def open_jsonlines(path: Path, options: ReadOptions) -> OpenList:
    """The records of the file. It is read twice: the headers are the keys of all lines, in the order of appearance."""
    headers: dict[str, None] = {}
    lines = 0
    for record in _records(path, options):
        headers.update(dict.fromkeys(record))
        lines += 1
    if not headers:
        raise Unusable(f"{path.name}: no line holds a record.")
    rows = ([record.get(key, "") for key in headers] if record else [] for record in _records(path, options))
    return OpenList(rows, lambda _: lines, [], headers=list(headers))


def _records(path: Path, options: ReadOptions) -> Iterator[dict[str, str]]:
    """One mapping per line, empty for an empty line."""
    with open_text(path, options.encoding) as file:
        try:
            for number, line in enumerate(file, 1):
                yield _record(path, number, line) if line.strip() else {}
        except UnicodeDecodeError:
            raise not_text(path, file.encoding) from None


def _record(path: Path, number: int, line: str) -> dict[str, str]:
    """Numbers are kept as they are written: an NIK has more digits than a float."""
    try:
        record = json.loads(line, parse_int=str, parse_float=str)
    except json.JSONDecodeError as wrong:
        raise Unusable(f"{path.name}: line {number:,}, character {wrong.colno}: not JSON ({wrong.msg}).") from None
    if not isinstance(record, dict):
        raise Unusable(f"{path.name}: line {number:,}: JSON Lines has one object per line, {{...}}, not a list.")
    return {key: _text(path, number, key, value) for key, value in record.items()}


def _text(path: Path, number: int, key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    raise Unusable(
        f"{path.name}: line {number:,}, key {key!r}: a value inside a value. Write it as plain keys ({key}_...)."
    )
