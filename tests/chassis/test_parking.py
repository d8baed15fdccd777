"""What is put aside: sealed, once, and given back as it came."""

import asyncio
import threading
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from chassis.messaging.dead_letters import DeadLetters, _pack, _unpack
from chassis.mongo import Client, connect
from chassis.security.sealing import LocalCipher
from tests.builders import a_record, two_rings
from tests.chassis.counting import Place
from tests.eventually import eventually

_, RING = two_rings()
BOX = LocalCipher(RING, "parking")
HEADERS = st.lists(st.tuples(st.text(max_size=8), st.binary(max_size=8)), max_size=4)


@given(st.none() | st.binary(min_size=1, max_size=8), st.binary(max_size=40), HEADERS)
def test_a_record_comes_back_as_it_went_whatever_its_bytes(key: bytes | None, value: bytes, headers: Any) -> None:
    record = a_record(7, key, value, headers)
    document = {
        "topic": "topic", "partition": 0, "offset": 7, "timestamp": record.timestamp,
        "key": (key or b"").hex(), "payload": BOX.seal(_pack(record)),
    }  # fmt: skip
    found = _unpack(document, BOX)
    assert (found.key, found.value, list(found.headers)) == (key, value, headers)
    assert (found.topic, found.partition, found.offset, found.timestamp) == ("topic", 0, 7, record.timestamp)


async def test_parked_records_are_kept_once_sealed_and_in_the_order_of_the_log(place: Place) -> None:
    client = connect(place.settings)
    parking = DeadLetters(client[place.settings.mongo_database], BOX)
    records = [a_record(n, b"key", b"Siti") for n in (2, 1, 3)]
    for record in records:
        await parking.put("group", record, "first reason")
    await parking.put("group", records[0], "second reason")
    assert [r.offset for _, _, r in await parking.records()] == [1, 2, 3]
    assert {d["reason"] for d in await parking.list()} == {"first reason"}
    assert "Siti" not in str(await place.documents("parked"))
    client.close()


async def test_a_key_is_held_until_its_last_record_is_gone_and_other_processes_learn_of_it(place: Place) -> None:
    client = connect(place.settings)
    mine, other = (DeadLetters(client[place.settings.mongo_database], BOX) for _ in range(2))
    newer = a_record(5, b"key")
    for record in (a_record(1, b"key"), a_record(2, b"key"), a_record(3, None)):
        await mine.put("group", record, "reason")
    assert mine.holds("group", newer)
    assert not mine.holds("another group", newer)
    assert not mine.holds("group", a_record(4, None))
    assert other.stale
    await other.load()
    assert other.holds("group", newer)
    first, second, keyless = [parked_id for parked_id, _, _ in await mine.records()]
    for parked_id in (first, keyless):
        await mine.remove(parked_id)
        assert mine.holds("group", newer)
    await mine.remove(second)
    assert not mine.holds("group", newer)
    assert other.holds("group", newer)
    await other.load()
    assert not other.holds("group", newer)
    other.forget()
    assert other.stale
    client.close()


class HeldBack(CommandListener):
    """Keeps one answer of the database back until it is let go, wherever it is asked for."""

    def __init__(self) -> None:
        self.asked, self.go = threading.Event(), threading.Event()

    def started(self, event: CommandStartedEvent) -> None:
        """Other answers pass at once."""

    def succeeded(self, event: CommandSucceededEvent) -> None:
        if event.command_name == "find" and not self.asked.is_set():
            self.asked.set()
            self.go.wait(20)

    def failed(self, event: CommandFailedEvent) -> None:
        """The caller sees it."""


async def test_a_key_put_aside_while_the_keys_are_read_is_held(place: Place) -> None:
    held_back = HeldBack()
    client: Client = AsyncIOMotorClient(place.settings.mongo_url, event_listeners=[held_back])
    parking = DeadLetters(client[place.settings.mongo_database], BOX)
    loading = asyncio.create_task(parking.load())
    await eventually(held_back.asked.is_set)
    await parking.put("group", a_record(1, b"key"), "reason")
    held_back.go.set()
    await loading
    assert parking.holds("group", a_record(2, b"key"))
    client.close()
