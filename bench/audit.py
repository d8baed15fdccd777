"""`audit`: what recording, sequencing and indexing the disclosures of a load cost, beside the load itself."""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from bench import intake
from bench.figures import percentile
from chassis.mongo import ensure_indexes
from deploy.local.stack import Stack
from services.gateway.audit.sequencer import Sequencer, fill_index
from services.gateway.domain.copies import Disclosure
from services.gateway.domain.transparency.leaves import rows_of
from services.gateway.store import Store, disclosure_index, transparency
from services.gateway.store.disclosure_index import DisclosureIndex
from services.gateway.store.transparency import TransparencyStore

SINGLE = 200
"""Readings of one person each."""


async def cost(stack: Stack, count: int, seed: int) -> dict[str, Any]:
    """A load, and then what it disclosed once more in a database of its own, step by step, with nothing else going on.

    `share_of_intake` is what the log costs beyond one plain insert a batch, in seconds for each second of the load.
    """
    chain = await intake.run(stack, count, seed)
    environment = stack.environment("gateway-exchange")
    client: Any = AsyncIOMotorClient(environment["MONGO_URL"], tz_aware=True, w="majority")
    database = client[f"bench_audit_{uuid.uuid4().hex[:8]}"]
    try:
        disclosures = client[environment["MONGO_DATABASE"]]["disclosures"].find({}).sort("at", -1)
        batches = _of_load(await disclosures.to_list(None), count)
        await ensure_indexes(database, [*transparency.INDEXES, *disclosure_index.INDEXES])
        return await _measured(client, database, batches, chain.seconds)
    finally:
        await client.drop_database(database.name)
        client.close()


def _of_load(documents: Sequence[Mapping[str, Any]], count: int) -> list[list[Disclosure]]:
    """The rows of the newest batches, of as many source events as the load had records."""
    batches: list[list[Disclosure]] = []
    events: set[str] = set()
    for document in documents:
        rows = [committed.row for committed in rows_of(document) if committed is not None]
        batches.append(
            [
                Disclosure(r.copy, r.event, r.person, r.receiver, r.agreement, r.purpose, r.fields, r.asof, r.owner)
                for r in rows
            ]
        )
        events.update(row.event for row in rows)
        if len(events) >= count:
            break
    return batches


async def _measured(
    client: Any, database: Any, batches: Sequence[Sequence[Disclosure]], load_seconds: float
) -> dict[str, Any]:
    record = Store(database)
    sequencer = Sequencer(TransparencyStore(client, database), bytes(32), "bench")
    index = DisclosureIndex(database)

    async def sequence() -> None:
        while await sequencer.sequence():
            pass
        sequencer.busy = False

    plain = sum([await _seconds(_plain(database, batch)) for batch in batches])
    append = sum([await _seconds(partial(record.disclose, batch)) for batch in batches])
    sequencing = await _seconds(sequence)
    indexing = await _seconds(lambda: fill_index(sequencer, index))
    rows = sum(map(len, batches))
    return {
        "batches": len(batches),
        "rows": rows,
        "load_seconds": round(load_seconds, 2),
        "plain_insert_ms_per_batch": _ms(plain, len(batches)),
        "append_ms_per_batch": _ms(append, len(batches)),
        "sequencing_ms_per_batch": _ms(sequencing, len(batches)),
        "indexing_ms_per_batch": _ms(indexing, len(batches)),
        "share_of_intake": round((max(append - plain, 0) + sequencing) / load_seconds, 4),
        "one_reading": await _single(database, record, batches[0][0]),
    }


async def _single(database: Any, record: Store, row: Disclosure) -> dict[str, float]:
    """p50 in milliseconds of what stands before an answer that tells of one person."""
    plain = [await _seconds(_plain(database, [row])) for _ in range(SINGLE)]
    recorded = [await _seconds(lambda: record.disclose([row])) for _ in range(SINGLE)]
    return {"plain_p50_ms": _ms(percentile(plain, 0.5), 1), "recorded_p50_ms": _ms(percentile(recorded, 0.5), 1)}


def _plain(database: Any, batch: Sequence[Disclosure]) -> Callable[[], Awaitable[Any]]:
    """The same rows in one document without salts, in a collection without indexes of its own."""

    def insert() -> Awaitable[Any]:
        groups: dict[Any, list[Any]] = {}
        for row in batch:
            group = groups.setdefault((row.receiver, row.agreement, row.purpose, row.fields), [])
            group.append([row.copy, row.event, row.person, row.asof])
        disclosed = [
            {"group": list(name[:3]), "fields": list(name[3]), "copies": rows} for name, rows in groups.items()
        ]
        insertion: Awaitable[Any] = database["plain"].insert_one({"_id": str(uuid.uuid4()), "disclosed": disclosed})
        return insertion

    return insert


async def _seconds(work: Callable[[], Awaitable[Any]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


def _ms(seconds: float, parts: int) -> float:
    return round(seconds / max(parts, 1) * 1000, 2)
