"""Fixtures every test may ask for: one broker and one database per run, a name space of its own per test."""

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import settings
from motor.motor_asyncio import AsyncIOMotorClient

from tests.servers import KafkaServer, a_kafka, a_mongo

settings.register_profile("simpul", deadline=None)  # a loaded machine is no fault of what is tested
settings.load_profile("simpul")


@pytest.fixture(scope="session")
async def kafka(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[KafkaServer]:
    async with a_kafka(tmp_path_factory.mktemp("kafka")) as server:
        yield server


@pytest.fixture(scope="session")
async def mongo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The database's address."""
    async with a_mongo(tmp_path_factory.mktemp("mongo")) as url:
        yield url


@pytest.fixture
def prefix(kafka: KafkaServer) -> Iterator[str]:
    """What this test's topics, groups and users begin with."""
    mine = f"t{secrets.token_hex(4)}."
    yield mine
    kafka.drop_topics(mine)


@pytest.fixture
async def database_name(mongo: str) -> AsyncIterator[str]:
    """A database of this test's own, dropped after it."""
    mine = f"t{secrets.token_hex(4)}"
    yield mine
    client: AsyncIOMotorClient = AsyncIOMotorClient(mongo)
    await client.drop_database(mine)
    client.close()
