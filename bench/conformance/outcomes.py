"""Defects that either happen or do not: D2, D3, D5 and D7. Each returns what happened; who calls judges it."""

import asyncio
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import ReturnDocument
from pymongo.errors import PyMongoError

from deploy.local.database import Database

ORPHAN = """
import sys, threading
from pymongo import MongoClient
client = MongoClient(sys.argv[1])
with client.start_session() as session:
    session.start_transaction()
    client[sys.argv[2]].orphans.update_one({"_id": 1}, {"$set": {"by": "orphan"}}, session=session)
    print("open", flush=True)
    threading.Event().wait()
"""


@dataclass(frozen=True)
class Killed:
    """D2: what a SIGKILL in full run cost."""

    acknowledged: int
    lost: int
    torn: int


async def kill_during_transactions(database: Database, count: int = 300) -> Killed:
    """D2: transactions over two collections, the server killed after `count` were acknowledged, and started again."""
    client: AsyncIOMotorClient = AsyncIOMotorClient(database.url, serverSelectionTimeoutMS=200)
    await client.d2.left.insert_one({"_id": -1})
    await client.d2.right.insert_one({"_id": -1})
    acknowledged: set[int] = set()

    async def stream(first: int) -> None:
        for n in range(first, 1_000_000, 4):
            async with await client.start_session() as session, session.start_transaction():
                await client.d2.left.insert_one({"_id": n}, session=session)
                await client.d2.right.insert_one({"_id": n}, session=session)
            acknowledged.add(n)
            if len(acknowledged) == count:
                database.kill()

    await asyncio.gather(*(stream(first) for first in range(4)), return_exceptions=True)
    await database.start()
    left = {row["_id"] async for row in client.d2.left.find()}
    right = {row["_id"] async for row in client.d2.right.find()}
    client.close()
    return Killed(len(acknowledged), len(acknowledged - left), len(left ^ right))


async def longest_pause(url: str, documents: int) -> float:
    """D3: seconds the slowest bulk write took while `documents` of 1 KB were stored; infinite after a minute."""
    client: AsyncIOMotorClient = AsyncIOMotorClient(url)
    slowest = 0.0
    for first in range(0, documents, 1000):
        rows = [{"_id": n, "text": f"{n:0950}"} for n in range(first, first + 1000)]
        started = time.monotonic()
        try:
            await asyncio.wait_for(client.d3.rows.insert_many(rows, ordered=False), 60)
        except TimeoutError:
            slowest = float("inf")
            break
        slowest = max(slowest, time.monotonic() - started)
    client.close()
    return slowest


@dataclass(frozen=True)
class Upserted:
    """D5: answers without a document, and writes that were not applied."""

    empty: int
    lost: int


async def upsert_race(url: str, name: str, count: int = 1000, keys: int = 200) -> Upserted:
    """D5: `find_one_and_update` with upsert and AFTER, sixteen at a time on the same few keys."""
    client: AsyncIOMotorClient = AsyncIOMotorClient(url)
    counters = client[name].counters
    answers: Counter[bool] = Counter()

    async def increment(n: int) -> None:
        after = await counters.find_one_and_update(
            {"_id": n // (count // keys)}, {"$inc": {"n": 1}}, upsert=True, return_document=ReturnDocument.AFTER
        )
        answers[after is None] += 1

    for first in range(0, count, 16):
        await asyncio.gather(*(increment(n) for n in range(first, min(first + 16, count))))
    applied = sum([row["n"] async for row in counters.find()])
    client.close()
    return Upserted(answers[True], count - applied)


async def orphaned_transaction(url: str, name: str, within: float = 70) -> float:
    """D7: seconds until a document can be written that a client killed in mid-transaction had touched."""
    client: AsyncIOMotorClient = AsyncIOMotorClient(url)
    await client[name].orphans.insert_one({"_id": 1})
    orphan = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ORPHAN, url, name, stdout=asyncio.subprocess.PIPE
    )
    assert orphan.stdout
    assert await orphan.stdout.readline() == b"open\n"
    orphan.send_signal(signal.SIGKILL)
    started = time.monotonic()
    while time.monotonic() - started < within:
        try:
            await client[name].orphans.update_one({"_id": 1}, {"$set": {"by": "us"}})
            break
        except PyMongoError:
            await asyncio.sleep(0.1)
    await orphan.wait()
    client.close()
    return time.monotonic() - started
