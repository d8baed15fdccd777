"""What is about to be published."""

from typing import NamedTuple


class Message(NamedTuple):
    """One message to publish."""

    topic: str
    key: bytes | None
    value: bytes
    headers: list[tuple[str, bytes]]
    timestamp_ms: int | None = None
    """Of the record, since 1970; None for when it is sent."""
