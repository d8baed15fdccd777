"""The stewards' cases: by person, in the order of age or weight, and counted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chassis.mongo import Database, Index, Session, find_in, insert_new, replace_guarded
from contracts.registry import Band, CaseOrder, CaseStatus
from services.registry.domain.comparison import Step
from services.registry.domain.duplicates import Case, Event

INDEXES: tuple[Index, ...] = (
    ("cases", (("persons", 1),), {}),
    ("cases", (("status", 1), ("age", 1)), {}),
    ("cases", (("status", 1), ("rank", 1)), {}),
    ("cases", (("opened_on", 1),), {}),
    ("cases", (("decided_on", 1),), {}),
    ("cases", (("tally", 1),), {}),
)
"""`age` and `rank` end in the id, so that each has its place in a list; `tally` has what is counted by month."""

_ORDERS: Mapping[CaseOrder, str] = {"age": "age", "weight": "rank"}
_HEAVIEST = 1000.0
EVEN = 0.5
"""Probability from which on the model holds two for one."""


class Cases:
    """The collection `cases`."""

    def __init__(self, database: Database) -> None:
        self.collection = database["cases"]

    async def find(self, ids: Iterable[str]) -> dict[str, Case]:
        """Those that exist, by id."""
        return _by_id(await find_in(self.collection, "_id", ids))

    async def find_of(self, persons: Iterable[str]) -> dict[str, Case]:
        """Every case that one of these persons is in, by id."""
        return _by_id(await find_in(self.collection, "persons", persons, chunk=25))

    async def list_cases(
        self, status: CaseStatus, order: CaseOrder, band: Band | None, after: str | None, limit: int
    ) -> list[Case]:
        """Cases of one status, oldest or heaviest first, beyond a place given by `place`."""
        name = _ORDERS[order]
        query: dict[str, Any] = {"status": status}
        query |= ({"band": band} if band else {}) | ({name: {"$gt": after}} if after else {})
        found = await self.collection.find(query).sort(name, 1).limit(limit).to_list(None)
        return [_case(one) for one in found]

    async def count_open(self, opened_before: datetime) -> int:
        """How many are open that were opened before a time (UTC)."""
        query = {"status": "open", "age": {"$lt": _time(opened_before)}}
        return int(await self.collection.count_documents(query))

    async def count_day(self, what: str, day: str) -> int:
        """Cases `opened_on` or last `decided_on` a UTC day."""
        return int(await self.collection.count_documents({what: day}))

    async def count_judged(self, month: str, band: Band, *, agreed: bool) -> int:
        """Stewards' standing decisions of a month, on the model's side or the other."""
        return int(await self.collection.count_documents({"tally": f"{month} {band} {_SIDE[agreed]}"}))

    async def count_again(self, month: str, *, upheld: bool) -> int:
        """Cases decided again in a month, as before or otherwise."""
        return int(await self.collection.count_documents({"tally": f"{month} {_AGAIN[upheld]}"}))

    async def save(self, cases: Iterable[Case], session: Session) -> None:
        """Write what is new (revision 0) and what changed. Raises VersionConflict."""
        documents = [_document(case) for case in cases]
        await insert_new(self.collection, [one for one in documents if one["revision"] == 1], session)
        await replace_guarded(self.collection, [one for one in documents if one["revision"] > 1], session)


_SIDE: Mapping[bool, str] = {True: "agreed", False: "opposed"}
_AGAIN: Mapping[bool, str] = {True: "upheld", False: "reversed"}


def place(case: Case, order: CaseOrder) -> str:
    """Where a case stands in a list: the cursor of what comes after it, as it may stand in an address."""
    if order == "age":
        return f"{_time(case.opened_at)}_{case.id}"
    return f"{_HEAVIEST - case.weight:010.3f}_{case.id}"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _document(case: Case) -> dict[str, Any]:
    judged = case.judgements
    document: dict[str, Any] = {
        "_id": case.id,
        "revision": case.revision + 1,
        "version": case.version,
        "persons": list(case.persons),
        "status": "decided" if case.decision else "open",
        "age": place(case, "age"),
        "rank": place(case, "weight"),
        "weight": case.weight,
        "probability": case.probability,
        "band": case.band,
        "model": case.model,
        "hold": case.hold,
        "steps": [list(step) for step in case.steps],
        "history": [_event_document(event) for event in case.history],
        "opened_on": f"{case.opened_at:%Y-%m-%d}",
    }
    if judged and case.decision:
        document |= {"decided_on": f"{judged[-1].at:%Y-%m-%d}", "tally": _tally(case, judged)}
    return document


def _tally(case: Case, judged: Sequence[Event]) -> list[str]:
    """Nothing of a case that no model judged."""
    if not case.model:
        return []
    month = f"{judged[-1].at:%Y-%m}"
    agreed = (judged[-1].decision == "same") == (case.probability >= EVEN)
    counted = [f"{month} {case.band} {_SIDE[agreed]}"]
    if len(judged) > 1:
        counted.append(f"{month} {_AGAIN[judged[-1].decision == judged[-2].decision]}")
    return counted


def _event_document(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in Event.__slots__}


def _case(document: Mapping[str, Any]) -> Case:
    return Case(
        id=document["_id"],
        revision=document["revision"],
        version=document["version"],
        persons=tuple(document["persons"]),
        weight=document["weight"],
        probability=document["probability"],
        model=document["model"],
        hold=document["hold"],
        steps=tuple(Step(*step) for step in document["steps"]),
        history=tuple(Event(**event) for event in document["history"]),
    )


def _by_id(documents: Iterable[Mapping[str, Any]]) -> dict[str, Case]:
    return {one["_id"]: _case(one) for one in documents}
