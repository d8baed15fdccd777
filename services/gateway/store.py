"""Every query and write of the gateway's own database: disclosures, and copies still owed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pymongo import UpdateOne

from chassis.mongo import Database, Index
from services.gateway.domain.copies import Disclosure

INDEXES: Sequence[Index] = (("disclosures", (("at", 1),), {}), ("owed", (("tried", 1),), {}))
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class PendingEnrichment:
    """An event of an alert whose copies went without their personal part, as it stands in the log: nothing personal."""

    event: str
    headers: list[tuple[str, bytes]]
    value: bytes


class Store:
    """Append-only where it says so: a disclosure is never changed."""

    def __init__(self, database: Database) -> None:
        self._disclosures, self._owed = database["disclosures"], database["owed"]

    async def disclose(self, disclosures: Iterable[Disclosure]) -> None:
        """Append one document of everything that a batch is about to disclose; nothing may go out before it."""
        groups: dict[tuple[Any, ...], list[list[Any]]] = {}
        for one in disclosures:
            group = groups.setdefault((one.receiver, one.agreement, one.purpose, one.fields), [])
            group.append([one.copy, one.event, one.person, one.asof])
        if groups:
            await self._disclosures.insert_one(_document(groups))

    async def owe(self, owed: Sequence[PendingEnrichment]) -> None:
        """Remember, before the first copies go out, that second ones must follow."""
        now = datetime.now(UTC)
        writes = [UpdateOne({"_id": one.event}, {"$setOnInsert": _owed(one, now)}, upsert=True) for one in owed]
        if writes:
            await self._owed.bulk_write(writes, ordered=False)

    async def list_owed(self) -> list[PendingEnrichment]:
        """At most 100 events whose completion is still owed, those first that were not tried for longest."""
        found = await self._owed.find({}).sort("tried", 1).limit(100).to_list(None)
        return [
            PendingEnrichment(d["_id"], [(name, bytes(value)) for name, value in d["headers"]], bytes(d["value"]))
            for d in found
        ]

    async def postpone(self, event: str) -> None:
        """The completion of an event failed: the others come before it is tried again."""
        await self._owed.update_one({"_id": event}, {"$set": {"tried": datetime.now(UTC)}})

    async def settle(self, event: str) -> None:
        """The completion of an event went out."""
        await self._owed.delete_one({"_id": event})


def _owed(one: PendingEnrichment, now: datetime) -> dict[str, Any]:
    return {"headers": [list(pair) for pair in one.headers], "value": one.value, "tried": now}


def _document(groups: dict[tuple[Any, ...], list[list[Any]]]) -> dict[str, Any]:
    return {
        "_id": str(uuid4()),
        "schema": SCHEMA,
        "at": datetime.now(UTC),
        "disclosed": [
            {"receiver": receiver, "agreement": agreement, "purpose": purpose, "fields": list(fields), "copies": copies}
            for (receiver, agreement, purpose, fields), copies in groups.items()
        ],
    }
