"""The transactional outbox: one document per batch, published in version order, marked when the broker has it all."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import from_json, to_json

from chassis import telemetry
from chassis.messaging.message import Message
from chassis.messaging.publisher import Publisher
from chassis.mongo import Database, Index, Session, delete_by_age

UNMARKED, MARKED = 0, 1
MAX_DOCUMENT = 4_000_000
"""Bytes of messages per document; a larger batch takes several."""

INDEXES: tuple[Index, ...] = (("outbox", (("state", 1), ("at", 1)), {}),)


class Outbox:
    """The collection `outbox` of one service."""

    def __init__(self, database: Database, publisher: Publisher) -> None:
        self.collection = database["outbox"]
        self.publisher = publisher

    async def add(self, messages: Sequence[Message], now: datetime, session: Session) -> list[str]:
        """Store messages inside the transaction that caused them; returns the ids of the documents made."""
        made: list[str] = []
        for part in _parts(messages):
            made.append(str(uuid.uuid4()))
            document = {"_id": made[-1], "state": UNMARKED, "at": now, "messages": part}
            await self.collection.insert_one(document, session=session)
        return made

    async def mark(self, ids: Iterable[str]) -> None:
        """The broker has acknowledged every message of these documents."""
        for message_id in ids:
            await self.collection.update_one({"_id": message_id}, {"$set": {"state": MARKED}})

    async def drain(self) -> int:
        """Publish what a crash or an outage left unmarked, in version order. Returns how many documents there were."""
        left = await self.collection.find({"state": UNMARKED}).to_list(None)
        if not left:
            return 0
        messages = [m for d in sorted(left, key=lambda d: d["at"]) for m in _unpack(d["messages"])]
        await self.publisher.send_all(sorted(messages, key=_sequence))
        await self.mark(d["_id"] for d in left)
        return len(left)

    async def forget(self, before: datetime) -> None:
        """Delete documents that are marked and older than `before`."""
        telemetry.DELETED.labels("outbox").inc(await delete_by_age(self.collection, {"state": MARKED}, before))


def _sequence(message: Message) -> int:
    """Version of the aggregate that a message tells of; outcomes have none and go first."""
    for name, value in message.headers:
        if name == "ce_sequence":
            return int(value)
    return 0


def _parts(messages: Sequence[Message]) -> Iterable[bytes]:
    """The messages as blobs: the embedded server handles one blob far faster than a thousand nested documents."""
    rows: list[tuple[Any, ...]] = []
    size = 0
    for m in messages:
        if rows and size + len(m.value) > MAX_DOCUMENT:
            yield to_json(rows)
            rows, size = [], 0
        key = m.key.decode("latin-1") if m.key is not None else None
        rows.append((m.topic, key, m.value, m.headers, m.timestamp_ms))
        size += len(m.value) + 600
    if rows:
        yield to_json(rows)


def _unpack(blob: bytes) -> list[Message]:
    return [
        Message(t, k.encode("latin-1") if k is not None else None, v.encode(), [(n, x.encode()) for n, x in h], at)
        for t, k, v, h, at in from_json(blob)
    ]
