"""`intake`: from a full `from.kp2mi.v1` to the last copy in the receivers' topics, beside the floor; and its growth."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from bench.figures import cpu_seconds
from bench.floor import floor
from bench.log import collect, consumer, fill, is_copy
from bench.records import RECEIVERS, SENDER, registrations
from contracts.topics import Names
from deploy.local.stack import Stack

SECONDS_PER_RECORD = 1.0 / 40
"""Seconds allowed per record before a run is given up."""


@dataclass(frozen=True)
class Intake:
    """One run. `seconds`: from the first command on the registry's topic to the last copy, by their own stamps.

    `cpu_ms` is CPU milliseconds per record of each process meanwhile. `recognised` is how many seconds after the last
    copy everybody of the load had been compared.
    """

    records: int
    seconds: float
    stored_before: int
    cpu_ms: dict[str, float]
    recognised: float

    @property
    def per_second(self) -> float:
        """Records per second through the whole chain."""
        return self.records / self.seconds


async def run(stack: Stack, count: int, seed: int, stored_before: int = 0) -> Intake:
    """Fill the topic while the exchange is away, start it, and wait for every copy."""
    names = Names(stack.prefix)
    await stack.stop_one("gateway-exchange")
    await fill(stack, names.intake(SENDER), registrations(count, seed))
    copies_in = [names.delivery(org) for org in RECEIVERS]
    async with consumer(stack, [names.bulk("registry")]) as commands, consumer(stack, copies_in) as copies:
        cpu = cpu_seconds(stack)
        await stack.start_one("gateway-exchange")
        cpu["gateway-exchange"] = cpu_seconds(stack)["gateway-exchange"]  # without its start
        timeout = 60 + count * SECONDS_PER_RECORD
        arrived = await collect(copies, count * len(RECEIVERS), timeout=timeout, wanted=is_copy)
        sent = await collect(commands, count, timeout=timeout)
    last = time.time()
    used = {name: (after - cpu.get(name, 0.0)) / count * 1000 for name, after in cpu_seconds(stack).items()}
    seconds = (max(r.timestamp for r in arrived) - min(r.timestamp for r in sent)) / 1000
    await until_recognised(stack)
    cpu_ms = {name: round(ms, 2) for name, ms in used.items() if ms >= 0.01}
    return Intake(count, seconds, stored_before, cpu_ms, round(time.time() - last, 1))


async def until_recognised(stack: Stack) -> None:
    """Returns when nobody of a load waits to be compared any more; two minutes at most."""
    environment = stack.environment("registry")
    client: Any = AsyncIOMotorClient(environment["MONGO_URL"])
    try:
        async with asyncio.timeout(120):
            while await client[environment["MONGO_DATABASE"]]["pending_recognitions"].find_one({}):
                await asyncio.sleep(0.5)
    finally:
        client.close()


async def beside_floor(stack: Stack, count: int, seeds: Sequence[int]) -> list[dict[str, Any]]:
    """A load for each seed, the first one cold; each between two runs of the floor, so that a machine that slows down
    meanwhile shows in both."""
    runs = []
    before = await floor(stack, count // 2, len(RECEIVERS))
    for n, seed in enumerate(seeds):
        chain = await run(stack, count, seed, stored_before=n * count)
        after = await floor(stack, count // 2, len(RECEIVERS))
        bottom = (before + after) / 2
        runs.append(
            {
                "run": "warm" if n else "cold",
                "records": count,
                "seconds": round(chain.seconds, 2),
                "records_per_second": round(chain.per_second),
                "floor_per_second": round(bottom),
                "floor_runs": [round(before), round(after)],
                "ratio": round(chain.per_second / bottom, 2),
                "recognised_after_seconds": chain.recognised,
                "cpu_ms_per_record": chain.cpu_ms,
            }
        )
        before = after
    return runs


async def growth(stack: Stack, sizes: list[int], sample: int, stored: int) -> list[dict[str, Any]]:
    """Records/s of `sample` records at each size of stored persons; the chain itself stores what lies between."""
    figures = []
    for n, size in enumerate(sizes):
        if size > stored:
            await run(stack, size - stored, seed=500 + n, stored_before=stored)
            stored = size
        began = time.perf_counter()
        chain = await run(stack, sample, seed=900 + n, stored_before=stored)
        stored += sample
        figures.append(
            {
                "stored": size,
                "records_per_second": round(chain.per_second),
                "wall_seconds": round(time.perf_counter() - began, 1),
            }
        )
    return figures
