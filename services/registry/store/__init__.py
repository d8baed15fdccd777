"""Every query and write of the registry: persons, the entries of their identifiers, and what was written of late."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chassis.mongo import Database, Index, Session, VersionConflict, find_in, save_guarded
from chassis.security.keys import KeyRing
from services.registry.domain.identifiers import SYSTEMS, IdentifierEntry, System
from services.registry.domain.person import Person, Redirect, Stored, root_of
from services.registry.store import duplicates, profiles
from services.registry.store.cache import Cache, known
from services.registry.store.documents import ENTRIES, person_document, person_of
from services.registry.store.duplicates import DuplicateReviews
from services.registry.store.profiles import Profiles

INDEXES: tuple[Index, ...] = (
    ("persons", (("home_regency", 1), ("page", 1)), {}),
    *profiles.INDEXES,
    *duplicates.INDEXES,
)
"""Persons are in one list; every further index costs the embedded database half as much again per change, and the
gateway has views of its own. `page` is the id once more: a range of `_id` itself is no index scan there.
"""

_SUMMARY = {"version": 1, "recorded_at": 1, "status": 1, "flags": 1, "home_regency": 1, "destination": 1}


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of persons is limited to."""

    home_regency: str
    destination: str | None = None
    status: str | None = None

    def query(self) -> dict[str, Any]:
        """The equalities asked for."""
        asked = {"home_regency": self.home_regency, "destination": self.destination, "status": self.status}
        return {name: value for name, value in asked.items() if value is not None}


