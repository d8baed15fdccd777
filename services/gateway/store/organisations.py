"""Organisations as operators changed them: one document each. Those of the code list that never changed have none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.mongo import Database, Session, save_guarded
from contracts.gateway import OrganisationState
from services.gateway.domain.organisation import organisation_id


@dataclass(frozen=True, slots=True)
class OrganisationRecord:
    """`revision` is the saved one, 0 when never saved."""

    state: OrganisationState
    revision: int = 0

    @property
    def id(self) -> str:
        """The platform's id of it."""
        return organisation_id(self.state.organisation)


class OrganisationStore:
    """The collection `organisations`."""

    def __init__(self, database: Database) -> None:
        self._organisations = database["organisations"]

    async def list_all(self) -> dict[str, OrganisationRecord]:
        """Every one that changed, by the platform's id: there are few."""
        return {document["_id"]: _read(document) for document in await self._organisations.find({}).to_list(None)}

    async def save(self, records: Iterable[OrganisationRecord], session: Session) -> None:
        """Write what is new or changed. Raises VersionConflict."""
        await save_guarded(self._organisations, map(_document, records), session)


def _document(record: OrganisationRecord) -> dict[str, Any]:
    return {"_id": record.id, "revision": record.revision, "state": record.state.model_dump_json()}


def _read(document: Mapping[str, Any]) -> OrganisationRecord:
    return OrganisationRecord(OrganisationState.model_validate_json(document["state"]), document["revision"])
