"""The transparency log in the database: its head, its leaves and full tiles, and batches that are no leaves yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from chassis.mongo import (
    Client,
    Database,
    Index,
    Session,
    VersionConflict,
    insert_new,
    save_guarded,
    transact,
)
from services.gateway.domain.transparency.leaves import SALT_BYTES, Leaf
from services.gateway.domain.transparency.merkle import HASH_BYTES
from services.gateway.domain.transparency.notes import Checkpoint
from services.gateway.domain.transparency.tiles import EMPTY, WIDTH, Edge, Growth, Tile, bundle
from services.gateway.store.disclosures import UNSEQUENCED

INDEXES: Sequence[Index] = (
    ("disclosures", (("leaf", 1), ("at", 1)), {}),
    ("transparency_leaves", (("bundle", 1),), {}),
)
HEAD = "head"


@dataclass(frozen=True, slots=True)
class Head:
    """The log as it is signed: `key` is the verifier key (text) under which, `note` the signed checkpoint."""

    origin: str
    key: str
    edge: Edge = EMPTY
    note: bytes = b""
    revision: int = 0

    @property
    def checkpoint(self) -> Checkpoint:
        """What is signed of it."""
        return Checkpoint(self.origin, self.edge.size, self.edge.root)


class TransparencyStore:
    """Two processes that append at once: one of them gets VersionConflict, and nothing of its own is stored."""

    def __init__(self, client: Client, database: Database) -> None:
        self._client, self._disclosures, self._log = client, database["disclosures"], database["transparency_log"]
        self._leaves, self._tiles = database["transparency_leaves"], database["transparency_tiles"]

    async def list_unsequenced(self, limit: int) -> list[Mapping[str, Any]]:
        """Documents of the record that are no leaves yet, the oldest first."""
        return await self._disclosures.find({"leaf": UNSEQUENCED}).sort("at", 1).limit(limit).to_list(None)

    async def oldest_unsequenced(self) -> datetime | None:
        """When the oldest of them was appended (UTC)."""
        query = self._disclosures.find({"leaf": UNSEQUENCED}, {"at": 1}).sort("at", 1).limit(1)
        return next((document["at"] for document in await query.to_list(None)), None)

    async def find_head(self) -> Head | None:
        """None before the first leaf."""
        document = await self._log.find_one({"_id": HEAD})
        if document is None:
            return None
        edge = Edge(document["size"], tuple(bytes(hashes) for hashes in document["partial"]))
        return Head(document["origin"], document["key"], edge, bytes(document["note"]), document["revision"])

    async def append(self, head: Head, growth: Growth, leaves: Sequence[Leaf], note: bytes) -> None:
        """Make batches leaves behind `head` as it was read: all of it in one transaction. Raises VersionConflict."""
        first = head.edge.size

        async def write(session: Session) -> None:
            await save_guarded(self._log, [_head_document(head, growth.edge, note)], session)
            await insert_new(self._leaves, [_leaf_document(first + n, leaf) for n, leaf in enumerate(leaves)], session)
            await insert_new(
                self._tiles,
                [{"_id": f"{level}/{index}", "hashes": hashes} for (level, index), hashes in growth.full.items()],
                session,
            )
            marks = [
                UpdateOne({"_id": leaf.batch, "leaf": UNSEQUENCED}, {"$set": {"leaf": first + n}})
                for n, leaf in enumerate(leaves)
            ]
            if marks and (await self._disclosures.bulk_write(marks, session=session)).matched_count != len(marks):
                raise VersionConflict

        await transact(self._client, write)

    async def put_head(self, head: Head, note: bytes) -> None:
        """The log of the same leaves under another name or key. Raises VersionConflict."""

        async def write(session: Session) -> None:
            await save_guarded(self._log, [_head_document(head, head.edge, note)], session)

        await transact(self._client, write)

    async def read(self, head: Head, tile: Tile) -> bytes:
        """The content of a tile, or of a bundle of entries, of the log at this head or before. Raises LookupError."""
        if isinstance(tile.level, str):
            return bundle(await self._entries(tile))
        place = tile.level, tile.index
        partial = head.edge.partial[tile.level] if tile.level < len(head.edge.partial) else b""
        if tile.index == head.edge.size // WIDTH ** (tile.level + 1):
            return partial[: tile.width * HASH_BYTES]
        document = await self._tiles.find_one({"_id": "{}/{}".format(*place)})
        if document is None:
            raise LookupError(tile.path)
        return bytes(document["hashes"])[: tile.width * HASH_BYTES]

    async def _entries(self, tile: Tile) -> list[bytes]:
        documents = await self._leaves.find({"bundle": tile.index}, {"entry": 1}).sort("_id", 1).to_list(None)
        if len(documents) < tile.width:
            raise LookupError(tile.path)
        return [bytes(document["entry"]) for document in documents[: tile.width]]

    async def list_batches(self, bundle_index: int) -> list[Mapping[str, Any]]:
        """The documents of the record that are the leaves of one bundle, each with its `leaf`, in order."""
        leaves = await self._leaves.find({"bundle": bundle_index}, {"batch": 1}).sort("_id", 1).to_list(None)
        documents = [await self._disclosures.find_one({"_id": leaf["batch"]}) for leaf in leaves]
        return [document for document in documents if document is not None]

    async def get_batch(self, leaf: int) -> Mapping[str, Any]:
        """The document of the record that is this leaf. Raises LookupError."""
        document = await self._disclosures.find_one({"leaf": leaf})
        if document is None:
            raise LookupError(leaf)
        return document

    async def erase(self, batch: str, rows: frozenset[int]) -> None:
        """Delete rows of a batch by their numbers, and their salts: what the log holds of them says nothing any more.

        Raises VersionConflict for a batch that is no leaf yet, or that changed meanwhile.
        """
        document = await self._disclosures.find_one({"_id": batch})
        if document is None or document["leaf"] == UNSEQUENCED:
            raise VersionConflict
        erased = {**document, "disclosed": _without(document["disclosed"], rows), "erasures": _erasures(document) + 1}
        guard = {"_id": batch, "erasures": document.get("erasures")}
        result = await self._disclosures.replace_one(guard, erased)
        if result.matched_count != 1:
            raise VersionConflict


def _erasures(document: Mapping[str, Any]) -> int:
    return int(document.get("erasures", 0))


def _without(groups: Sequence[dict[str, Any]], rows: frozenset[int]) -> list[dict[str, Any]]:
    """The groups without these rows; of a group that has none left, nothing but how many there were."""
    left, number = [], 0
    for group in groups:
        copies, salts = list(group["copies"]), bytearray(group["salts"])
        for place in range(len(copies)):
            if number in rows:
                copies[place] = None
                salts[place * SALT_BYTES : (place + 1) * SALT_BYTES] = bytes(SALT_BYTES)
            number += 1
        shared = group if any(copies) else {"receiver": None, "agreement": None, "purpose": None, "fields": []}
        left.append({**shared, "copies": copies, "salts": bytes(salts)})
    return left


def _head_document(head: Head, edge: Edge, note: bytes) -> dict[str, Any]:
    return {
        "_id": HEAD,
        "revision": head.revision,
        "origin": head.origin,
        "key": head.key,
        "size": edge.size,
        "root": edge.root,
        "partial": list(edge.partial),
        "note": note,
    }


def _leaf_document(index: int, leaf: Leaf) -> dict[str, Any]:
    return {"_id": index, "bundle": index // WIDTH, "batch": leaf.batch, "entry": leaf.entry}
