"""Parquet, read in batches of rows."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import pyarrow as arrow
from pyarrow.parquet import ParquetFile

from linkage.lists.formats import OpenList
from linkage.lists.formats.typed_cells import is_inexact, to_text
from linkage.lists.table import Unusable

_BATCH = 20_000


def open_parquet(path: Path) -> OpenList:
    """The rows of the file, numbered from 1. Raises Unusable, also for a column of lists or records."""
    try:
        file = ParquetFile(path)
    except arrow.ArrowInvalid as wrong:
        raise Unusable(f"{path.name}: not a Parquet file ({wrong}).") from None
    for field in file.schema_arrow:
        if arrow.types.is_nested(field.type):
            raise Unusable(f"{path.name}: column {field.name!r} holds {field.type}: only plain values can be read.")
    remarks: list[str] = []
    headers = [str(name) for name in file.schema_arrow.names]
    return OpenList(_rows(file, remarks), lambda _: file.metadata.num_rows, remarks, headers=headers)


def _rows(file: ParquetFile, remarks: list[str]) -> Iterator[Sequence[str]]:
    inexact = 0
    with file:
        for batch in file.iter_batches(_BATCH):
            columns = [column.to_pylist() for column in batch.columns]
            floats = (
                values
                for values, kind in zip(columns, batch.schema.types, strict=True)
                if arrow.types.is_floating(kind)
            )
            inexact += sum(map(is_inexact, chain.from_iterable(floats)))
            yield from zip(*([to_text(value) for value in values] for values in columns), strict=True)
    if inexact:
        remarks.append(f"{inexact:,} numbers are stored as floats too large to be exact: store NIK as text")
