"""A place of each test's own on the session's database."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from chassis.mongo import ensure_indexes
from services.gateway.store import disclosure_index, transparency
from tests.gateway.audit.place import Place


@pytest.fixture
async def place(mongo: str, database_name: str, tmp_path: Path) -> AsyncIterator[Place]:
    client: Any = AsyncIOMotorClient(mongo, tz_aware=True)
    made = Place(client, database_name, tmp_path / "log")
    await ensure_indexes(made.database, [*transparency.INDEXES, *disclosure_index.INDEXES])
    yield made
    client.close()
