"""What is held back, on a real database: in order, by receiver and priority, whatever the clock says."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from chassis.mongo import ensure_indexes
from chassis.security.sealing import LocalCipher
from services.gateway.store import held_back
from services.gateway.store.held_back import HeldBack, HeldBackStore
from tests.builders import two_rings

CIPHER = LocalCipher(two_rings()[1], "parking")


@pytest.fixture
async def database(mongo: str, database_name: str) -> AsyncIterator[Any]:
    client: AsyncIOMotorClient = AsyncIOMotorClient(mongo)
    await ensure_indexes(client[database_name], held_back.INDEXES)
    yield client[database_name]
    client.close()


def kept(number: int, receiver: str = "BPS") -> HeldBack:
    return HeldBack(f"id/{number}", receiver, "event", [("ce_id", b"\xff"), ("ce_subject", None)], None, b"Siti")


async def ids(store: HeldBackStore, receiver: str = "BPS", behind: int = 0) -> list[str]:
    return [held.id for held in await store.first(receiver, 100, behind)]


async def test_it_comes_back_as_it_was_sealed_once_in_order_and_behind_a_place(database: Any) -> None:
    store = HeldBackStore(database, CIPHER, urgent=False)
    await store.put([])
    await store.put([kept(1), kept(2), kept(1, "KP2MI")])
    await store.put([kept(2), kept(3)])
    first, second, third = await store.first("BPS", 100)
    assert (first.id, first.headers, first.key, first.value) == ("id/1", list(kept(1).headers), None, b"Siti")
    assert (await ids(store, behind=first.place), await ids(store, "KP2MI")) == (["id/2", "id/3"], ["id/1"])
    assert [held.id for held in await store.first("BPS", 1)] == ["id/1"]
    assert "Siti" not in str(await database["held_back"].find().to_list(None))
    await store.remove([first, third])
    assert await ids(store) == [second.id]


async def test_each_priority_has_what_is_its_own_and_says_so(database: Any) -> None:
    normal, urgent = (HeldBackStore(database, CIPHER, urgent=urgent) for urgent in (False, True))
    await normal.put([kept(1)])
    await urgent.put([kept(2, "KEMLU")])
    assert (await normal.receivers(), await urgent.receivers()) == ({"BPS"}, {"KEMLU"})
    assert (await ids(urgent), await ids(normal, "KEMLU")) == ([], [])
    documents = await database["held_back"].find().to_list(None)
    assert {document["priority"] for document in documents} == {"normal", "urgent"}


async def test_what_comes_later_stays_behind_though_the_clock_is_set_back_and_another_process_keeps_it(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await HeldBackStore(database, CIPHER, urgent=False).put([kept(1)])
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    monkeypatch.setattr(held_back, "datetime", SimpleNamespace(now=lambda _: an_hour_ago))
    other = HeldBackStore(database, CIPHER, urgent=False)
    await other.put([kept(2)])
    assert await ids(other) == ["id/1", "id/2"]


async def test_a_queue_is_closed_when_it_is_empty_and_not_while_somebody_is_about_to_add_to_it(database: Any) -> None:
    store = HeldBackStore(database, CIPHER, urgent=False)
    assert not await store.close("BPS")
    await store.put([kept(1)])
    assert not await store.close("BPS")
    await store.remove([kept(1)])
    assert await store.receivers() == {"BPS"}
    assert await store.close("BPS")
    assert await store.receivers() == set()
    await store.put([kept(2)])
    await store.put([kept(3)])
    assert await ids(store) == ["id/2", "id/3"]


async def test_what_is_too_old_is_deleted_of_every_kind(database: Any) -> None:
    store = HeldBackStore(database, CIPHER, urgent=False)
    kinds: tuple[held_back.Kind, ...] = ("event", "completion", "message")
    await store.put([HeldBack(kind, "BPS", kind, [], None, b"{}") for kind in kinds])
    assert await store.forget(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert await store.forget(datetime.now(UTC) + timedelta(hours=1)) == 3
    assert await store.close("BPS")


async def test_nothing_too_old_is_deleted_of_a_suspended_receiver_or_by_the_other_process(database: Any) -> None:
    normal, urgent = (HeldBackStore(database, CIPHER, urgent=which) for which in (False, True))
    later = datetime.now(UTC) + timedelta(hours=1)
    for store in (normal, urgent):
        await store.put([HeldBack("e-1", code, "event", [], None, b"{}") for code in ("BPS", "BNPB")])
    assert await urgent.forget(later, {"BPS"}) == 1
    assert [held.id for held in await urgent.first("BPS", 10)] == ["e-1"]
    assert await normal.forget(later) == 2
