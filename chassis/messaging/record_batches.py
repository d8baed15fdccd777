"""Record batches as aiokafka reads them, but for those by which one partner would stop all: bad names, and bombs.

A header name which is not UTF-8 raises in the middle of aiokafka's poll: its partition stands still for ever, and what
the same poll had taken from other partitions is passed over and later acknowledged. A batch of 400 KB may inflate to
400 MB, or to millions of tiny records that are read before any other partition's. Any partner can send either.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from itertools import islice
from typing import Any

import cramjam
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy, _DefaultRecordPy
from aiokafka.record.memory_records import MemoryRecords

MOST_BYTES, MOST_RECORDS = 32 << 20, 10_000
"""What a batch may hold, inflated. Clients pack at most 1 MB or 10,000 records unless told otherwise."""
TOO_LARGE = bytes(1 << 20)
"""Stands for a value that was not read: longer than any that the broker takes, so whoever limits values refuses it."""

LENGTH = slice(8, 12)
"""Where a batch says how many bytes follow (Kafka protocol, record batch)."""
ATTRIBUTES = slice(21, 23)
HEADER = 61
CODEC = 0x07
XERIAL = b"\x82SNAPPY\x00"
"""How snappy begins when it comes in blocks of their own, as Java's clients write it."""
XERIAL_HEADER = 16


class _Lenient(bytearray):
    """Bytes whose slices decode with U+FFFD in place of what is not UTF-8."""

    def __getitem__(self, index: Any) -> Any:
        part: Any = super().__getitem__(index)
        return _Lenient(part) if isinstance(index, slice) else part

    def decode(self, *_: Any) -> str:
        return super().decode("utf-8", "replace")


class _Batch:
    """One batch: read by aiokafka's compiled parser, and from a bad name on by its slower one in Python."""

    def __init__(self, batch: Any, raw: memoryview) -> None:
        self._batch, self._raw = batch, raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        """Its records; if it holds too much, or cannot be inflated, as many with the value TOO_LARGE."""
        if self.next_offset - self.base_offset > MOST_RECORDS:
            yield self._unread(self.next_offset - 1)
            return
        try:
            raw = inflated(self._raw)
        except cramjam.DecompressionError:
            for offset in range(self.base_offset, self.next_offset):
                yield self._unread(offset)
        else:
            yield from _records(raw)

    def _unread(self, offset: int) -> Any:
        return _DefaultRecordPy(offset, self.max_timestamp, self.timestamp_type, None, TOO_LARGE, [])


def _records(raw: bytes | memoryview) -> Iterator[Any]:
    read = 0
    try:
        for record in DefaultRecordBatch(raw):
            yield record
            read += 1
    except UnicodeDecodeError:
        batch: Any = iter(_DefaultRecordBatchPy(raw))
        batch._buffer = _Lenient(batch._buffer)
        yield from islice(batch, read, None)


def inflated(raw: memoryview) -> bytes | memoryview:
    """The batch without compression (its checksum is then wrong). Raises DecompressionError beyond MOST_BYTES."""
    attributes = int.from_bytes(raw[ATTRIBUTES], "big")
    if not attributes & CODEC:
        return raw
    with mmap.mmap(-1, MOST_BYTES) as room:  # costs only the pages that are written
        size = _inflate(attributes & CODEC, bytes(raw[HEADER:]), room)
        plain = (attributes & ~CODEC).to_bytes(2, "big")
        return b"".join((raw[: ATTRIBUTES.start], plain, raw[ATTRIBUTES.stop : HEADER], room[:size]))


def _inflate(codec: int, data: bytes, room: mmap.mmap) -> int:
    match codec:
        case 1:
            return cramjam.gzip.decompress_into(data, room)
        case 2:
            return _unsnap(data, room)
        case 3:
            return cramjam.lz4.decompress_into(data, room)
        case 4:
            return cramjam.zstd.decompress_into(data, room)
        case _:
            raise cramjam.DecompressionError(f"codec {codec}")


def _unsnap(data: bytes, room: mmap.mmap) -> int:
    if not data.startswith(XERIAL):
        return cramjam.snappy.decompress_raw_into(data, room)
    place, size = XERIAL_HEADER, 0
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        block = data[place + 4 : place + 4 + length]
        with memoryview(room)[size:] as rest:
            size += cramjam.snappy.decompress_raw_into(block, rest)
        place += 4 + length
    return size


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


def read_any_batch() -> None:
    """Make every consumer of this process read batches so."""
    fetcher.MemoryRecords = Records
