"""A database with disclosures, a sequencer and a folder to publish in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.gateway.audit.publication import Publication, folder_of
from services.gateway.audit.sequencer import Sequencer
from services.gateway.domain.transparency.leaves import Leaf, rows_of
from services.gateway.domain.transparency.merkle import inclusion_proof, leaf_hash, verify_inclusion
from services.gateway.domain.transparency.notes import NoteKey, checkpoint
from services.gateway.domain.transparency.tiles import entries_of, nodes_of, tiles_of
from services.gateway.store import Store
from services.gateway.store.disclosure_index import DisclosureIndex
from services.gateway.store.disclosures import disclosure_documents
from services.gateway.store.transparency import Head, TransparencyStore
from tests.gateway.domain.transparency.test_leaves import NOW, disclosed

PRIVATE, NAME = bytes(range(32)), "simpul.example/disclosures"


class Place:
    """A database with disclosures, and a folder to publish in."""

    def __init__(self, client: Any, name: str, folder: Path) -> None:
        self.client, self.database, self.folder = client, client[name], folder
        self.store = TransparencyStore(client, self.database)
        self.index = DisclosureIndex(self.database)
        self.record = Store(self.database)
        self.publication = Publication(self.store, folder)

    def sequencer(self, store: TransparencyStore | None = None) -> Sequencer:
        return Sequencer(store or self.store, PRIVATE, NAME)

    async def disclose(self, batches: int, rows: int = 2) -> None:
        for _ in range(batches):
            await self.record.disclose(disclosed(number) for number in range(rows))

    async def sequence(self, batches: int = 0) -> None:
        """All that there is, after so many more."""
        await self.disclose(batches)
        while await self.sequencer().sequence():
            pass

    async def head(self) -> Head:
        head = await self.store.find_head()
        assert head is not None
        return head

    async def check(self, size: int) -> None:
        """Every document of the record is exactly one leaf, which the signed root includes and which commits to it."""
        head = await self.head()
        signed = checkpoint(head.note, NoteKey.parse(head.key))
        assert (signed, signed.size) == (head.checkpoint, size)
        contents = {tile: await self.store.read(head, tile) for tile in tiles_of(size)}
        node = nodes_of(size, contents.__getitem__)
        entries = [
            entry for tile, content in contents.items() if tile.level == "entries" for entry in entries_of(content)
        ]
        documents = await self.database["disclosures"].find({}).sort("leaf", 1).to_list(None)
        assert [document["leaf"] for document in documents] == list(range(size))
        for index, (document, entry) in enumerate(zip(documents, entries, strict=True)):
            assert Leaf.read(entry).batch == document["_id"]
            Leaf.read(entry).check(rows_of(document))
            verify_inclusion(leaf_hash(entry), index, size, inclusion_proof(node, index, size), signed.root)

    def published(self, origin: str) -> Mapping[str, bytes]:
        """Every file of a log by its path, but for the lock."""
        folder = folder_of(self.folder, origin)
        files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def many(count: int) -> list[dict[str, Any]]:
    """Documents of one row each, of long ago."""
    return [one for number in range(count) for one in disclosure_documents([disclosed(number)], NOW)]
