"""What could not be sent to one receiver: kept in order until its topic takes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pymongo import UpdateOne

from chassis.mongo import Database, Index, delete_by_age
from chassis.security.sealing import LocalCipher

COLLECTION = "held_back"
INDEXES: Sequence[Index] = (
    (COLLECTION, (("lane", 1), ("place", 1)), {}),
    (COLLECTION, (("kind", 1), ("at", 1)), {}),
)

Kind = Literal["event", "message"]
"""Of an event the copy is made anew, since personal data that were fetched are not stored; a message is kept whole."""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """One thing for one receiver. `id` is the same however often it is held back; `content` is what `kind` says."""

    id: str
    receiver: str
    kind: Kind
    headers: Sequence[tuple[str, bytes | None]]
    key: bytes | None
    value: bytes


class HeldBackStore:
    """The collection `held_back`, of one lane: urgent or not."""

    def __init__(self, database: Database, cipher: LocalCipher, *, urgent: bool) -> None:
        self._collection, self._cipher = database[COLLECTION], cipher
        self._suffix = "/urgent" if urgent else ""
        self._last = 0

    def _lane(self, receiver: str) -> str:
        return f"{receiver}{self._suffix}"

    async def put(self, kept: Iterable[HeldBack]) -> None:
        """Behind what is held back already, once each."""
        writes = [
            UpdateOne({"_id": self._id(held)}, {"$setOnInsert": self._document(held)}, upsert=True) for held in kept
        ]
        if writes:
            await self._collection.bulk_write(writes, ordered=False)

    def _id(self, held: HeldBack) -> str:
        return f"{self._lane(held.receiver)}/{held.id}"

    def _document(self, held: HeldBack) -> dict[str, Any]:
        now = datetime.now(UTC)
        self._last = max(self._last + 1, int(now.timestamp() * 1_000_000))
        return {
            "lane": self._lane(held.receiver),
            "receiver": held.receiver,
            "place": self._last,
            "kind": held.kind,
            "at": now,
            "headers": [[name, value] for name, value in held.headers],
            "key": held.key,
            "content": self._cipher.seal(held.value),
        }

    async def receivers(self) -> set[str]:
        """Those for whom something is held back."""
        documents = await self._collection.find({}, {"lane": 1, "receiver": 1}).to_list(None)
        return {document["receiver"] for document in documents if document["lane"] == self._lane(document["receiver"])}

    async def first(self, receiver: str, limit: int) -> list[HeldBack]:
        """The oldest of one receiver, in order."""
        query = {"lane": self._lane(receiver)}
        documents = await self._collection.find(query).sort("place", 1).limit(limit).to_list(None)
        return [
            HeldBack(
                document["_id"].removeprefix(f"{self._lane(receiver)}/"),
                receiver,
                document["kind"],
                [(name, None if value is None else bytes(value)) for name, value in document["headers"]],
                document["key"],
                self._cipher.open(document["content"]),
            )
            for document in documents
        ]

    async def remove(self, sent: Iterable[HeldBack]) -> None:
        """They went out."""
        for held in sent:
            await self._collection.delete_one({"_id": self._id(held)})

    async def forget(self, before: datetime) -> int:
        """Delete what is older than a receiver's own topic would keep it; returns how many."""
        return sum([await delete_by_age(self._collection, {"kind": kind}, before) for kind in ("event", "message")])
