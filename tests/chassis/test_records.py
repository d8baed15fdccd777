"""Batches that other clients than aiokafka may write: names that are not UTF-8, and every compression."""

import struct
from collections.abc import Sequence

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c
from confluent_kafka import Producer

from chassis.kafka import Lane, Record, client_options, make_broker
from chassis.records import Records
from chassis.settings import Settings
from tests.eventually import eventually
from tests.servers import KafkaServer

CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}


def a_batch(*names: bytes, codec: int = 0) -> bytes:
    """One record for each header name; a `!` in one is a byte that is not UTF-8 (uncompressed only)."""
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 1 << 20)
    for offset, name in enumerate(names):
        builder.append(offset, 1_700_000_000_000, b"k", b"v%d" % offset, [(name.decode(), b"x")])
    built = bytes(builder.build())
    batch = bytearray(built if codec else built.replace(b"!", b"\xff"))
    batch[17:21] = struct.pack(">I", calc_crc32c(bytes(batch[21:])))
    return bytes(batch)


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


async def test_such_a_record_takes_nothing_from_other_partners(kafka: KafkaServer, prefix: str) -> None:
    settings = Settings.model_validate(
        {name.lower(): value for name, value in kafka.environment.items()}
        | {"mongo_url": "-", "mongo_database": "-", "keys": "-", "instance": "records"}
    )
    ours, theirs = f"{prefix}ours", f"{prefix}theirs"
    kafka.make_topics(ours, theirs)
    await _append(settings, theirs, a_batch(b"b!d"))
    taken: set[tuple[str, int]] = set()
    wanted = {(theirs, 0)} | {(ours, offset) for offset in range(20 * len(CODECS))}

    async def handle(records: Sequence[Record]) -> None:
        taken.update((record.topic, record.offset) for record in records)

    broker = make_broker(settings)
    Lane("intake", f"{prefix}group", max_records=50).subscribe(
        broker, handle, instance="records", topics=[ours, theirs]
    )
    await broker.start()
    try:
        for codec in CODECS:
            producer = Producer({**kafka.confluent, "compression.codec": codec})
            for _ in range(20):
                producer.produce(ours, b"v" * 200)
            producer.flush(10)
        await eventually(lambda: taken == wanted, 20)
    finally:
        await broker.stop()


async def _append(settings: Settings, topic: str, batch: bytes) -> None:
    """As a client would whose language does not check names."""
    producer = AIOKafkaProducer(**client_options(settings))
    await producer.start()

    async def appended() -> bool:
        """False while the topic is new to the broker."""
        await producer.partitions_for(topic)
        node = producer.client.cluster.leader_for_partition(TopicPartition(topic, 0))
        answer = await producer.client.send(node, ProduceRequest(None, -1, 10_000, [(topic, [(0, batch)])]))
        return [error for _, parts in answer.topics for _, error, *_ in parts] == [0]

    try:
        await eventually(appended)
    finally:
        await producer.stop()
