"""Two processes of the registry on real servers: one person, however many report her in the same second."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from contracts.commands import Principal
from contracts.registry import PersonDetails
from contracts.topics import Names
from services.registry.app import create_app
from services.registry.settings import Settings
from tests.domain_service import Running, running
from tests.eventually import eventually
from tests.registry.builders import NIK, PASSPORT, command, registration
from tests.registry.people import aminah
from tests.servers import KafkaServer

GATEWAY = Principal(organisation="SIMPUL", roles=("exchange",))
NOTHING_SHARED: tuple[dict[str, Any], ...] = (
    {"full_name": "SITI AMINAH"},
    {"full_name": "Siti Aminah binti Karso", "address": None},
    {"full_name": "Aminah, St."},
    {"full_name": "SITI AMINAH", "birth_date": "1998-05-12"},
    {"full_name": "Siti Aminah", "mother_name": None},
)
SOME_SHARED = tuple(
    writing | numbers
    for writing, numbers in zip(
        NOTHING_SHARED,
        ({"nik": NIK}, {"passport": PASSPORT}, {"nik": NIK, "passport": PASSPORT}, {}, {"passport": PASSPORT}),
        strict=True,
    )
)


@pytest.fixture
async def two(
    kafka: KafkaServer, prefix: str, mongo: str, database_name: str, tmp_path: Path
) -> AsyncIterator[Running]:
    """The first of two processes, which share the partitions between them."""
    given: list[Settings] = []

    def first(settings: Settings) -> FastAPI:
        given.append(settings)
        return create_app(settings)

    kafka.make_topics(Names(prefix).bulk("registry"), partitions=2)
    async with running("registry", first, Settings, kafka, prefix, mongo, database_name, tmp_path) as found:
        second = create_app(given[0].model_copy(update={"instance": "registry-1"}))
        async with second.router.lifespan_context(second):
            await eventually(lambda: _works(second), timeout=30)
            yield found


def _works(app: FastAPI) -> bool:
    """Ready, and with partitions of its own."""
    processing = app.state.process
    partitions = {one.name: one.assignment.partitions for one in processing.consumers.consumers}
    return all(processing.ready().values()) and bool(partitions["commands"])


@pytest.mark.parametrize("writings", [NOTHING_SHARED, SOME_SHARED], ids=["nothing shared", "some numbers shared"])
async def test_five_institutions_in_one_second_report_one_person(
    two: Running, writings: tuple[dict[str, Any], ...]
) -> None:
    people: list[PersonDetails] = [aminah(**changes) for changes in writings]
    commands = [command(registration(home_regency="33.07"), one) for one in people]
    outcomes = await two.settle(*(replace(one, key=f"key-{n}".encode()) for n, one in enumerate(commands)))
    assert {one.result for one in outcomes} == {"applied"}
    ids = {str(one.aggregate_id) for one in outcomes}

    async def who() -> bool:
        wanted = {"persons": [{"id": one} for one in ids]}
        found = (await two.ask(GATEWAY, "/persons/read", wanted)).json()["persons"]
        return len({one["person"] for one in found}) == 1

    await eventually(who, timeout=30)
