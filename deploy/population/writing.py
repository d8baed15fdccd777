"""Populations as files: CSV, JSON Lines or Parquet, with the truth in the column `person`."""

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, get_args

Format = Literal["csv", "jsonl", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
TRUTH = "person"

Row = Sequence[str]


def write(path: Path, form: Format, header: Row, rows: Sequence[Row], truth: Sequence[str]) -> None:
    """Write rows with `truth` as second column; the same rows make the same bytes. UTF-8, lines end with a newline."""
    columns = (header[0], TRUTH, *header[1:])
    whole = ((row[0], person, *row[1:]) for row, person in zip(rows, truth, strict=True))
    path.parent.mkdir(parents=True, exist_ok=True)
    match form:
        case "csv":
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows((columns, *whole))
        case "jsonl":
            with path.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(_lines(columns, whole))
        case "parquet":
            _parquet(path, columns, list(whole))


def _lines(columns: Row, rows: Iterator[Row]) -> Iterator[str]:
    """One object per row; what is empty is left out."""
    for row in rows:
        said = {name: value for name, value in zip(columns, row, strict=True) if value}
        yield json.dumps(said, ensure_ascii=False) + "\n"


def _parquet(path: Path, columns: Row, rows: Sequence[Row]) -> None:
    import pyarrow
    from pyarrow import parquet

    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    table = pyarrow.table(
        {name: pyarrow.array(value, pyarrow.string()) for name, value in zip(columns, values, strict=True)}
    )
    parquet.write_table(table, path)
