"""A registry on a database of the test's own."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from chassis.mongo import Client, ensure_indexes
from chassis.security.keys import KeyRing
from deploy.local import keys
from services.registry.store import INDEXES, Store
from services.registry.store.cache import Cache


@pytest.fixture(scope="session")
def rings() -> dict[str, Any]:
    """The key rings of one installation."""
    return keys.rings()


@pytest.fixture
async def client(mongo: str) -> AsyncIterator[Client]:
    connected: Client = AsyncIOMotorClient(mongo, tz_aware=True, w="majority")
    yield connected
    connected.close()


@pytest.fixture
async def a_store(client: Client, database_name: str, rings: dict[str, Any]) -> Callable[[], Store]:
    """Makes stores on one database, each with a memory of its own as in a process of its own."""
    await ensure_indexes(client[database_name], INDEXES)
    return lambda: Store(client[database_name], KeyRing(**rings["registry"]), Cache())


@pytest.fixture
def store(a_store: Callable[[], Store]) -> Store:
    return a_store()
