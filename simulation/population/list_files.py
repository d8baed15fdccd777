"""Writes lists as files: CSV, JSON Lines or Parquet."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, get_args

import pyarrow
from pyarrow import parquet

Format = Literal["csv", "jsonl", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)

Row = Sequence[str]


def write(path: Path, form: Format, header: Row, rows: Iterable[Row]) -> None:
    """Write the rows; the same rows make the same bytes, in UTF-8. In JSON Lines empty values are left out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    match form:
        case "csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows((header, *rows))
        case "jsonl":
            with path.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(_lines(header, rows))
        case "parquet":
            parquet.write_table(_table(header, rows), path)


def _lines(header: Row, rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        record = {name: value for name, value in zip(header, row, strict=True) if value}
        yield json.dumps(record, ensure_ascii=False) + "\n"


def _table(header: Row, rows: Iterable[Row]) -> pyarrow.Table:
    columns = [pyarrow.array(values, pyarrow.string()) for values in zip(*rows, strict=True)]
    return pyarrow.table(columns, names=list(header))
