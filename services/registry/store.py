"""Every query and write of the registry: persons, the claims on their identifiers, and what was written of late."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from chassis.keys import KeyRing
from chassis.mongo import Database, Index, Session, find_in, insert_new, replace_guarded
from contracts.model import Moment
from services.registry.domain.actions import Action
from services.registry.domain.claims import SYSTEMS, Claim, System
from services.registry.domain.person import Person, fold, in_order

INDEXES: tuple[Index, ...] = (("persons", (("home_regency", 1), ("page", 1)), {}),)
"""The one list of the registry; every further index costs the embedded database half as much again per change, and the
gateway has views of its own. `page` is the id once more: a range of `_id` itself is no index scan there.
"""

_SUMMARY = {"version": 1, "recorded_at": 1, "status": 1, "flags": 1, "home_regency": 1, "destination": 1}


class _Stored(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def revision(self) -> int: ...


T = TypeVar("T", bound=_Stored)


class Recent(Generic[T]):
    """The things used last. One may be older than what is stored: whoever builds on it is stopped by its revision."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.kept: OrderedDict[str, T] = OrderedDict()

    def find(self, name: str) -> T | None:
        """The thing, which counts as used."""
        found = self.kept.get(name)
        if found is not None:
            self.kept.move_to_end(name)
        return found

    def keep(self, things: Iterable[T]) -> None:
        """Remember things, unless newer ones came meanwhile, and forget those not used for longest."""
        for thing in things:
            known = self.kept.get(thing.id)
            if known is None or known.revision <= thing.revision:
                self.kept[thing.id] = thing
            self.kept.move_to_end(thing.id)
        while len(self.kept) > self.capacity:
            self.kept.popitem(last=False)

    def drop(self, names: Iterable[str]) -> None:
        """Forget things; unknown names are fine."""
        for name in names:
            self.kept.pop(name, None)


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


class Memory:
    """What one process read and wrote of late; a person has two identifiers as a rule."""

    def __init__(self, persons: int = 20_000) -> None:
        self.persons: Recent[Person] = Recent(persons)
        self.claims: Recent[Claim] = Recent(2 * persons)


class Store:
    """The database of one process, behind its memory."""

    def __init__(self, database: Database, ring: KeyRing, memory: Memory) -> None:
        self.persons, self.claims = database["persons"], database["claims"]
        self.ring, self.memory = ring, memory

    def claim_id(self, system: System, value: str) -> str:
        """Under what an identifier is claimed: a keyed hash, so that no list of identifiers stands in the database."""
        return self.ring.mac("claims", system, value).hex()

    # -- for what builds on it and is stopped by a revision: from memory first

    async def load_claims(self, ids: Iterable[str]) -> dict[str, Claim]:
        """The claims that exist, by id. One remembered may lack a person added since by another process."""
        found, unknown = _known(self.memory.claims, ids)
        read = [_claim(document) for document in await find_in(self.claims, "_id", unknown)]
        self.memory.claims.keep(read)
        return found | {claim.id: claim for claim in read}

    async def load_persons(self, ids: Iterable[str]) -> dict[str, Person]:
        """The persons that exist, by id, perhaps as they were before another process changed them."""
        found, unknown = _known(self.memory.persons, ids)
        return found | await self._read_persons(unknown)

    # -- for what is told to others: as stored now

    async def find_persons(self, wanted: Mapping[str, int]) -> dict[str, Person]:
        """The persons that exist, by id; from memory where the version wanted (0: the newest) is known to be there."""
        remembered = {one: self.memory.persons.find(one) for one, version in wanted.items() if version}
        found = {one: person for one, person in remembered.items() if person and person.version >= wanted[one]}
        return found | await self._read_persons(one for one in wanted if one not in found)

    async def find_carriers(self, personal: Mapping[str, str]) -> list[tuple[str, ...]]:
        """Ids of those who carry each identifier of a record, the strongest first.

        An alert waits for this, so a claim that is remembered is not read again: what another process added to it since
        may be missing. Facts do not rest on it; the worker's own claims are guarded by their revisions.
        """
        ids = [self.claim_id(system, value) if (value := personal.get(system)) else None for system in SYSTEMS]
        claims, unknown = _known(self.memory.claims, filter(None, ids))
        claims |= {one["_id"]: _claim(one) for one in await find_in(self.claims, "_id", unknown)}
        return [claims[one].persons if one in claims else () for one in ids]

    async def _read_persons(self, ids: Iterable[str]) -> dict[str, Person]:
        read = [_person(document) for document in await find_in(self.persons, "_id", ids)]
        self.memory.persons.keep(read)
        return {person.id: person for person in read}

    async def list_persons(self, asked: Filter, after: str | None, limit: int) -> list[Mapping[str, Any]]:
        """Summaries (`_id` and the denormalised fields) in the order of ids."""
        query = asked.query() | ({"page": {"$gt": after}} if after else {})
        return await self.persons.find(query, _SUMMARY).sort("page", 1).limit(limit).to_list(None)

    async def save(self, persons: Iterable[Person], claims: Iterable[Claim], session: Session) -> None:
        """Write what is new (revision 0) and what changed. Raises VersionConflict."""
        for collection, documents in (
            (self.claims, [_claim_document(claim) for claim in claims]),
            (self.persons, [_person_document(person) for person in persons]),
        ):
            await insert_new(collection, [new for new in documents if new["revision"] == 1], session)
            await replace_guarded(collection, [old for old in documents if old["revision"] > 1], session)

    def remember(self, persons: Iterable[Person], claims: Iterable[Claim]) -> None:
        """What was saved is now the newest."""
        self.memory.persons.keep(replace(person, revision=person.revision + 1) for person in persons)
        self.memory.claims.keep(replace(claim, revision=claim.revision + 1) for claim in claims)

    def forget(self, persons: Iterable[str], claims: Iterable[str]) -> None:
        """Read these from the database next time."""
        self.memory.persons.drop(persons)
        self.memory.claims.drop(claims)


