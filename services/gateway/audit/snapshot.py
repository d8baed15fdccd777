"""A copy of the whole log for auditors: its files as they are published, and the rows that its leaves commit to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from chassis.mongo import Client
from services.gateway.audit.publication import Publication, folder_of
from services.gateway.domain.transparency.exports import Batch
from services.gateway.domain.transparency.leaves import rows_of
from services.gateway.domain.transparency.tiles import WIDTH
from services.gateway.store.transparency import TransparencyStore

BATCHES = "batches"


async def take_snapshot(client: Client, database: str, folder: Path) -> Path:
    """Write the log of a gateway's database below `folder`; returns where. Raises LookupError when there is no log."""
    store = TransparencyStore(client, client[database])
    head = await Publication(store, folder).publish()
    if head is None:
        raise LookupError("nothing was disclosed yet")
    target = folder_of(folder, head.origin)
    shutil.rmtree(target / BATCHES, ignore_errors=True)
    (target / BATCHES).mkdir(parents=True)
    for number, start in enumerate(range(0, head.edge.size, WIDTH)):
        documents = await store.list_batches(number)
        wanted = documents[: head.edge.size - start]
        lines = [Batch(document["leaf"], rows_of(document)).line for document in wanted]
        (target / BATCHES / f"{number:09d}.jsonl").write_bytes(b"".join(lines))
    return target


def read_batches(folder: Path) -> Iterator[Batch]:
    """The rows of a snapshot, in the order of their leaves. Raises Tampered."""
    for path in sorted((folder / BATCHES).glob("*.jsonl")):
        with path.open("rb") as lines:
            yield from map(Batch.read, lines)
