"""The gateway's own database: copies whose personal part follows."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from chassis.mongo import ensure_indexes
from services.gateway.domain.token_denials import TokenDenial
from services.gateway.store import INDEXES, PendingEnrichment, Store
from services.gateway.store.token_denials import TokenDenials


@pytest.fixture
async def store(mongo: str, database_name: str) -> AsyncIterator[Store]:
    client: AsyncIOMotorClient = AsyncIOMotorClient(mongo)
    await ensure_indexes(client[database_name], INDEXES)
    yield Store(client[database_name])
    client.close()


def pending(number: int) -> PendingEnrichment:
    return PendingEnrichment(f"event-{number:03}", [("ce_id", b"1"), ("ce_type", b"alerts.alert.raised.v1")], b"{}")


async def test_what_is_to_follow_comes_back_as_it_was_until_it_went_out(store: Store) -> None:
    await store.put_pending([])
    await store.put_pending([pending(1), pending(2)])
    await store.put_pending([pending(2)])
    assert sorted(one.event for one in await store.list_pending()) == ["event-001", "event-002"]
    await store.remove_pending("event-002")
    assert await store.list_pending() == [pending(1)]


async def test_a_denial_is_there_for_every_process_and_is_forgotten_after_its_time(
    store: Store, mongo: str, database_name: str
) -> None:
    client: AsyncIOMotorClient = AsyncIOMotorClient(mongo, tz_aware=True)
    now = datetime.now(UTC).replace(microsecond=0)
    token = TokenDenial("https://issuer", "token", "j" * 5000, now, now + timedelta(hours=1), "wayan.adi")
    subject = replace(token, kind="subject", value="officer-1")
    for denial in (token, subject, token):
        await TokenDenials(client[database_name]).put(denial)
    assert sorted(await TokenDenials(client[database_name]).list_all(), key=lambda one: one.kind) == [subject, token]
    indexes = await client[database_name]["token_denials"].index_information()
    assert any(index.get("expireAfterSeconds") == 0 for index in indexes.values())
    client.close()


async def test_a_hundred_completions_that_fail_do_not_keep_the_next_one_waiting(store: Store) -> None:
    await store.put_pending([pending(number) for number in range(101)])
    failing = [one.event for one in await store.list_pending()]
    for event in failing:
        await store.postpone_pending(event)
    assert len(failing) == 100
    assert (await store.list_pending())[0].event not in failing


async def test_a_header_without_a_value_keeps_no_completion_waiting(store: Store) -> None:
    odd = PendingEnrichment("event-001", [("ce_id", b"1"), ("odd", None)], b"{}")
    await store.put_pending([odd, pending(2)])
    assert sorted(await store.list_pending(), key=lambda one: one.event) == [odd, pending(2)]
