"""Dead letters: records put aside because the platform could not handle them, sealed, until replayed or given up."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from aiokafka import ConsumerRecord

from chassis import telemetry
from chassis.messaging.record import Place, Record
from chassis.messaging.retry import is_outage
from chassis.mongo import Database, Index
from chassis.security.keys import MissingKey
from chassis.security.sealing import CannotOpen, LocalCipher

COLLECTION = "dead_letters"
INDEXES: tuple[Index, ...] = (
    (COLLECTION, (("state", 1), ("page", 1)), {}),
    (COLLECTION, (("line", 1), ("offset", 1)), {}),
)
PAGE = 100
"""Dead letters per read."""

State = Literal["held", "postponed"]
"""`held`: an operator decides. `postponed`: the process itself tries again, for what it needed was away."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record that was put aside. `record` is None when it could not be stored, or cannot be opened any more."""

    id: str
    state: State
    page: str
    group: str
    line: str | None
    reason: str
    at: datetime
    where: Place
    record: Record | None = None


class DeadLetters:
    """The collection `dead_letters` of one service, as far as it holds records of `groups`."""

    def __init__(self, database: Database, cipher: LocalCipher, groups: Iterable[str]) -> None:
        self.collection = database[COLLECTION]
        self.cipher, self.groups = cipher, tuple(groups)
        self.first: dict[str, int] = {}
        """The lowest offset held of each line: a group's records of one key in one partition."""
        self.stale = True
        self._put_meanwhile: dict[str, int] = {}
        """As `first`, of what was put aside since somebody began to read what is held."""
        self._reading = asyncio.Lock()

    async def load(self) -> None:
        """Read which lines are held: at the start, after a rebalance, and now and then for what others changed."""
        async with self._reading:
            await self._load()

    async def _load(self) -> None:
        self.stale = False
        self._put_meanwhile = {}
        first: dict[str, int] = {}
        count = 0
        try:
            async for letter in self.collection.find({"state": "held"}, {"line": 1, "offset": 1, "group": 1}):
                if letter["group"] not in self.groups:
                    continue
                count += 1
                if letter["line"]:
                    first[letter["line"]] = min(letter["offset"], first.get(letter["line"], letter["offset"]))
        except BaseException:
            self.stale = True
            raise
        for line, offset in self._put_meanwhile.items():
            first[line] = min(offset, first.get(line, offset))
        self.first = first
        telemetry.DEAD_LETTERS.set(count)

    def forget(self) -> None:
        """The lines known may be wrong: another process had these partitions."""
        self.stale = True

    def is_behind(self, group: str, record: Record, key: bytes | None) -> bool:
        """True when this record, or an earlier one of its key in its partition, is held."""
        if key is None or not self.first:
            return False
        first = self.first.get(_line(group, record, key))
        return first is not None and first <= record.offset

    async def put(
        self,
        group: str,
        record: Record,
        reason: str,
        *,
        key: bytes | None,
        state: State = "held",
        unproven: bool = False,
    ) -> None:
        """Put one record aside, once for each group: its place in the log is its id, and the first reason stays.

        `unproven`: nothing but its own failing says that it is at fault. What it holds cannot make this fail: a record
        that the database does not take is kept by its place alone.
        """
        line = _line(group, record, key) if key is not None else None
        document: dict[str, Any] = {
            "_id": f"{group}/{record.topic}/{record.partition}/{record.offset}/{record.timestamp}",
            "state": state,
            "page": f"{group}/{record.topic}/{record.partition:06}/{record.offset:020}/{record.timestamp}",
            "group": group,
            "line": line,
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "timestamp": record.timestamp,
            "reason": reason,
            "unproven": unproven,
            "at": datetime.now(UTC),
        }
        if line is not None and state == "held":
            self._know(line, record.offset)
        if await self._insert(document, record):
            telemetry.DEAD_LETTERS.inc()
            telemetry.log.error(
                "put_aside", topic=record.topic, partition=record.partition, offset=record.offset, reason=reason
            )

    def _know(self, line: str, offset: int) -> None:
        for first in (self.first, self._put_meanwhile):
            first[line] = min(offset, first.get(line, offset))

    async def _insert(self, document: dict[str, Any], record: Record) -> bool:
        """True when it is new."""
        payload = self.cipher.seal(_pack(record))
        for part in ({"payload": payload}, {"payload": None}):
            try:
                done = await self.collection.update_one(
                    {"_id": document["_id"]}, {"$setOnInsert": document | part}, upsert=True
                )
            except Exception as error:
                if is_outage(error) or part["payload"] is None:
                    raise
                telemetry.log.error("dead_letter_without_content", error=telemetry.describe(error))
            else:
                return done.upserted_id is not None
        return False

    async def list_letters(
        self, after: str = "", limit: int = PAGE, state: State | None = None
    ) -> Sequence[DeadLetter]:
        """What lies here of this process's groups, in the order of the log, without content, behind a page mark."""
        letters: list[DeadLetter] = []
        for kind in (state,) if state else get_args(State):
            query = {"state": kind, "page": {"$gt": after}, "group": {"$in": list(self.groups)}}
            documents = await self.collection.find(query, {"payload": 0}).sort("page", 1).limit(limit).to_list(None)
            letters += [_letter(document) for document in documents]
        return sorted(letters, key=lambda letter: letter.page)[:limit]

    async def read(self, after: str, state: State = "held", limit: int = PAGE) -> Sequence[DeadLetter]:
        """As `list_letters`, each with its record; one that cannot be opened comes without."""
        query = {"state": state, "page": {"$gt": after}, "group": {"$in": list(self.groups)}}
        documents = await self.collection.find(query).sort("page", 1).limit(limit).to_list(None)
        return [_letter(document, self._open(document)) for document in documents]

    async def find(self, letter_id: str) -> DeadLetter | None:
        """One of this process's groups, with its record."""
        document = await self.collection.find_one({"_id": letter_id})
        if document is None or document["group"] not in self.groups:
            return None
        return _letter(document, self._open(document))

    async def hold(self, letter: DeadLetter, reason: str) -> None:
        """What was postponed waits for an operator from now on."""
        await self.collection.update_one({"_id": letter.id}, {"$set": {"state": "held", "reason": reason}})
        if letter.line is not None:
            self._know(letter.line, letter.where[2])

    async def remove(self, letter: DeadLetter) -> None:
        """It was replayed, or ended by an operator. Those of its line that are left still hold the later ones."""
        async with self._reading:
            self._put_meanwhile = {}
            done = await self.collection.delete_one({"_id": letter.id})
            if done.deleted_count:
                telemetry.DEAD_LETTERS.dec()
            if letter.line is not None:
                await self._learn_first(letter.line)

    async def _learn_first(self, line: str) -> None:
        """What is put aside meanwhile may not be among what is read."""
        left = self.collection.find({"line": line, "state": "held"}, {"offset": 1}).sort("offset", 1).limit(1)
        offsets = [letter["offset"] for letter in await left.to_list(None)]
        if line in self._put_meanwhile:
            offsets.append(self._put_meanwhile[line])
        if offsets:
            self.first[line] = min(offsets)
        else:
            self.first.pop(line, None)

    async def ages_of_unproven(self, group: str, within: timedelta) -> Sequence[float]:
        """Seconds since each record of a group was put aside without proof, of those in this span."""
        since = datetime.now(UTC) - within
        held = await self.collection.find({"state": "held"}, {"group": 1, "unproven": 1, "at": 1}).to_list(None)
        recent = [
            letter["at"] for letter in held if letter["group"] == group and letter["unproven"] and letter["at"] > since
        ]
        return [(datetime.now(UTC) - at).total_seconds() for at in sorted(recent)]

    async def oldest(self) -> datetime | None:
        """When the oldest record here was written to the log (UTC)."""
        oldest: int | None = None
        async for letter in self.collection.find({}, {"timestamp": 1}):
            oldest = min(letter["timestamp"], oldest if oldest is not None else letter["timestamp"])
        return datetime.fromtimestamp(oldest / 1000, UTC) if oldest is not None else None

    def _open(self, document: Mapping[str, Any]) -> Record | None:
        if document["payload"] is None:
            return None
        try:
            return _unpack(document, self.cipher.open(document["payload"]))
        except (CannotOpen, MissingKey, LookupError, ValueError) as error:
            telemetry.log.error("dead_letter_unreadable", error=telemetry.describe(error))
            return None


