"""Messages put aside because the platform could not process them: sealed, in order, until replayed or given up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord

from chassis import telemetry
from chassis.messaging.consumer import Record
from chassis.mongo import Database, Index
from chassis.security.sealing import LocalCipher

INDEXES: tuple[Index, ...] = (("parked", (("state", 1), ("at", 1)), {}), ("parked", (("key", 1),), {}))


class DeadLetters:
    """The collection `parked` of one service; `keys` are those behind which later messages must wait."""

    def __init__(self, database: Database, box: LocalCipher) -> None:
        self.collection = database["parked"]
        self.box = box
        self.keys: set[tuple[str, str]] = set()
        self.stale = True

    async def load(self) -> None:
        """Read which keys are parked: at start, after an assignment, and now and then for what others changed."""
        self.stale = False
        before = set(self.keys)
        try:
            found = await self.collection.find({"state": "parked"}, {"group": 1, "key": 1}).to_list(None)
        except BaseException:
            self.stale = True
            raise
        put_meanwhile = self.keys - before  # by another lane of this process, while the query ran
        self.keys = {(d["group"], d["key"]) for d in found if d["key"]} | put_meanwhile
        telemetry.PARKED.set(len(found))

    def forget(self) -> None:
        """The keys known may be wrong: another process had these partitions."""
        self.stale = True

    def holds(self, group: str, record: Record) -> bool:
        """True when an earlier message of this key is parked."""
        return (group, _key(record)) in self.keys

    async def put(self, group: str, record: Record, reason: str) -> None:
        """Put one record aside, once: its place in the log is its id, and the first reason stays."""
        document: dict[str, Any] = {
            "_id": f"{record.topic}/{record.partition}/{record.offset}/{record.timestamp}",
            "state": "parked",
            "group": group,
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "timestamp": record.timestamp,
            "key": _key(record),
            "reason": reason,
            "at": datetime.now(UTC),
            "payload": self.box.seal(_pack(record)),
        }
        await self.collection.update_one({"_id": document["_id"]}, {"$setOnInsert": document}, upsert=True)
        if document["key"]:
            self.keys.add((group, document["key"]))
        telemetry.PARKED.inc()
        telemetry.log.error(
            "parked", topic=record.topic, partition=record.partition, offset=record.offset, reason=reason
        )

    async def list(self) -> Sequence[dict[str, Any]]:
        """What is parked, oldest first, without payloads."""
        cursor = self.collection.find({"state": "parked"}, {"payload": 0})
        return sorted([dict(d) for d in await cursor.to_list(None)], key=_order)

    async def records(self) -> Sequence[tuple[str, str, Record]]:
        """Everything parked as (id, group, record), in the order in which it came."""
        found = [dict(d) for d in await self.collection.find({"state": "parked"}).to_list(None)]
        return [(d["_id"], d["group"], _unpack(d, self.box)) for d in sorted(found, key=_order)]

    async def remove(self, parked_id: str) -> None:
        """It was replayed, or ended by an operator."""
        gone = await self.collection.find_one({"_id": parked_id}, {"group": 1, "key": 1})
        if gone is None:
            return
        await self.collection.delete_one({"_id": parked_id})
        telemetry.PARKED.dec()
        behind = {"key": gone["key"], "group": gone["group"], "state": "parked"}
        if await self.collection.find_one(behind, {"_id": 1}) is None:
            self.keys.discard((gone["group"], gone["key"]))


def _order(document: dict[str, Any]) -> tuple[str, int, int]:
    return document["topic"], document["partition"], document["offset"]


def _key(record: Record) -> str:
    return bytes(record.key).hex() if record.key else ""


def _pack(record: Record) -> bytes:
    headers = [[name, bytes(value).hex()] for name, value in record.headers]
    return json.dumps({"value": bytes(record.value or b"").hex(), "headers": headers}).encode()


def _unpack(document: dict[str, Any], box: LocalCipher) -> Record:
    found = json.loads(box.open(document["payload"]))
    value = bytes.fromhex(found["value"])
    record: Record = ConsumerRecord(
        topic=document["topic"],
        partition=document["partition"],
        offset=document["offset"],
        timestamp=document["timestamp"],
        timestamp_type=0,
        key=bytes.fromhex(document["key"]) or None,
        value=value,
        checksum=None,
        serialized_key_size=-1,
        serialized_value_size=len(value),
        headers=[(name, bytes.fromhex(text)) for name, text in found["headers"]],
    )
    return record
