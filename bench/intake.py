"""`intake`: from a full `from.kp2mi.v1` to the last copy in the receivers' topics, beside the floor; and its growth."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from bench.floor import floor
from bench.log import collect, consumer, fill, is_copy
from bench.records import RECEIVERS, SENDER, registrations
from contracts.topics import Names
from deploy.local.stack import Stack

SECONDS_PER_RECORD = 1.0 / 40
"""Seconds allowed per record before a run is given up."""


@dataclass(frozen=True)
class Intake:
    """One run. `seconds`: from the first command on the registry's topic to the last copy, by their own stamps."""

    records: int
    seconds: float
    stored_before: int

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
        await stack.start_one("gateway-exchange")
        timeout = 60 + count * SECONDS_PER_RECORD
        arrived = await collect(copies, count * len(RECEIVERS), timeout=timeout, wanted=is_copy)
        sent = await collect(commands, count, timeout=timeout)
    seconds = (max(r.timestamp for r in arrived) - min(r.timestamp for r in sent)) / 1000
    return Intake(count, seconds, stored_before)


async def beside_floor(stack: Stack, count: int, seed: int) -> dict[str, Any]:
    """The chain between two runs of the floor, so that a machine that slows down meanwhile shows in both."""
    before = await floor(stack, count // 2, len(RECEIVERS))
    chain = await run(stack, count, seed)
    after = await floor(stack, count // 2, len(RECEIVERS))
    bottom = (before + after) / 2
    return {
        "records": count,
        "seconds": round(chain.seconds, 2),
        "records_per_second": round(chain.per_second),
        "floor_per_second": round(bottom),
        "floor_runs": [round(before), round(after)],
        "ratio": round(chain.per_second / bottom, 2),
    }


async def growth(stack: Stack, sizes: list[int], sample: int, stored: int) -> list[dict[str, Any]]:
    """Records/s of `sample` records at each size of stored persons; the chain itself stores what lies between."""
    found = []
    for n, size in enumerate(sizes):
        if size > stored:
            await run(stack, size - stored, seed=500 + n, stored_before=stored)
            stored = size
        began = time.perf_counter()
        chain = await run(stack, sample, seed=900 + n, stored_before=stored)
        stored += sample
        found.append(
            {
                "stored": size,
                "records_per_second": round(chain.per_second),
                "wall_seconds": round(time.perf_counter() - began, 1),
            }
        )
    return found
