"""Sessions of the web in the database."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from chassis.mongo import Client, ensure_indexes
from services.gateway.store.web_sessions import INDEXES, WebSessions

UNTIL = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def sessions(mongo: str, database_name: str) -> AsyncIterator[WebSessions]:
    client: Client = AsyncIOMotorClient(mongo, tz_aware=True, w="majority")
    await ensure_indexes(client[database_name], INDEXES)
    yield WebSessions(client[database_name])
    client.close()


async def test_a_session_is_found_as_it_was_put_until_it_is_removed(sessions: WebSessions) -> None:
    await sessions.put("a", b"sealed", UNTIL)
    assert await sessions.find("a") == (b"sealed", UNTIL)
    await sessions.extend("a", UNTIL + timedelta(hours=1))
    await sessions.replace("a", b"other")
    assert await sessions.find("a") == (b"other", UNTIL + timedelta(hours=1))
    await sessions.remove("a")
    assert await sessions.find("a") is None


async def test_nothing_brings_back_a_session_that_was_ended(sessions: WebSessions) -> None:
    """A page that was open while somebody signed out renews or extends what is not there any more."""
    await sessions.put("a", b"sealed", UNTIL)
    await sessions.remove("a")
    await sessions.replace("a", b"other")
    await sessions.extend("a", UNTIL + timedelta(hours=1))
    assert await sessions.find("a") is None
