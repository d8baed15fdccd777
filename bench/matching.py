"""`matching`: intake with recognition beside the same pipeline without it, and how it holds as the registry grows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import mean
from typing import Any
from uuid import UUID

import psutil
from motor.motor_asyncio import AsyncIOMotorClient
from rich.console import Console
from rich.progress import track

from bench import intake
from bench.records import REGISTERED_AT, SENDER
from chassis.security.keys import KeyRing
from contracts.model import Moment
from deploy.local.stack import Stack
from services.registry.domain.actions import Action
from services.registry.domain.comparison import keys_of
from services.registry.domain.identifiers import SYSTEMS, IdentifierEntry
from services.registry.domain.matching_traits import origin_traits
from services.registry.domain.person import Person, opened, person_id
from services.registry.store import Store
from services.registry.store.cache import Cache
from services.registry.store.documents import ENTRIES, person_document
from services.registry.store.profiles import PROFILES, Profile
from simulation.scenario.people import SimulatedPerson, people

BATCH = 1000
CACHE = "4G"
"""Of a database: with one gigabyte, a million persons and their profiles are read from disk again and again."""
TURNS = ("on", "off", "on")
QUIET = 0.05
"""Seconds of CPU that an idle database takes in one."""
console = Console()
PLAN = {"destination": "HK", "scheme": "p_to_p", "sector": "97000", "occupation": "9111"}


async def figures(stack: Stack, sizes: list[int], sample: int) -> dict[str, Any]:
    """Records/s with recognition beside those without, at each size of stored persons.

    `flat` is the last size's speed over the first's, and `flat beside without` that of their ratios: between two sizes
    lie minutes, in which a shared machine may become slower by a quarter, and then both are.
    """
    stored, results = 0, []
    for n, size in enumerate(sizes):
        await preload(stack, size - stored, seed=700 + n)
        stored = size
        await _quiet(stack)
        speeds: dict[str, list[float]] = {}
        for turn, matching in enumerate(TURNS):
            await _recognise(stack, matching)
            run = await intake.run(stack, sample, seed=800 + 10 * n + turn, stored_before=stored)
            stored += sample
            speeds.setdefault(matching, []).append(run.per_second)
        with_, without = (round(mean(speeds[matching])) for matching in ("on", "off"))
        results.append({"stored": size, "with": with_, "without": without, "ratio": round(with_ / without, 2)})
        console.print(results[-1])
    return {
        "records_per_second": results,
        "ratio": results[-1]["ratio"],
        "flat": round(results[-1]["with"] / results[0]["with"], 2),
        "flat beside without": round(results[-1]["ratio"] / results[0]["ratio"], 2),
    }


async def _quiet(stack: Stack) -> None:
    """Until the database has put away what it was given; a minute at most."""
    process = psutil.Process(stack.pid("db-registry"))
    for _ in range(60):
        before = sum(process.cpu_times()[:2])
        await asyncio.sleep(1)
        if sum(process.cpu_times()[:2]) - before < QUIET:
            return


async def _recognise(stack: Stack, matching: str) -> None:
    """The registry again, recognising persons or knowing them by their identifiers alone.

    It runs alone, and as if for long: for ten minutes after another process's last batch it would look at each newcomer
    twice.
    """
    await stack.stop_one("registry")
    with _client(stack) as client:
        await client[stack.environment("registry")["MONGO_DATABASE"]]["commits"].delete_many({})
    await stack.start_one("registry", MATCHING=matching)


@contextmanager
def _client(stack: Stack) -> Iterator[Any]:
    """Of the registry's database."""
    client: Any = AsyncIOMotorClient(stack.url("db-registry"), w="majority")
    try:
        yield client
    finally:
        client.close()


async def preload(stack: Stack, count: int, seed: int) -> None:
    """Store people of all regencies as intake would have, without sending them."""
    database = stack.environment("registry")["MONGO_DATABASE"]
    with _client(stack) as client:
        store = Store(client[database], KeyRing.load(stack.keys / "registry.json"), Cache(1))
        made = people(count, seed) if count > 0 else []
        starts = range(0, len(made), BATCH)
        for start in track(starts, description=f"storing {count:,} persons", console=console):
            await _store(
                store, [_registered(person, seed, start + n) for n, person in enumerate(made[start : start + BATCH])]
            )


async def _store(store: Store, people: list[Person]) -> None:
    traits = [origin_traits(person, person.id) for person in people]
    keys = [frozenset(map(store.profiles.hashed, texts)) for texts in keys_of(traits)]
    profiles = (Profile(person.id, own, of_person) for person, own, of_person in zip(people, keys, traits, strict=True))
    await store.persons.insert_many([person_document(person) | {"revision": 1} for person in people], ordered=False)
    await store.profiles.collection.insert_many([PROFILES.document(profile) for profile in profiles], ordered=False)
    entries = [ENTRIES.document(entry) | {"revision": 1} for entry in _entries(store, people)]
    await store.entries.insert_many(entries, ordered=False)


def _entries(store: Store, people: list[Person]) -> Iterator[IdentifierEntry]:
    for person in people:
        for system in SYSTEMS:
            yield IdentifierEntry(
                store.entry_id(system, f"{person.id}/{person.state.personal[system]}"), 0, (person.id,)
            )


def _registered(simulated: SimulatedPerson, seed: int, number: int) -> Person:
    command = str(UUID(int=(seed << 96) | (8 << 76) | number))
    personal = {
        "full_name": simulated.full_name,
        "nik": simulated.nik,
        "passport": simulated.passport,
        "birth_date": simulated.birth_date.isoformat(),
        "birth_date_precision": "day",
        "sex": simulated.sex,
        "phone": simulated.phone,
        "address": simulated.address,
        "mother_name": simulated.mother_name,
    }
    occurred = Moment(at=REGISTERED_AT)
    facts = PLAN | {"home_regency": simulated.home_regency}
    recorded = datetime.now(UTC)
    origin = person_id(command)
    return opened(Action(origin, "REGISTRATION", command, SENDER, occurred, recorded, facts, personal))
