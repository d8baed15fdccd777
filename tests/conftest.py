"""Fixtures every test may ask for: one broker and one database per run, a name space of its own per test."""

import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import settings
from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local import ports
from deploy.local.kafka import Kafka
from tests.servers import KafkaServer, a_kafka, a_mongo, running

# No deadline: a loaded machine is no fault of what is tested. The same examples at every run: a change is refused for
# its own faults alone. `--hypothesis-profile random` draws others.
settings.register_profile("simpul", deadline=None, derandomize=True)
settings.register_profile("random", deadline=None, derandomize=False)
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


@pytest.fixture(scope="session")
async def spare_broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kafka]:
    """Beside the one of the run; ask for `mortal_broker`."""
    if KafkaServer.given():
        pytest.skip("this test kills its broker, and brokers are given")
    port, controller_port = ports.free(2)
    broker = Kafka(tmp_path_factory.mktemp("spare"), port, controller_port)
    async with running([broker]):
        yield broker


@pytest.fixture
async def mortal_broker(spare_broker: Kafka) -> Kafka:
    """A broker that the test may kill: it runs when the test begins, and other tests' topics may be there."""
    if spare_broker.pid is None:
        await spare_broker.start()
    return spare_broker


@pytest.fixture(scope="session")
async def api(kafka: KafkaServer, mongo: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    """The api with the three services behind it: a tests.gateway.api.conftest.Gateway, one for all tests of the run."""
    from tests.gateway.api.conftest import BEHIND, a_gateway  # most tests need none of it

    async with a_gateway(kafka, mongo, tmp_path_factory.mktemp("keys"), BEHIND) as gateway:
        yield gateway


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
