"""Every query and write of the gateway's own database: disclosures, and copies whose personal part follows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from pymongo import UpdateOne

from chassis.mongo import Database, Index
from services.gateway.domain.copies import Disclosure
from services.gateway.store import token_denials

INDEXES: Sequence[Index] = (
    ("disclosures", (("at", 1),), {}),
    ("pending_enrichments", (("tried", 1),), {}),
    *token_denials.INDEXES,
)
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class PendingEnrichment:
    """An event of an alert whose copies went without their personal part, as it stands in the log: nothing personal."""

    event: str
    headers: list[tuple[str, bytes | None]]
    value: bytes


class Store:
    """Append-only where it says so: a disclosure is never changed."""

    def __init__(self, database: Database) -> None:
        self._disclosures, self._pending = database["disclosures"], database["pending_enrichments"]

    async def disclose(self, disclosures: Iterable[Disclosure]) -> None:
        """Append one document of everything that a batch is about to disclose; nothing may go out before it."""
        groups: dict[tuple[Any, ...], list[list[Any]]] = {}
        for disclosure in disclosures:
            group = groups.setdefault(
                (disclosure.receiver, disclosure.agreement, disclosure.purpose, disclosure.fields), []
            )
            group.append([disclosure.copy, disclosure.event, disclosure.person, disclosure.asof])
        if groups:
            await self._disclosures.insert_one(_document(groups))

    async def put_pending(self, pending: Sequence[PendingEnrichment]) -> None:
        """Remember, before the first copies go out, that second ones must follow."""
        now = datetime.now(UTC)
        writes = [
            UpdateOne({"_id": enrichment.event}, {"$setOnInsert": _pending_document(enrichment, now)}, upsert=True)
            for enrichment in pending
        ]
        if writes:
            await self._pending.bulk_write(writes, ordered=False)

    async def list_pending(self) -> list[PendingEnrichment]:
        """At most 100 events whose completion is still to follow, those first that were not tried for longest."""
        documents = await self._pending.find({}).sort("tried", 1).limit(100).to_list(None)
        return [
            PendingEnrichment(d["_id"], [(name, bytes(value)) for name, value in d["headers"]], bytes(d["value"]))
            for d in documents
        ]

    async def postpone_pending(self, event: str) -> None:
        """The completion of an event failed: the others come before it is tried again."""
        await self._pending.update_one({"_id": event}, {"$set": {"tried": datetime.now(UTC)}})

    async def remove_pending(self, event: str) -> None:
        """The completion of an event went out."""
        await self._pending.delete_one({"_id": event})


def _pending_document(enrichment: PendingEnrichment, now: datetime) -> dict[str, Any]:
    return {"headers": [list(pair) for pair in enrichment.headers], "value": enrichment.value, "tried": now}


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