class Store:
    """The database of one process, behind its memory."""

    def __init__(self, database: Database, ring: KeyRing, cache: Cache) -> None:
        self.persons, self.entries = database["persons"], database["identifier_entries"]
        self.profiles, self.reviews = Profiles(database, ring), DuplicateReviews(database)
        self.ring, self.cache = ring, cache

    def entry_id(self, system: System, value: str) -> str:
        """Under what an identifier is kept: a keyed hash, so that no list of identifiers stands in the database."""
        return self.ring.mac("identifiers", system, value).hex()

    # -- for what builds on it and is stopped by a revision: from memory first

    async def load_entries(self, ids: Iterable[str]) -> dict[str, IdentifierEntry]:
        """The identifier entries that exist, by id. One remembered may lack a person added since by another process."""
        found, unknown = known(self.cache.entries, ids)
        read = [ENTRIES.read(document) for document in await find_in(self.entries, "_id", unknown)]
        self.cache.entries.keep(read)
        return found | {entry.id: entry for entry in read}

    async def load_persons(self, ids: Iterable[str]) -> dict[str, Stored]:
        """The persons that exist, by id, perhaps as they were before another process changed them.

        With an absorbed one comes whoever it was found to be. Raises VersionConflict while merges outrun the reading.
        """

        async def load(some: Iterable[str]) -> dict[str, Stored]:
            found, unknown = known(self.cache.persons, some)
            return found | await self._read(unknown)

        stored = await _with_roots(ids, load)
        if _torn(stored):
            self.cache.persons.drop(stored)
            stored = await self._read_persons(ids)
        return stored

    # -- for what is told to others: as stored now

    async def find_persons(self, wanted: Mapping[str, int]) -> dict[str, Person]:
        """Whom these ids lead to, by the id asked for; from memory where it has the version wanted (0: the newest)."""
        remembered = {one: self.cache.persons.find(one) for one, version in wanted.items() if version}
        found = {
            one: person
            for one, person in remembered.items()
            if isinstance(person, Person) and person.version >= wanted[one]
        }
        unknown = [one for one in wanted if one not in found]
        stored = await self._read_persons(unknown)
        return found | {one: person for one in unknown if (person := root_of(stored, one))}

    async def find_ever_merged(self, person: str) -> list[Person]:
        """Whom an id leads to, and all with whom it, or one of them, was ever one; none if nobody has the id."""
        stored: dict[str, Stored] = {}
        asked, waiting = set[str](), {person}
        while waiting:
            asked |= waiting
            stored |= await self._read_persons(waiting)
            people = [one for one in stored.values() if isinstance(one, Person)]
            merge_records = [record for one in people for record in one.merge_records]
            waiting = {origin for record in merge_records for origin in (record.survivor, record.absorbed)} - asked
        return people

    async def find_holders(self, personal: Mapping[str, str]) -> list[tuple[str, ...]]:
        """Ids of those who carry each identifier of a record, the strongest first; of an absorbed one, who it is now.
        An identifier of too many leads to nobody.

        An alert waits for this, so what is remembered is not read again: what another process added or merged since may
        be missing. Facts do not rest on it; what the worker builds on is guarded by revisions.
        """
        ids = [self.entry_id(system, value) if (value := personal.get(system)) else None for system in SYSTEMS]
        entries, unknown = known(self.cache.entries, filter(None, ids))
        entries |= {one["_id"]: ENTRIES.read(one) for one in await find_in(self.entries, "_id", unknown)}
        origins = {id_: entry.persons for id_, entry in entries.items() if entry.links}
        stored = await self.load_persons({origin for some in origins.values() for origin in some})
        return [_people(stored, origins.get(id_, ())) if id_ else () for id_ in ids]

    async def _read_persons(self, ids: Iterable[str]) -> dict[str, Stored]:
        """As one moment had them: read again while a merge came in between. Raises VersionConflict after ten times."""
        for _ in range(10):
            stored = await _with_roots(ids, self._read)
            if not _torn(stored):
                return stored
        raise VersionConflict

    async def _read(self, ids: Iterable[str]) -> dict[str, Stored]:
        read = [person_of(document) for document in await find_in(self.persons, "_id", ids)]
        self.cache.persons.keep(read)
        return {person.id: person for person in read}

    async def list_persons(self, asked: Filter, after: str | None, limit: int) -> list[Mapping[str, Any]]:
        """Summaries (`_id` and the denormalised fields) in the order of ids."""
        return await self._page(asked.query(), after, limit, _SUMMARY)

    async def find_stored(self, home_regency: str | None, after: str | None, limit: int) -> list[Stored]:
        """Persons of a regency as stored now, in the order of ids; those absorbed stand with those of no regency."""
        return [person_of(one) for one in await self._page({"home_regency": home_regency}, after, limit)]

    async def _page(
        self, query: Mapping[str, Any], after: str | None, limit: int, projection: Mapping[str, Any] | None = None
    ) -> list[Mapping[str, Any]]:
        query = {**query, **({"page": {"$gt": after}} if after else {})}
        return await self.persons.find(query, projection).sort("page", 1).limit(limit).to_list(None)

    async def check_revisions(self, persons: Iterable[Stored], session: Session) -> None:
        """Raises VersionConflict when one of them is not stored as it was read."""
        known = {person.id: person.revision for person in persons}
        found = await find_in(self.persons, "_id", known, {"revision": 1}, session)
        if {one["_id"]: one["revision"] for one in found} != known:
            raise VersionConflict

    async def save(self, persons: Iterable[Stored], entries: Iterable[IdentifierEntry], session: Session) -> None:
        """Write what is new (revision 0) and what changed. Raises VersionConflict."""
        await save_guarded(self.entries, map(ENTRIES.document, entries), session)
        await save_guarded(self.persons, map(person_document, persons), session)

    def remember(self, persons: Iterable[Stored], entries: Iterable[IdentifierEntry]) -> None:
        """What was saved is now the newest."""
        self.cache.persons.keep(replace(person, revision=person.revision + 1) for person in persons)
        self.cache.entries.keep(replace(entry, revision=entry.revision + 1) for entry in entries)

    def forget(self, persons: Iterable[str], entries: Iterable[str]) -> None:
        """Read these from the database next time."""
        self.cache.persons.drop(persons)
        self.cache.entries.drop(entries)


async def _with_roots(
    ids: Iterable[str], read: Callable[[Iterable[str]], Awaitable[dict[str, Stored]]]
) -> dict[str, Stored]:
    """Persons by id, and whoever the absorbed among them were found to be."""
    stored: dict[str, Stored] = {}
    asked, waiting = set[str](), set(ids)
    while waiting:
        asked |= waiting
        stored |= await read(waiting)
        waiting = {one.into for one in stored.values() if isinstance(one, Redirect)} - asked
    return stored


def _torn(stored: Mapping[str, Stored]) -> bool:
    """Whether an absorbed person leads to somebody who does not know of it: the two are of different times."""
    absorbed = [one.id for one in stored.values() if isinstance(one, Redirect)]
    roots = ((one, root_of(stored, one)) for one in absorbed)
    return any(root is None or one not in root.origin_persons for one, root in roots)


def _people(stored: Mapping[str, Stored], origins: Iterable[str]) -> tuple[str, ...]:
    """Whom these origin persons lead to, each once."""
    return tuple(dict.fromkeys(person.id for origin in origins if (person := root_of(stored, origin))))
