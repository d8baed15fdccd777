"""Agreements with all their versions: one document each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chassis.mongo import Database, Index, Session, find_in, save_guarded
from services.gateway.domain.agreement_record import AgreementRecord, agreement_id

INDEXES: Sequence[Index] = (("agreements", (("by", 1), ("agreed", 1)), {}),)


class AgreementStore:
    """The collection `agreements`."""

    def __init__(self, database: Database) -> None:
        self._agreements = database["agreements"]

    async def find(self, ids: Iterable[str]) -> dict[str, AgreementRecord]:
        """Those that exist, by the platform's id."""
        return {document["_id"]: _read(document) for document in await find_in(self._agreements, "_id", ids)}

    async def find_named(self, name: str) -> AgreementRecord | None:
        """The one that copies name so."""
        document = await self._agreements.find_one({"_id": agreement_id(name)})
        return _read(document) if document else None

    async def list_all(self) -> list[AgreementRecord]:
        """Every agreement, by name."""
        documents = await self._agreements.find({}).to_list(None)
        return sorted((_read(document) for document in documents), key=lambda record: record.name)

    async def count_unagreed(self, organisation: str) -> int:
        """How many an organisation proposed that were never approved."""
        return int(await self._agreements.count_documents({"by": organisation, "agreed": False}))

    async def save(self, records: Iterable[AgreementRecord], session: Session) -> None:
        """Write what is new or changed. Raises VersionConflict."""
        await save_guarded(self._agreements, map(_document, records), session)


def _document(record: AgreementRecord) -> dict[str, Any]:
    return {
        "_id": record.id, "revision": record.revision, "by": record.proposed_by, "agreed": bool(record.approved),
        "record": record.model_dump_json(exclude={"revision"}),
    }  # fmt: skip


def _read(document: Mapping[str, Any]) -> AgreementRecord:
    return AgreementRecord.model_validate_json(document["record"]).model_copy(update={"revision": document["revision"]})
