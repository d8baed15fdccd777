"""`recovery`: seconds from SIGKILL to flowing again, for one process at a time, restarted at once."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from aiokafka.errors import KafkaError

from bench.log import consumer, is_copy, producer
from bench.records import INSURANCE, SENDER, registration, workers
from contracts.topics import Names
from deploy.local.stack import Stack

VICTIMS = ("registry", "gateway-exchange", "db-registry", "kafka")
EVERY = 0.05
"""Seconds between two records of the trickle."""


async def seconds(stack: Stack, seed: int) -> dict[str, float]:
    """Per victim: from its SIGKILL to the first copy at social security of a record that was sent after it."""
    durations = {}
    for n, victim in enumerate(VICTIMS):
        durations[victim] = round(await _one(stack, victim, seed + n), 2)
        await asyncio.sleep(2)
    return durations


async def _one(stack: Stack, victim: str, seed: int) -> float:
    names = Names(stack.prefix)
    async with producer(stack, linger_ms=0) as out, consumer(stack, [names.delivery(INSURANCE)]) as copies:
        trickle = asyncio.create_task(_trickle(out, names.intake(SENDER), seed))
        try:
            await _next_copy(copies, after_ms=0)
            await asyncio.to_thread(stack.kill, victim)
            killed, stamp = time.perf_counter(), time.time()
            await stack.start_one(victim)
            await _next_copy(copies, after_ms=int(stamp * 1000))
            return time.perf_counter() - killed
        finally:
            trickle.cancel()
            await asyncio.gather(trickle, return_exceptions=True)


async def _trickle(out: Any, topic: str, seed: int) -> None:
    for person in workers(5_000, seed):
        try:
            record = registration(person, seed)
            await out.send(topic, record.value, headers=list(record.headers))
        except KafkaError:
            continue  # the producer reconnects by itself; the trickle only has to go on
        await asyncio.sleep(EVERY)


async def _next_copy(copies: Any, *, after_ms: int) -> None:
    """The first copy produced after a moment. Raises TimeoutError after a minute."""
    async with asyncio.timeout(60):
        while True:
            try:
                batches = await copies.getmany(timeout_ms=20)
            except KafkaError:
                continue
            if any(r.timestamp > after_ms and is_copy(r) for rs in batches.values() for r in rs):
                return
