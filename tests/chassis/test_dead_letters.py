"""What is put aside: sealed, once, and given back as it came."""

import asyncio
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from chassis.messaging.dead_letters import DeadLetters, State, _pack, _unpack
from chassis.mongo import Client, connect
from chassis.security.sealing import LocalCipher
from tests.builders import a_record, two_rings
from tests.chassis.counting import Place
from tests.eventually import eventually

_, RING = two_rings()
CIPHER = LocalCipher(RING, "parking")
HEADERS = st.lists(st.tuples(st.text(max_size=8), st.none() | st.binary(max_size=8)), max_size=4)
GROUPS = ["group"]


@given(st.none() | st.binary(max_size=8), st.none() | st.binary(max_size=40), HEADERS)
def test_a_record_comes_back_as_it_went_whatever_its_bytes(
    key: bytes | None, value: bytes | None, headers: Any
) -> None:
    record = a_record(7, key, value, headers)
    document = {"topic": "topic", "partition": 0, "offset": 7, "timestamp": record.timestamp}
    opened = _unpack(document, CIPHER.open(CIPHER.seal(_pack(record))))
    assert (opened.key, opened.value, list(opened.headers)) == (key, value, headers)
    assert (opened.topic, opened.partition, opened.offset, opened.timestamp) == ("topic", 0, 7, record.timestamp)


ODD = [
    a_record(0, None, None, [("ce_id", None), ("ce_type", None), ("traceparent", None)]),
    a_record(1, b"", b"", []),
    a_record(2, bytes(100_000), bytes(900_000), [(f"header {n}", bytes(200)) for n in range(1000)]),
    a_record(3, b"\xff", b"\xff\x00", [("\ufffd", b"\xff"), ("", b"")]),
]


@pytest.mark.parametrize("record", ODD)
async def test_putting_aside_never_fails_for_what_a_record_holds(place: Place, record: Any) -> None:
    client = connect(place.settings)
    letters = DeadLetters(client[place.settings.mongo_database], CIPHER, GROUPS)
    await letters.put("group", record, "reason", key=record.key)
    (letter,) = await letters.read("")
    assert letter.record is not None
    assert (letter.record.key, letter.record.value, list(letter.record.headers)) == (
        record.key, record.value, list(record.headers),
    )  # fmt: skip
    client.close()


async def test_a_record_that_the_database_does_not_take_is_kept_by_its_place_alone(place: Place) -> None:
    client = connect(place.settings)
    letters = DeadLetters(client[place.settings.mongo_database], CIPHER, GROUPS)
    await letters.put("group", a_record(7, b"key", bytes(20 << 20)), "too large", key=b"key")
    (letter,) = await letters.read("")
    assert (letter.where, letter.reason, letter.record) == (("topic", 0, 7), "too large", None)
    client.close()


async def test_records_are_kept_once_sealed_and_in_the_order_of_the_log(place: Place) -> None:
    client = connect(place.settings)
    letters = DeadLetters(client[place.settings.mongo_database], CIPHER, GROUPS)
    records = [a_record(n, b"key", b"Siti") for n in (2, 1, 3)]
    for record in records:
        await letters.put("group", record, "first reason", key=b"key")
    await letters.put("group", records[0], "second reason", key=b"key")
    assert [letter.where[2] for letter in await letters.read("")] == [1, 2, 3]
    assert {letter.reason for letter in await letters.list_letters()} == {"first reason"}
    assert "Siti" not in str(await place.documents("dead_letters"))
    client.close()


async def test_letters_of_other_groups_are_neither_listed_nor_held_behind(place: Place) -> None:
    client = connect(place.settings)
    database = client[place.settings.mongo_database]
    mine, others = (DeadLetters(database, CIPHER, [group]) for group in ("group", "another"))
    await others.put("another", a_record(1, b"key"), "reason", key=b"key")
    await mine.load()
    assert await mine.list_letters() == []
    assert await mine.find((await others.list_letters())[0].id) is None
    assert not mine.is_behind("group", a_record(2, b"key"), b"key")
    client.close()


async def test_pages_follow_each_other_and_end(place: Place) -> None:
    client = connect(place.settings)
    letters = DeadLetters(client[place.settings.mongo_database], CIPHER, GROUPS)
    for offset in range(7):
        await letters.put("group", a_record(offset, None), "reason", key=None)
    offsets, after = list[int](), ""
    while page := await letters.read(after, limit=3):
        offsets += [letter.where[2] for letter in page]
        after = page[-1].page
    assert offsets == list(range(7))
    client.close()


