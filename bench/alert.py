"""`alert`: milliseconds from a distress call on KP2MI's urgent topic to the last copy, idle and under a load."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.figures import spread
from bench.log import consumer, fill, producer
from bench.records import MISSION, SENDER, registrations, workers
from contracts.topics import Names
from deploy.local.stack import Stack
from simulation.scenario.partner_messages import distress_call
from simulation.scenario.people import SimulatedPerson

TOLD = (MISSION, "KEMLU", "KP2MI")
CALLS = 60
PAUSE = 0.25
"""Seconds between two calls."""


async def latencies(stack: Stack, *, load: int, known_seed: int) -> dict[str, Any]:
    """p50 and p99 over 60 calls about people registered before with `known_seed`; `load` records run meanwhile."""
    names = Names(stack.prefix)
    recipients = [names.delivery(org, urgent=True) for org in TOLD]
    callers = workers(CALLS, known_seed)
    async with consumer(stack, recipients) as copies, producer(stack, linger_ms=0) as out:
        loading = asyncio.create_task(_load(stack, load)) if load else None
        if loading:
            await asyncio.sleep(2)
        waits = [await _call(out, copies, names, load + n, p) for n, p in enumerate(callers)]
        if loading:
            await loading
    return spread(waits) | {"load": load}


def _is_copy_of(record: Any, happened: datetime) -> bool:
    """Whether this is a copy of the call of that moment, the only thing in it that the caller chose."""
    if dict(record.headers).get("ce_type") != b"exchange.alert.copied.v1":
        return False
    return datetime.fromisoformat(json.loads(record.value)["occurred_at"]) == happened


async def _load(stack: Stack, count: int) -> None:
    await fill(stack, Names(stack.prefix).intake(SENDER), registrations(count, seed=700))


async def _call(
    out: AIOKafkaProducer, copies: AIOKafkaConsumer, names: Names, number: int, person: SimulatedPerson
) -> float:
    """Seconds until the mission, Kemlu and KP2MI all hold a first copy."""
    began = time.perf_counter()
    call = distress_call(SENDER, person, number)
    happened = datetime.fromisoformat(json.loads(call.value)["occurred_at"])
    await out.send(names.intake(SENDER, urgent=True), call.value, headers=list(call.headers))
    reached: set[str] = set()
    async with asyncio.timeout(30):
        while len(reached) < len(TOLD):
            for place, records in (await copies.getmany(timeout_ms=50)).items():
                if any(_is_copy_of(r, happened) for r in records):
                    reached.add(place.topic)
    waited = time.perf_counter() - began
    await asyncio.sleep(PAUSE)
    return waited
