"""A consumed record as it stands in the log, and how its parts are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Record(Protocol):
    """aiokafka's ConsumerRecord on raw bytes. `timestamp` in ms since 1970. Any part may be null but the place.

    `timestamp_type` tells whose it is: the broker's own (APPENDED), or whatever the sender wrote.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


APPENDED = 1
"""LogAppendTime (Kafka protocol, record batch)."""

Place = tuple[str, int, int]


def place(record: Record) -> Place:
    """Topic, partition, offset."""
    return record.topic, record.partition, record.offset


def header(record: Record, name: str) -> str | None:
    """The first header of this (lower-case) name as text, with U+FFFD for what is not UTF-8; None where it is null."""
    for own_name, value in record.headers:
        if own_name.lower() == name:
            return None if value is None else bytes(value).decode("utf-8", "replace")
    return None
