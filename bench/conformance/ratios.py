"""Defects of cost: D1, D4, D6, D8, D9 and D10, each as a ratio to a baseline measured in the same run."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

Database = AsyncIOMotorDatabase
Rows = list[dict[str, Any]]
REPEATS = 5


async def _seconds(work: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


async def _median(work: Callable[[], Awaitable[object]], repeats: int = REPEATS) -> float:
    return statistics.median([await _seconds(work) for _ in range(repeats)])


def _rows(count: int, first: int = 0) -> Rows:
    return [{"_id": n, "kind": n % 500, "name": f"nama-{n:06}", "text": "x" * 200} for n in range(first, first + count)]


async def retried_writes(db: Database, url: str) -> float:
    """D1: inserts with retryWrites, after 12,000 of them, beside inserts without (seconds / seconds)."""
    retrying: AsyncIOMotorClient = AsyncIOMotorClient(url.replace("retryWrites=false", "retryWrites=true"))
    stored = retrying[db.name].d1_retried

    async def insert(into: Any, first: int, count: int) -> None:
        for start in range(first, first + count, 16):
            await asyncio.gather(*(into.insert_one({"_id": n}) for n in range(start, start + 16)))

    plain = await _seconds(lambda: insert(db.d1_plain, 0, 1600))
    await insert(stored, 0, 12_000)
    retried = await _seconds(lambda: insert(stored, 12_000, 1600))
    retrying.close()
    return retried / plain


async def delete_many(db: Database) -> float:
    """D4: `delete_many` of 1,000 ids beside four of 250 (1 where the cost is linear)."""

    async def delete(size: int) -> float:
        await db.d4.insert_many(_rows(1000))
        spent = 0.0
        for first in range(0, 1000, size):
            ids = list(range(first, first + size))
            spent += await _seconds(lambda ids=ids: db.d4.delete_many({"_id": {"$in": ids}}))  # type: ignore[misc]
        return spent

    return await delete(1000) / await delete(250)


async def full_scan(db: Database) -> float:
    """D6: the first hundred by a prefix of an indexed name, as a regular expression beside as a range."""
    by_range = {"name": {"$gte": "nama-049", "$lt": "nama-04:"}}
    return await _median(
        lambda: db.rows.find({"name": {"$regex": "^nama-049"}}).limit(100).to_list(None)
    ) / await _median(lambda: db.rows.find(by_range).limit(100).to_list(None))


async def find_in(db: Database) -> float:
    """D8: `find` of 500 ids beside twenty of 25 (at most 1 where the cost is linear)."""
    ids = list(range(0, 50_000, 100))

    async def find(size: int) -> None:
        for first in range(0, len(ids), size):
            await db.rows.find({"_id": {"$in": ids[first : first + size]}}).to_list(None)

    return await _median(lambda: find(500)) / await _median(lambda: find(25))


async def waiting_transaction(db: Database) -> float:
    """D9: a transaction of one insert beside a plain insert, while another client stores batches of 1,000."""
    numbers = iter(range(10**9))

    async def load() -> None:
        while True:
            await db.d9_load.insert_many([{"n": n} for n in range(1000)])

    async def plain() -> None:
        await db.d9.insert_one({"_id": next(numbers)})

    async def transaction() -> None:
        async with await db.client.start_session() as session, session.start_transaction():
            await db.d9.insert_one({"_id": next(numbers)}, session=session)

    await plain()
    loading = asyncio.create_task(load())
    try:
        return await _median(transaction, 15) / await _median(plain, 15)
    finally:
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)


async def ttl_index(db: Database) -> float:
    """D10: 500 inserts into a collection with a TTL index beside one without."""
    await db.d10_ttl.create_index("at", expireAfterSeconds=3600)
    numbers = iter(range(10**9))

    async def insert(into: Any) -> None:
        await into.insert_many([{"_id": next(numbers), "at": datetime.now(UTC)} for _ in range(500)])

    return await _median(lambda: insert(db.d10_ttl)) / await _median(lambda: insert(db.d10_plain))


async def fill(db: Database) -> None:
    """`rows`: 50,000 documents with an index on their name."""
    await db.rows.create_index("name")
    for first in range(0, 50_000, 1000):
        await db.rows.insert_many(_rows(1000, first), ordered=False)
