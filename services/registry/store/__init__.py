"""Every query and write of the registry: persons, the entries of their identifiers, and what was written of late."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chassis.mongo import Database, Index, Session, VersionConflict, find_in, save_guarded
from chassis.security.keys import KeyRing
from services.registry.domain.identifiers import SYSTEMS, IdentifierEntry, System
from services.registry.domain.person import Person, Redirect, Stored, root_of
from services.registry.store import duplicates, offers, profiles
from services.registry.store.cache import Cache, split_cached
from services.registry.store.documents import ENTRIES, person_document, person_of
from services.registry.store.duplicates import DuplicateReviews
from services.registry.store.offers import Offers
from services.registry.store.profiles import Profiles

INDEXES: tuple[Index, ...] = (
    ("persons", (("home_regency", 1), ("page", 1)), {}),
    *profiles.INDEXES,
    *duplicates.INDEXES,
    *offers.INDEXES,
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
        equalities = {"home_regency": self.home_regency, "destination": self.destination, "status": self.status}
        return {name: value for name, value in equalities.items() if value is not None}


class Store:
    """The database of one process, behind its cache."""

    def __init__(self, database: Database, ring: KeyRing, cache: Cache) -> None:
        self.persons, self.entries = database["persons"], database["identifier_entries"]
        self.profiles, self.reviews = Profiles(database, ring), DuplicateReviews(database)
        self.offers = Offers(database)
        self.ring, self.cache = ring, cache

    def entry_id(self, system: System, value: str) -> str:
        """Under what an identifier is kept: a keyed hash, so that no list of identifiers stands in the database."""
        return self.ring.mac("identifiers", system, value).hex()

    # -- for what builds on it and is stopped by a revision: from the cache first

    async def load_entries(self, ids: Iterable[str]) -> dict[str, IdentifierEntry]:
        """The identifier entries that exist, by id. One remembered may lack a person added since by another process."""
        cached, unknown = split_cached(self.cache.entries, ids)
        read = [ENTRIES.read(document) for document in await find_in(self.entries, "_id", unknown)]
        self.cache.entries.keep(read)
        return cached | {entry.id: entry for entry in read}

    async def load_persons(self, ids: Iterable[str]) -> dict[str, Stored]:
        """The persons that exist, by id, perhaps as they were before another process changed them.

        With an absorbed one comes whoever it was found to be. Raises VersionConflict while merges outrun the reading.
        """

        async def load(wanted_ids: Iterable[str]) -> dict[str, Stored]:
            cached, unknown = split_cached(self.cache.persons, wanted_ids)
            return cached | await self._read(unknown)

        stored = await _with_roots(ids, load)
        if _torn(stored):
            self.cache.persons.drop(stored)
            stored = await self._read_persons(ids)
        return stored

    # -- for what is told to others: as stored now

    async def find_persons(self, wanted: Mapping[str, int]) -> dict[str, Person]:
        """Whom these ids lead to, by id; from the cache where it has the version wanted (0: the newest)."""
        remembered = {person_id: self.cache.persons.find(person_id) for person_id, version in wanted.items() if version}
        cached = {
            person_id: person
            for person_id, person in remembered.items()
            if isinstance(person, Person) and person.version >= wanted[person_id]
        }
        unknown = [person_id for person_id in wanted if person_id not in cached]
        stored = await self._read_persons(unknown)
        return cached | {person_id: person for person_id in unknown if (person := root_of(stored, person_id))}

    async def find_ever_merged(self, person: str) -> list[Person]:
        """Whom an id leads to, and all with whom it, or one of them, was ever one; none if nobody has the id."""
        stored: dict[str, Stored] = {}
        asked_ids, waiting = set[str](), {person}
        while waiting:
            asked_ids |= waiting
            stored |= await self._read_persons(waiting)
            people = [member for member in stored.values() if isinstance(member, Person)]
            merge_records = [record for member in people for record in member.merge_records]
            waiting = {origin for record in merge_records for origin in (record.survivor, record.absorbed)} - asked_ids
        return people

    async def find_holders(self, personal: Mapping[str, str]) -> list[tuple[str, ...]]:
        """Ids of those who carry each identifier of a record, the strongest first; of an absorbed one, who it is now.
        An identifier of too many leads to nobody.

        An alert waits for this, so what is remembered is not read again: what another process added or merged since may
        be missing. Facts do not rest on it; what the worker builds on is guarded by revisions.
        """
        ids = [self.entry_id(system, value) if (value := personal.get(system)) else None for system in SYSTEMS]
        entries, unknown = split_cached(self.cache.entries, filter(None, ids))
        entries |= {document["_id"]: ENTRIES.read(document) for document in await find_in(self.entries, "_id", unknown)}
        origins = {id_: entry.persons for id_, entry in entries.items() if entry.links}
        stored = await self.load_persons({origin for holders in origins.values() for origin in holders})
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

    async def list_persons(self, wanted_filter: Filter, after: str | None, limit: int) -> list[Mapping[str, Any]]:
        """Summaries (`_id` and the denormalised fields) in the order of ids."""
        return await self._page(wanted_filter.query(), after, limit, _SUMMARY)

    async def find_stored(self, home_regency: str | None, after: str | None, limit: int) -> list[Stored]:
        """Persons of a regency as stored now, in the order of ids; those absorbed stand with those of no regency."""
        return [person_of(document) for document in await self._page({"home_regency": home_regency}, after, limit)]

    async def _page(
        self, query: Mapping[str, Any], after: str | None, limit: int, projection: Mapping[str, Any] | None = None
    ) -> list[Mapping[str, Any]]:
        query = {**query, **({"page": {"$gt": after}} if after else {})}
        return await self.persons.find(query, projection).sort("page", 1).limit(limit).to_list(None)

    async def check_revisions(self, persons: Iterable[Stored], session: Session) -> None:
        """Raises VersionConflict when one of them is not stored as it was read."""
        expected = {person.id: person.revision for person in persons}
        documents = await find_in(self.persons, "_id", expected, {"revision": 1}, session)
        if {document["_id"]: document["revision"] for document in documents} != expected:
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
    asked_ids, waiting = set[str](), set(ids)
    while waiting:
        asked_ids |= waiting
        stored |= await read(waiting)
        waiting = {person.into for person in stored.values() if isinstance(person, Redirect)} - asked_ids
    return stored


def _torn(stored: Mapping[str, Stored]) -> bool:
    """Whether an absorbed person leads to somebody who does not know of it: the two are of different times."""
    absorbed = [person.id for person in stored.values() if isinstance(person, Redirect)]
    roots = ((person_id, root_of(stored, person_id)) for person_id in absorbed)
    return any(root is None or person_id not in root.origin_persons for person_id, root in roots)


def _people(stored: Mapping[str, Stored], origins: Iterable[str]) -> tuple[str, ...]:
    """Whom these origin persons lead to, each once."""
    return tuple(dict.fromkeys(person.id for origin in origins if (person := root_of(stored, origin))))