async def test_pages_of_what_is_held_and_of_what_is_postponed_are_listed_as_one(place: Place) -> None:
    client = connect(place.settings)
    letters = DeadLetters(client[place.settings.mongo_database], CIPHER, GROUPS)
    for offset in range(8):
        state: State = "postponed" if offset < 4 else "held"
        await letters.put("group", a_record(offset, None), "reason", key=None, state=state)
    offsets, after = list[int](), ""
    while page := await letters.list_letters(after, limit=2):
        offsets += [letter.where[2] for letter in page]
        after = page[-1].page
    assert offsets == list(range(8))
    assert [letter.where[2] for letter in await letters.list_letters(state="held")] == [4, 5, 6, 7]
    client.close()


async def test_two_groups_that_read_one_topic_each_keep_a_letter_of_their_own(place: Place) -> None:
    client = connect(place.settings)
    letters = DeadLetters(client[place.settings.mongo_database], CIPHER, ["group", "views"])
    for group in ("group", "views"):
        await letters.put(group, a_record(1), "reason", key=b"key")
    first, second = await letters.list_letters()
    assert (first.group, second.group) == ("group", "views")
    await letters.remove(first)
    assert not letters.is_behind("group", a_record(2), b"key")
    assert letters.is_behind("views", a_record(2), b"key")
    client.close()


async def test_what_was_postponed_may_become_an_operators(place: Place) -> None:
    client = connect(place.settings)
    letters = DeadLetters(client[place.settings.mongo_database], CIPHER, GROUPS)
    await letters.put("group", a_record(1), "away", key=b"key", state="postponed")
    (letter,) = await letters.read("", "postponed")
    assert not letters.is_behind("group", a_record(2), b"key")
    await letters.hold(letter, "bad")
    (letter,) = await letters.read("")
    assert (letter.reason, letter.record is not None, await letters.read("", "postponed")) == ("bad", True, [])
    assert letters.is_behind("group", a_record(2), b"key")
    client.close()


async def test_a_key_is_held_until_its_last_record_is_gone_and_other_processes_learn_of_it(place: Place) -> None:
    client = connect(place.settings)
    mine, other = (DeadLetters(client[place.settings.mongo_database], CIPHER, GROUPS) for _ in range(2))
    newer, older, elsewhere = a_record(5, b"key"), a_record(0, b"key"), a_record(5, b"key", partition=1)
    for record in (a_record(1, b"key"), a_record(2, b"key"), a_record(3, None)):
        await mine.put("group", record, "reason", key=record.key)
    assert mine.is_behind("group", newer, b"key")
    assert not mine.is_behind("group", older, b"key")
    assert not mine.is_behind("group", elsewhere, b"key")
    assert not mine.is_behind("another group", newer, b"key")
    assert not mine.is_behind("group", a_record(4, None), None)
    assert other.stale
    await other.load()
    assert other.is_behind("group", newer, b"key")
    first, second, keyless = await mine.read("")
    for letter in (first, keyless):
        await mine.remove(letter)
        assert mine.is_behind("group", newer, b"key")
    assert not mine.is_behind("group", a_record(1, b"key"), b"key")
    await mine.remove(second)
    assert not mine.is_behind("group", newer, b"key")
    assert other.is_behind("group", newer, b"key")
    await other.load()
    assert not other.is_behind("group", newer, b"key")
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
    letters = DeadLetters(client[place.settings.mongo_database], CIPHER, GROUPS)
    loading = asyncio.create_task(letters.load())
    await eventually(held_back.asked.is_set)
    await letters.put("group", a_record(1, b"key"), "reason", key=b"key")
    held_back.go.set()
    await loading
    assert letters.is_behind("group", a_record(2, b"key"), b"key")
    client.close()


async def test_a_key_put_aside_while_its_last_letter_is_removed_is_held(place: Place) -> None:
    """As a replay and a batch do side by side: the newer record was not yet there when the removal looked."""
    held_back = HeldBack()
    client: Client = AsyncIOMotorClient(place.settings.mongo_url, event_listeners=[held_back])
    plain = connect(place.settings)
    database = place.settings.mongo_database
    letters, other = (DeadLetters(one[database], CIPHER, GROUPS) for one in (client, plain))
    await letters.put("group", a_record(1, b"key"), "reason", key=b"key")
    (letter,) = await other.read("")
    removing = asyncio.create_task(letters.remove(letter))
    await eventually(held_back.asked.is_set)
    await letters.put("group", a_record(2, b"key"), "reason", key=b"key")
    held_back.go.set()
    await removing
    assert letters.is_behind("group", a_record(3, b"key"), b"key")
    for one in (client, plain):
        one.close()
