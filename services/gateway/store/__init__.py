"""Every query and write of the gateway's own database: disclosures, and copies whose personal part follows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from chassis.messaging.retry import Outage
from chassis.mongo import Database, Index
from services.gateway.domain.copies import Disclosure
from services.gateway.store import simulations, token_denials, web_sessions
from services.gateway.store.disclosures import disclosure_documents

INDEXES: Sequence[Index] = (
    ("disclosures", (("at", 1),), {}),
    ("pending_enrichments", (("tried", 1),), {}),
    *token_denials.INDEXES,
    *simulations.INDEXES,
    *web_sessions.INDEXES,
)


class NotRecorded(Outage):
    """The record of disclosures takes nothing, for whatever reason: what was to be disclosed is not."""


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
        """Append everything that a batch is about to disclose; nothing may go out before it. Raises NotRecorded."""
        if documents := disclosure_documents(disclosures, datetime.now(UTC)):
            try:
                await self._disclosures.insert_many(documents)
            except PyMongoError as error:
                raise NotRecorded(type(error).__name__) from None

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
            PendingEnrichment(
                d["_id"],
                [(name, None if value is None else bytes(value)) for name, value in d["headers"]],
                bytes(d["value"]),
            )
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
