"""What was disclosed, to be found by person, receiver and time: an index of the log's leaves, filled behind the load.

Rows stay where they are recorded; of each leaf the index has whom it is about, and whom it concerns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ReplaceOne

from chassis.mongo import Database, Index, find_in
from services.gateway.domain.transparency.leaves import Row, rows_of

INDEXES: Sequence[Index] = (
    ("disclosure_index", (("persons", 1), ("leaf", -1)), {}),
    ("disclosure_index", (("parties", 1), ("leaf", -1)), {}),
)
STATE = "state"
MAX_LEAVES = 20
"""Looked through for one page: whoever filters out nearly everything gets short pages, and a cursor to go on."""


@dataclass(frozen=True, slots=True)
class Place:
    """Of a row: its leaf, and its number there."""

    leaf: int
    row: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Rows that concern `party`, or one of those that it has taken over: it received them, or the person was its own.

    None is no limit.
    """

    party: str
    person: str | None = None
    receiver: str | None = None
    purpose: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    taken_over: tuple[str, ...] = ()

    def has(self, row: Row) -> bool:
        """Whether a row of a leaf in the time wanted is among them."""
        limits = ((self.person, row.person), (self.receiver, row.receiver), (self.purpose, row.purpose))
        concerned = not {row.receiver, row.owner}.isdisjoint((self.party, *self.taken_over))
        return concerned and all(limit in (None, value) for limit, value in limits)

    def query(self, before: int | None) -> dict[str, Any]:
        """Leaves that may have such rows; `before` is the first that is not wanted any more."""
        parties = {"$in": [self.party, *self.taken_over]} if self.taken_over else self.party
        query: dict[str, Any] = {"persons": self.person} if self.person else {"parties": parties}
        time = {"$gte": self.since, "$lt": self.until}
        if at := {name: limit for name, limit in time.items() if limit}:
            query["at"] = at
        if before is not None:
            query["leaf"] = {"$lt": before}
        return query


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One disclosure, when it was recorded (UTC), and where it stands in the log."""

    place: Place
    at: datetime
    row: Row


@dataclass(frozen=True, slots=True)
class RowPage:
    """The newest first; `after` is where the next page goes on, None at the end."""

    rows: tuple[FoundRow, ...]
    after: Place | None


class DisclosureIndex:
    """One process fills it; if two do, they write the same."""

    def __init__(self, database: Database) -> None:
        self._index, self._state = database["disclosure_index"], database["disclosure_index_state"]
        self._disclosures = database["disclosures"]

    async def next_leaf(self) -> int:
        """The first leaf that it does not have."""
        state = await self._state.find_one({"_id": STATE})
        return int(state["leaf"]) if state else 0

    async def fill(self, limit: int) -> int:
        """Take in the next leaves; returns how many."""
        first = await self.next_leaf()
        documents = []
        for leaf in range(first, first + limit):
            document = await self._disclosures.find_one({"leaf": leaf})
            if document is None:
                break
            documents.append(document)
        if documents:
            entries: list[Any] = [ReplaceOne({"_id": d["leaf"]}, _entry(d), upsert=True) for d in documents]
            await self._index.bulk_write(entries, ordered=False)
            await self._state.replace_one({"_id": STATE}, {"leaf": first + len(documents)}, upsert=True)
        return len(documents)

    async def forget(self, leaf: int) -> None:
        """Rows of a leaf were erased: nobody finds by them what is left."""
        document = await self._disclosures.find_one({"leaf": leaf})
        if document is not None and leaf < await self.next_leaf():
            await self._index.replace_one({"_id": leaf}, _entry(document))

    async def leaves_of(self, person: str) -> list[int]:
        """Leaves with rows about a person."""
        return [entry["leaf"] for entry in await self._index.find({"persons": person}, {"leaf": 1}).to_list(None)]

    async def page(self, wanted: Wanted, after: Place | None, limit: int) -> RowPage:
        """At most `limit` rows behind `after`."""
        leaves = await self._leaves(wanted, after)
        documents = {document["leaf"]: document for document in await find_in(self._disclosures, "leaf", leaves)}
        rows: list[FoundRow] = []
        for leaf in leaves:
            for located in _rows(documents[leaf], wanted):
                if after is not None and leaf == after.leaf and located.place.row <= after.row:
                    continue
                if len(rows) == limit:
                    return RowPage(tuple(rows), rows[-1].place)
                rows.append(located)
        more = Place(leaves[-1], rows_in(documents[leaves[-1]])) if len(leaves) == MAX_LEAVES else None
        return RowPage(tuple(rows), more)

    async def _leaves(self, wanted: Wanted, after: Place | None) -> list[int]:
        query = wanted.query(None if after is None else after.leaf + 1)
        documents = await self._index.find(query, {"leaf": 1}).sort("leaf", -1).limit(MAX_LEAVES).to_list(None)
        return [document["leaf"] for document in documents]


def rows_in(document: Mapping[str, Any]) -> int:
    """How many rows a leaf has."""
    return sum(len(group["copies"]) for group in document["disclosed"])


def _rows(document: Mapping[str, Any], wanted: Wanted) -> Iterable[FoundRow]:
    for number, committed in enumerate(rows_of(document)):
        if committed is not None and wanted.has(committed.row):
            yield FoundRow(Place(document["leaf"], number), document["at"], committed.row)


def _entry(document: Mapping[str, Any]) -> dict[str, Any]:
    rows = [committed.row for committed in rows_of(document) if committed is not None]
    persons = {row.person for row in rows if row.person}
    parties = {party for row in rows for party in (row.receiver, row.owner) if party}
    return {
        "_id": document["leaf"],
        "leaf": document["leaf"],
        "at": document["at"],
        "persons": sorted(persons),
        "parties": sorted(parties),
    }
