"""The floor of `intake`: the same servers driven by nothing but aiokafka and Motor."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import UpdateOne

from bench.log import consumer, fill, make_topics, producer
from bench.records import registrations
from deploy.local.stack import Stack

BATCH = 500


async def floor(stack: Stack, count: int, copies: int) -> float:
    """Records per second: batch consume and JSON decode; per 500 one transaction of 500 upserts and 500 inserts and one
    `$in` read of 500; produce `copies` messages per record with linger. One loop, the three after each other."""
    source, target = f"bench.in.{uuid.uuid4().hex[:8]}", f"bench.out.{uuid.uuid4().hex[:8]}"
    await make_topics(stack, {source: 1, target: 3})
    await fill(stack, source, registrations(count, seed=1))
    client: Any = AsyncIOMotorClient(stack.url("db-registry"), maxPoolSize=20, w="majority")
    database = client[f"bench_floor_{uuid.uuid4().hex[:8]}"]
    try:
        async with consumer(stack, [source], at_end=False) as records, producer(stack) as out:
            began = time.perf_counter()
            done = 0
            while done < count:
                for batch in (await records.getmany(timeout_ms=200, max_records=BATCH)).values():
                    bodies = [json.loads(record.value) for record in batch]
                    await _transaction(client, database, bodies, done)
                    sends = [await out.send(target, record.value) for record in batch for _ in range(copies)]
                    await asyncio.gather(*sends)
                    done += len(batch)
            return count / (time.perf_counter() - began)
    finally:
        await client.drop_database(database.name)
        client.close()


async def _transaction(client: Any, database: Any, bodies: list[dict[str, Any]], start: int) -> None:
    ids = [f"p-{start + n}" for n in range(len(bodies))]
    async with await client.start_session() as session, session.start_transaction():
        upserts = [
            UpdateOne({"_id": command_id}, {"$set": {"body": body, "n": start}}, upsert=True)
            for command_id, body in zip(ids, bodies, strict=True)
        ]
        await database.people.bulk_write(upserts, ordered=False, session=session)
        inserts = [{"_id": f"s-{command_id}", "at": start, "outcome": "applied"} for command_id in ids]
        await database.settled.insert_many(inserts, ordered=False, session=session)
    await database.people.find({"_id": {"$in": ids}}).to_list(None)
