"""The gateway's own database: what is owed."""

from collections.abc import AsyncIterator

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from chassis.mongo import ensure_indexes
from services.gateway.store import INDEXES, PendingEnrichment, Store


@pytest.fixture
async def store(mongo: str, database_name: str) -> AsyncIterator[Store]:
    client: AsyncIOMotorClient = AsyncIOMotorClient(mongo)
    await ensure_indexes(client[database_name], INDEXES)
    yield Store(client[database_name])
    client.close()


def owed(number: int) -> PendingEnrichment:
    return PendingEnrichment(f"event-{number:03}", [("ce_id", b"1"), ("ce_type", b"alerts.alert.raised.v1")], b"{}")


async def test_what_is_owed_comes_back_as_it_was_until_it_is_settled(store: Store) -> None:
    await store.owe([])
    await store.owe([owed(1), owed(2)])
    await store.owe([owed(2)])
    assert sorted(one.event for one in await store.list_owed()) == ["event-001", "event-002"]
    await store.settle("event-002")
    assert await store.list_owed() == [owed(1)]


async def test_a_hundred_completions_that_fail_do_not_keep_the_next_one_waiting(store: Store) -> None:
    await store.owe([owed(number) for number in range(101)])
    failing = [one.event for one in await store.list_owed()]
    for event in failing:
        await store.postpone(event)
    assert len(failing) == 100
    assert (await store.list_owed())[0].event not in failing
