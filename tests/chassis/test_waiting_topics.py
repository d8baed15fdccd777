"""A topic that has to wait stays unread, and is read from where it stopped; others go on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer

from chassis.messaging.consumers import Consumers
from chassis.messaging.record import Record
from chassis.messaging.retention import lag
from chassis.messaging.retry import Health
from chassis.messaging.subscription import Batch, Subscription
from chassis.mongo import connect
from chassis.security.keys import KeyRing
from chassis.security.sealing import LocalCipher
from deploy.local.keys import rings
from tests.chassis.counting import Place
from tests.eventually import eventually

CIPHER = LocalCipher(KeyRing(**rings()["registry"]), "parking")


class Reader:
    """Keeps what it was handed."""

    def __init__(self) -> None:
        self.read: list[bytes] = []

    async def handle(self, batch: Batch) -> None:
        self.read += [bytes(record.value or b"") for record in batch.records]

    async def hold(self, record: Record) -> None:
        raise AssertionError

    async def give_up(self, record: Record) -> None:
        raise AssertionError


@asynccontextmanager
async def reading(place: Place, topics: tuple[str, str], waiting: set[str]) -> AsyncIterator[Reader]:
    async def probe(_: BaseException) -> None:
        return None

    reader, group, client = Reader(), place.names.group("reader"), connect(place.settings)
    subscription = Subscription("reader", group, reader, 10, topics=topics, waits=waiting.__contains__)
    consumers = Consumers(
        place.settings, [subscription], database=client[place.settings.mongo_database],
        cipher=CIPHER, probe=probe, health=Health(),
    )  # fmt: skip
    await consumers.start()
    try:
        yield reader
    finally:
        await consumers.stop()
        client.close()


async def write(place: Place, topic: str, *values: bytes) -> None:
    async with AIOKafkaProducer(**place.kafka.client) as producer:
        for value in values:
            await producer.send_and_wait(topic, value)


async def test_a_topic_that_waits_is_read_from_where_it_stopped_and_others_go_on(place: Place) -> None:
    waits, goes_on = (f"{place.names.prefix}{name}" for name in ("waits", "goes-on"))
    place.kafka.make_topics(waits, goes_on)
    waiting = set[str]()
    async with reading(place, (waits, goes_on), waiting) as reader:
        await write(place, waits, b"before")
        await eventually(lambda: reader.read == [b"before"])
        waiting.add(waits)
        await write(place, waits, b"1", b"2")
        await write(place, goes_on, b"a")
        await eventually(lambda: b"a" in reader.read)
        await write(place, goes_on, b"b")
        await eventually(lambda: b"b" in reader.read)
        assert reader.read == [b"before", b"a", b"b"]
    group = place.names.group("reader")
    assert (await lag(place.settings, [waits], group))[waits].records == 2
    async with reading(place, (waits, goes_on), waiting) as restarted:
        await write(place, goes_on, b"c")
        await eventually(lambda: restarted.read == [b"c"], timeout=60)
        waiting.clear()
        await eventually(lambda: restarted.read == [b"c", b"1", b"2"])
