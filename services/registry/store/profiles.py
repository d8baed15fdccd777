"""Profiles: what the registry's homes are compared by, found under keyed hashes of what two records of one share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pymongo import UpdateOne

from chassis.keys import KeyRing
from chassis.mongo import Database, Index, Session, find_in, insert_new
from services.registry.domain.likeness import Traits

INDEXES: tuple[Index, ...] = (("profiles", (("keys", 1),), {}),)

_CHUNK = 25
"""Keys per `$in`: the embedded server compares every profile found with every key asked for (ADR 12)."""
_LENGTH = 9
"""Bytes of a key's hash: among 50 million keys a chance meeting costs one comparison."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What one home says of who it is by its own facts, and the keys (hashed) under which it is found."""

    home: str
    keys: frozenset[str]
    traits: Traits = field(default_factory=dict)


class Profiles:
    """The collection `profiles`. It is written in the transaction of the person, whose revision guards it."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self.collection, self.ring = database["profiles"], ring

    def hashed(self, key: str) -> str:
        """A key as it is stored: a keyed hash, so that no names and birth dates stand in an index."""
        return self.ring.mac("claims", "profile", key)[:_LENGTH].hex()

    async def find(self, keys: Iterable[str]) -> dict[str, Profile]:
        """The homes under any of these hashed keys, as stored now."""
        return _by_home(await find_in(self.collection, "keys", keys, chunk=_CHUNK))

    async def find_of(self, homes: Iterable[str]) -> dict[str, Profile]:
        """The profiles of these homes; one without a name has none."""
        return _by_home(await find_in(self.collection, "_id", homes))

    async def save(self, new: Iterable[Profile], grown: Iterable[Profile], session: Session) -> None:
        """Insert those of new homes; give others further keys and their traits of now. Raises VersionConflict."""
        await insert_new(self.collection, [_document(profile) for profile in new], session)
        updates = [UpdateOne({"_id": one.home}, _growth(one), upsert=True) for one in grown]
        if updates:
            await self.collection.bulk_write(updates, ordered=False, session=session)


def _document(profile: Profile) -> dict[str, Any]:
    return {"_id": profile.home, "keys": sorted(profile.keys), "traits": dict(profile.traits)}


def _growth(profile: Profile) -> dict[str, Any]:
    keys = {"$each": sorted(profile.keys)}
    return {"$addToSet": {"keys": keys}, "$set": {"traits": dict(profile.traits)}}


def _by_home(documents: Iterable[Mapping[str, Any]]) -> dict[str, Profile]:
    return {one["_id"]: Profile(one["_id"], frozenset(one["keys"]), one["traits"]) for one in documents}
