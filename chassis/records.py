"""Record batches as aiokafka reads them, except that a header name which is not UTF-8 harms nobody.

aiokafka raises in the middle of a poll at such a name: its partition stands still for ever, and what the same poll had
taken from other partitions is passed over and later acknowledged. Any partner can send one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

LENGTH = slice(8, 12)
"""Where a batch says how many bytes follow (Kafka protocol, record batch)."""


class _Lenient(bytearray):
    """Bytes whose slices decode with U+FFFD in place of what is not UTF-8."""

    def __getitem__(self, index: Any) -> Any:
        found: Any = super().__getitem__(index)
        return _Lenient(found) if isinstance(index, slice) else found

    def decode(self, *_: Any) -> str:
        return super().decode("utf-8", "replace")


class _Batch:
    """One batch: read by aiokafka's compiled parser, and from a bad name on by its slower one in Python."""

    def __init__(self, batch: Any, raw: memoryview) -> None:
        self._batch, self._raw = batch, raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for record in self._batch:
                yield record
                read += 1
        except UnicodeDecodeError:
            yield from islice(self._leniently(), read, None)

    def _leniently(self) -> Iterator[Any]:
        batch: Any = iter(_DefaultRecordBatchPy(self._raw))  # which also decompresses
        batch._buffer = _Lenient(batch._buffer)
        yield from batch


class Records:
    """Takes the place of aiokafka's MemoryRecords: the batches of one fetched partition."""

    def __init__(self, data: bytes) -> None:
        self._records, self._rest = MemoryRecords(data), memoryview(data)

    def size_in_bytes(self) -> int:
        """Of everything fetched."""
        return int(self._records.size_in_bytes())

    def has_next(self) -> bool:
        """Whether another whole batch follows."""
        return bool(self._records.has_next())

    def next_batch(self) -> _Batch | None:
        """The next one; None behind the last."""
        batch = self._records.next_batch()
        if batch is None:
            return None
        size = LENGTH.stop + int.from_bytes(self._rest[LENGTH], "big")
        raw, self._rest = self._rest[:size], self._rest[size:]
        return _Batch(batch, raw)


def read_any_header_name() -> None:
    """Make every consumer of this process read batches so."""
    fetcher.MemoryRecords = Records