def _line(group: str, record: Record, key: bytes) -> str:
    """One key in one partition, as one group reads it. Long keys are hashed."""
    name = key.hex() if len(key) <= 64 else f"sha256:{hashlib.sha256(key).hexdigest()}"
    return f"{group}/{record.topic}/{record.partition}/{name}"


def _letter(document: Mapping[str, Any], record: Record | None = None) -> DeadLetter:
    where = document["topic"], document["partition"], document["offset"]
    kept = {name: document[name] for name in ("state", "page", "group", "line", "reason", "at")}
    return DeadLetter(id=document["_id"], where=where, record=record, **kept)


def _text(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(bytes(data)).decode()


def _data(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


def _pack(record: Record) -> bytes:
    headers = [[name, _text(value)] for name, value in record.headers]
    return json.dumps({"key": _text(record.key), "value": _text(record.value), "headers": headers}).encode()


def _unpack(document: Mapping[str, Any], payload: bytes) -> Record:
    content = json.loads(payload)
    value = _data(content["value"])
    record: Record = ConsumerRecord(
        topic=document["topic"],
        partition=document["partition"],
        offset=document["offset"],
        timestamp=document["timestamp"],
        timestamp_type=0,
        key=_data(content["key"]),
        value=value,
        checksum=None,
        serialized_key_size=-1,
        serialized_value_size=len(value or b""),
        headers=[(name, _data(text)) for name, text in content["headers"]],
    )
    return record
