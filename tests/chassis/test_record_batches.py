"""Batches that other clients than aiokafka may write: names that are not UTF-8, every compression, and bombs."""

from collections.abc import Sequence

import cramjam
import pytest
from confluent_kafka import Producer

from chassis.messaging.consumer import BatchConsumer
from chassis.messaging.kafka import client_options, make_broker
from chassis.messaging.record import Record
from chassis.messaging.record_batches import MOST_RECORDS, TOO_LARGE, Records, inflated
from chassis.settings import Settings
from tests.batches import CODECS, a_batch, a_bomb, append
from tests.eventually import eventually
from tests.servers import KafkaServer


def read(data: bytes) -> list[tuple[int, bytes, str]]:
    records = Records(data)
    found = []
    while records.has_next():
        batch = records.next_batch()
        assert batch is not None
        assert batch.validate_crc()
        found += [(record.offset, record.value, record.headers[0][0]) for record in batch]
    return found


def test_a_name_that_is_not_utf8_is_read_with_a_replacement_and_nothing_around_it_is_lost() -> None:
    data = a_batch(b"one", b"t!o", b"three") + a_batch(b"four")

    assert read(data) == [(0, b"v0", "one"), (1, b"v1", "t\ufffdo"), (2, b"v2", "three"), (0, b"v0", "four")]


@pytest.mark.parametrize("codec", CODECS)
def test_every_compression_that_a_client_may_choose_is_read(codec: str) -> None:
    assert read(a_batch(b"one", b"two", codec=CODECS[codec])) == [(0, b"v0", "one"), (1, b"v1", "two")]


@pytest.mark.parametrize("codec", [codec for codec in CODECS if codec != "none"])
def test_a_batch_that_inflates_beyond_the_limit_is_handed_over_unread_and_the_next_one_is_read(codec: str) -> None:
    records = Records(a_bomb(CODECS[codec]) + a_batch(b"one", codec=CODECS[codec]))
    bomb, next_batch = records.next_batch(), records.next_batch()
    assert bomb is not None
    assert next_batch is not None

    assert bomb.validate_crc()
    assert [(record.offset, record.value == TOO_LARGE) for record in bomb] == [(0, True), (1, True)]
    assert [record.value for record in next_batch] == [b"v0"]


def test_a_batch_of_more_records_than_clients_pack_is_handed_over_as_one() -> None:
    batch = Records(a_batch(*[b"one"] * (MOST_RECORDS + 1), codec=CODECS["gzip"])).next_batch()
    assert batch is not None

    assert [(record.offset, record.value == TOO_LARGE) for record in batch] == [(MOST_RECORDS, True)]


def test_what_cannot_be_inflated_at_all_is_handed_over_unread() -> None:
    batch = bytearray(a_batch(b"one", codec=CODECS["zstd"]))
    batch[61:65] = b"none"
    found = Records(bytes(batch)).next_batch()
    assert found is not None

    assert [record.value for record in found] == [TOO_LARGE]


def test_a_single_raw_snappy_block_is_read() -> None:
    plain = a_batch(b"one")
    batch = plain[:21] + CODECS["snappy"].to_bytes(2, "big") + plain[23:61] + cramjam.snappy.compress_raw(plain[61:])
    found = Records(batch[:8] + (len(batch) - 12).to_bytes(4, "big") + batch[12:]).next_batch()
    assert found is not None

    assert [record.value for record in found] == [b"v0"]


async def test_such_records_take_nothing_from_other_partners(kafka: KafkaServer, prefix: str) -> None:
    settings = Settings.model_validate(
        {name.lower(): value for name, value in kafka.environment.items() if value}
        | {"mongo_url": "-", "mongo_database": "-", "keys": "-", "instance": "records"}
    )
    ours, theirs = f"{prefix}ours", f"{prefix}theirs"
    kafka.make_topics(ours, theirs)
    await append(client_options(settings), theirs, a_batch(b"b!d"))
    for codec in ("gzip", "zstd", "lz4"):
        await append(client_options(settings), theirs, a_bomb(CODECS[codec]))
    await append(client_options(settings), theirs, a_batch(b"fine"))
    taken: set[tuple[str, int]] = set()
    wanted = {(theirs, offset) for offset in range(8)} | {(ours, offset) for offset in range(20 * len(CODECS))}

    async def handle(records: Sequence[Record]) -> None:
        taken.update((record.topic, record.offset) for record in records)

    broker = make_broker(settings)
    BatchConsumer("intake", f"{prefix}group", max_records=50).subscribe(
        broker, handle, instance="records", topics=[ours, theirs]
    )
    await broker.start()
    try:
        for codec in CODECS:
            producer = Producer({**kafka.confluent, "compression.codec": codec})
            for _ in range(20):
                producer.produce(ours, b"v" * 200)
            producer.flush(10)
        await eventually(lambda: taken == wanted, 30)
    finally:
        await broker.stop()


def test_snappy_in_blocks_as_java_writes_it_is_read_whole() -> None:
    parts = [b"first block " * 50, b"second " * 300]
    blocks = [bytes(cramjam.snappy.compress_raw(part)) for part in parts]
    header = bytearray(61)
    header[21:23] = (2).to_bytes(2, "big")
    data = b"".join(len(block).to_bytes(4, "big") + block for block in blocks)
    raw = bytes(header) + b"\x82SNAPPY\x00" + bytes(8) + data
    assert bytes(inflated(memoryview(raw)))[61:] == b"".join(parts)