def _known(recent: Recent[T], ids: Iterable[str]) -> tuple[dict[str, T], list[str]]:
    """What is remembered, and the ids of which nothing is."""
    found: dict[str, T] = {}
    unknown: list[str] = []
    for one in ids:
        thing = recent.find(one)
        if thing is None:
            unknown.append(one)
        else:
            found[one] = thing
    return found, unknown


def _claim_document(claim: Claim) -> dict[str, Any]:
    return {"_id": claim.id, "revision": claim.revision + 1, "persons": list(claim.persons)}


def _claim(document: Mapping[str, Any]) -> Claim:
    return Claim(document["_id"], document["revision"], tuple(document["persons"]))


def _person_document(person: Person) -> dict[str, Any]:
    facets = person.state.facets
    return {
        "_id": person.id,
        "page": person.id,
        "revision": person.revision + 1,
        "version": person.version,
        "recorded_at": person.recorded_at,
        "status": facets.status,
        "flags": [flag.code for flag in person.state.flags],
        "owner": facets.owner,
        "home_regency": facets.home_regency,
        "destination": facets.destination,
        "actions": [_action_document(action) for action in person.actions],
    }


def _person(document: Mapping[str, Any]) -> Person:
    actions = in_order(_action(one) for one in document["actions"])
    return Person(
        id=document["_id"],
        revision=document["revision"],
        version=document["version"],
        recorded_at=document["recorded_at"],
        actions=actions,
        state=fold(actions),
    )


def _action_document(action: Action) -> dict[str, Any]:
    return {
        "kind": action.kind,
        "command_id": action.command_id,
        "owner": action.owner,
        "at": action.occurred.at,
        "offset": action.occurred.offset,
        "precision": action.occurred.precision,
        "recorded_at": action.recorded_at,
        "facts": action.facts,
        "personal": action.personal,
        "shared": action.shared,
    }


def _action(document: Mapping[str, Any]) -> Action:
    return Action(
        kind=document["kind"],
        command_id=document["command_id"],
        owner=document["owner"],
        occurred=Moment(at=document["at"], offset=document["offset"], precision=document["precision"]),
        recorded_at=document["recorded_at"],
        facts=document["facts"],
        personal=document["personal"],
        shared=document["shared"],
    )
