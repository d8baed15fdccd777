"""What is about to be published."""

from typing import NamedTuple


class Message(NamedTuple):
    """One message to publish."""

    topic: str
    key: bytes | None
    value: bytes
    headers: list[tuple[str, bytes]]
