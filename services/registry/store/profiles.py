"""Profiles: what origin persons are compared by, found under keyed hashes of what two records of one share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import Annotated, Any
from uuid import uuid4

from pymongo import ReplaceOne, UpdateOne

from chassis.documents import AS_JSON, Codec
from chassis.mongo import Database, Index, Session, find_in, insert_new
from chassis.security.keys import KeyRing
from services.registry.domain.matching_traits import Traits

INDEXES: tuple[Index, ...] = (
    ("profiles", (("keys", 1),), {}),
    ("commits", (("at", 1),), {"expireAfterSeconds": 86_400}),
)

_CHUNK = 50
"""Keys per `$in`: the embedded server compares every profile found with every key asked for (ADR 12)."""
_LENGTH = 9
"""Bytes of a key's hash: among 50 million keys a chance meeting costs one comparison."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What one origin person says of who it is by its own facts, and the keys (hashed) under which it is found."""

    origin_person: str
    keys: frozenset[str]
    traits: Annotated[Traits, AS_JSON]


PROFILES = Codec(Profile, key="origin_person")


@dataclass(frozen=True, slots=True, order=True)
class PendingMatching:
    """Persons of one batch of a load, which are still to be compared, and when they came (UTC). The oldest is first."""

    at: datetime
    id: str
    persons: tuple[str, ...]


class Profiles:
    """The collection `profiles`, written in the transaction of the person, whose revision guards it; and `commits`, one
    for each process that wrote there of late."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self.collection, self.commits, self.ring = database["profiles"], database["commits"], ring
        self.pending = database["pending_recognitions"]
        self.process = token_hex(8)

    def hashed(self, key: str) -> str:
        """A key as it is stored: a keyed hash, so that no names and birth dates stand in an index."""
        return self.ring.mac("identifiers", "profile", key)[:_LENGTH].hex()

    async def find(self, keys: Iterable[str]) -> dict[str, Profile]:
        """The origin persons under any of these hashed keys, as stored now."""
        return _by_origin(await find_in(self.collection, "keys", keys, chunk=_CHUNK))

    async def find_of(self, origins: Iterable[str]) -> dict[str, Profile]:
        """The profiles of these origin persons; one without a name has none."""
        return _by_origin(await find_in(self.collection, "_id", origins))

    async def last_commits(self) -> list[datetime]:
        """When each process last saved registrations (UTC)."""
        return [commit["at"] for commit in await self.commits.find({}).to_list(None)]

    async def committed(self, session: Session) -> None:
        """This process saves registrations: part of their transaction, so that no other looks past them unawares."""
        commit = {"$set": {"at": datetime.now(UTC)}}
        await self.commits.update_one({"_id": self.process}, commit, upsert=True, session=session)

    async def save(self, new: Iterable[Profile], grown: Iterable[Profile], session: Session) -> None:
        """Insert those of new persons; give others further keys and their traits of now. Raises VersionConflict."""
        await insert_new(self.collection, [PROFILES.document(profile) for profile in new], session)
        updates = [UpdateOne({"_id": profile.origin_person}, _growth(profile), upsert=True) for profile in grown]
        if updates:
            await self.collection.bulk_write(updates, ordered=False, session=session)

    async def put_pending(self, persons: Iterable[str], session: Session) -> None:
        """Persons that are still to be compared: part of the transaction that registers them."""
        waiting = {"_id": str(uuid4()), "at": datetime.now(UTC), "persons": list(persons)}
        if waiting["persons"]:
            await self.pending.insert_one(waiting, session=session)

    async def list_pending(self, limit: int) -> list[PendingMatching]:
        """The oldest batches of persons that are still to be compared."""
        batches = await self.pending.find({}).to_list(None)
        return sorted(PendingMatching(batch["at"], batch["_id"], tuple(batch["persons"])) for batch in batches)[:limit]

    async def remove_pending(self, batches: Iterable[PendingMatching]) -> None:
        """They were compared."""
        for batch in batches:
            await self.pending.delete_one({"_id": batch.id})

    async def replace(self, profiles: Iterable[Profile], session: Session) -> None:
        """Put these in the place of what their origin persons had, if anything."""
        writes: list[Any] = [
            ReplaceOne({"_id": profile.origin_person}, PROFILES.document(profile), upsert=True) for profile in profiles
        ]
        if writes:
            await self.collection.bulk_write(writes, ordered=False, session=session)


def _growth(profile: Profile) -> dict[str, Any]:
    document = PROFILES.document(profile)
    return {"$addToSet": {"keys": {"$each": document["keys"]}}, "$set": {"traits": document["traits"]}}


def _by_origin(documents: Iterable[Mapping[str, Any]]) -> dict[str, Profile]:
    return {document["_id"]: PROFILES.read(document) for document in documents}
