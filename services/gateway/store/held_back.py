"""What could not be sent to one receiver: kept in order until its topic takes it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from pymongo import UpdateOne

from chassis.mongo import DELETED_AT_ONCE, Database, Index, delete_by_age
from chassis.security.sealing import LocalCipher

COLLECTION, QUEUES = "held_back", "held_back_queues"
"""What is held back; and for whom, one document for each receiver and priority."""
INDEXES: Sequence[Index] = (
    (COLLECTION, (("priority", 1), ("receiver", 1), ("place", 1)), {}),
    (COLLECTION, (("kind", 1), ("at", 1)), {}),
    (QUEUES, (("priority", 1),), {}),
)

Kind = Literal["event", "completion", "message"]
"""Of an event the copy is made anew, since personal data that were fetched are not stored; or the completion of an
alert's copy. A message is kept whole."""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """One thing for one receiver. `id` is the same however often it is held back; `place`: its number in the queue."""

    id: str
    receiver: str
    kind: Kind
    headers: Sequence[tuple[str, bytes | None]]
    key: bytes | None
    value: bytes
    place: int = 0


class HeldBackStore:
    """The collection `held_back`, as far as it is urgent, or is not: each is kept by a process of its own."""

    def __init__(self, database: Database, cipher: LocalCipher, *, urgent: bool) -> None:
        self._held, self._queues, self._cipher = database[COLLECTION], database[QUEUES], cipher
        self._priority = "urgent" if urgent else "normal"

    def _queue(self, receiver: str) -> dict[str, str]:
        return {"priority": self._priority, "receiver": receiver}

    def _queue_id(self, receiver: str) -> dict[str, str]:
        return {"_id": f"{self._priority}/{receiver}"}

    async def put(self, kept: Iterable[HeldBack]) -> None:
        """Behind what is held back already, once each."""
        by_receiver: dict[str, list[HeldBack]] = {}
        for held in kept:
            by_receiver.setdefault(held.receiver, []).append(held)
        for receiver, behind in by_receiver.items():
            await self._put(receiver, behind)

    async def _put(self, receiver: str, kept: Sequence[HeldBack]) -> None:
        """Places are counted and not told by a clock, which may be set back, or another one in another process."""
        name, queue = self._queue_id(receiver), self._queue(receiver)
        number = {"$inc": {"last": len(kept)}, "$setOnInsert": queue | {"puts": 0}}
        counted = await self._queues.find_one_and_update(name, number, upsert=True, return_document=True)
        first = counted["last"] - len(kept) + 1
        documents = [self._document(held, first + n) for n, held in enumerate(kept)]
        writes = [UpdateOne({"_id": doc.pop("_id")}, {"$setOnInsert": doc}, upsert=True) for doc in documents]
        await self._held.bulk_write(writes, ordered=False)
        there = {"$inc": {"puts": 1}, "$max": {"last": counted["last"]}, "$setOnInsert": queue}
        await self._queues.update_one(name, there, upsert=True)  # somebody may have closed the queue meanwhile

    def _document(self, held: HeldBack, place: int) -> dict[str, Any]:
        return {
            "_id": self._id(held),
            **self._queue(held.receiver),
            "place": place,
            "kind": held.kind,
            "at": datetime.now(UTC),
            "headers": [[name, value] for name, value in held.headers],
            "key": held.key,
            "content": self._cipher.seal(held.value),
        }

    def _id(self, held: HeldBack) -> str:
        return f"{self._priority}/{held.receiver}/{held.id}"

    async def receivers(self) -> set[str]:
        """Those for whom something is held back."""
        return {queue["receiver"] async for queue in self._queues.find({"priority": self._priority})}

    async def close(self, receiver: str) -> bool:
        """True when nothing is held back for it any more, and nobody was about to hold something back."""
        queue = await self._queues.find_one(self._queue_id(receiver))
        if queue is None or await self._held.find_one(self._queue(receiver), {"_id": 1}) is not None:
            return False
        unchanged = {"last": queue["last"], "puts": queue["puts"]}
        return (await self._queues.delete_one(self._queue_id(receiver) | unchanged)).deleted_count > 0

    async def first(self, receiver: str, limit: int, behind: int = 0) -> list[HeldBack]:
        """The oldest of one receiver behind a place, in order."""
        query = {**self._queue(receiver), "place": {"$gt": behind}}
        documents = await self._held.find(query).sort("place", 1).limit(limit).to_list(None)
        return [self._read(document) for document in documents]

    def _read(self, document: Mapping[str, Any]) -> HeldBack:
        return HeldBack(
            document["_id"].split("/", 2)[2],
            document["receiver"],
            document["kind"],
            [(name, None if value is None else bytes(value)) for name, value in document["headers"]],
            document["key"],
            self._cipher.open(document["content"]),
            document["place"],
        )

    async def remove(self, sent: Iterable[HeldBack]) -> None:
        """They went out."""
        ids = [self._id(held) for held in sent]
        for start in range(0, len(ids), DELETED_AT_ONCE):
            await self._held.delete_many({"_id": {"$in": ids[start : start + DELETED_AT_ONCE]}})

    async def forget(self, before: datetime, without: Collection[str] = ()) -> int:
        """Delete what is older than a receiver's own topic would keep it, but for some; returns how many.

        Of this priority alone: the other process may not have tried to send its own yet.
        """
        mine: dict[str, Any] = {"priority": self._priority}
        mine |= {"receiver": {"$nin": sorted(without)}} if without else {}
        return sum([await delete_by_age(self._held, {"kind": kind} | mine, before) for kind in get_args(Kind)])
