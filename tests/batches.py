"""Record batches made by hand: what no well-behaved client writes."""

import struct
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from tests.eventually import eventually

CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}


def a_batch(*names: bytes, codec: int = 0) -> bytes:
    """One record for each header name; a `!` in one is a byte that is not UTF-8 (uncompressed only)."""
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 1 << 21)
    for offset, name in enumerate(names):
        builder.append(offset, 1_700_000_000_000, b"k", b"v%d" % offset, [(name.decode(), b"x")])
    built = bytes(builder.build())
    batch = bytearray(built if codec else built.replace(b"!", b"\xff"))
    batch[17:21] = struct.pack(">I", calc_crc32c(bytes(batch[21:])))
    return bytes(batch)


def a_bomb(codec: int) -> bytes:
    """Two records of the size that the partner's machine allows, and 40 MB when inflated."""
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 1 << 30)
    for offset in range(2):
        builder.append(offset, 1_700_000_000_000, b"k", bytes(20_000_000), [])
    return bytes(builder.build())


async def append(options: Mapping[str, Any], topic: str, batch: bytes) -> None:
    """To partition 0, as a client would that checks nothing."""
    producer = AIOKafkaProducer(**options)
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
