"""A process of its own that replays past events under changed agreements: no event loop waits for it.

Reads one question as JSON from its standard input, and writes the changes as JSON to its standard output.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition
from pydantic_core import from_json

from contracts import codes
from services.gateway.domain.agreements import Agreement
from services.gateway.domain.routing import Routing
from services.gateway.domain.simulation import Shape, compare, shape_of

AT_ONCE = 10_000
"""Events read together."""
WAIT_SECONDS = 10.0
POLITE = 10
"""Niceness: whoever waits for an answer goes first."""


def simulate(question: dict[str, Any]) -> dict[str, Any]:
    """Raises KafkaException while the broker is away."""
    shapes: Counter[Shape] = Counter()
    events = 0
    window = datetime.fromisoformat(question["since"]), datetime.fromisoformat(question["until"])
    for values in _values(question["kafka"], question["topic"], *window):
        events += len(values)
        shapes.update(shape for value in values if (shape := shape_of(from_json(value))) is not None)
    today = date.fromisoformat(question["today"])
    before, after = (_routing(question[which], today) for which in ("before", "after"))
    return {"events": events, "changes": [asdict(change) for change in compare(shapes, before, after)]}


def _routing(documents: Sequence[Mapping[str, Any]], today: date) -> Routing:
    agreements = [Agreement.model_validate(document) for document in documents]
    return Routing(agreements, frozenset(codes.organisations()), today)


def _values(kafka: dict[str, Any], topic: str, since: datetime, until: datetime) -> Iterator[list[bytes]]:
    consumer = Consumer(kafka | {"enable.auto.commit": False})
    try:
        starts, ends = (_offsets(consumer, topic, at) for at in (since, until))
        consumer.assign([TopicPartition(topic, partition, offset) for partition, offset in enumerate(starts)])
        left = [partition for partition, end in enumerate(ends) if starts[partition] < end]
        while left:
            messages = consumer.consume(AT_ONCE, WAIT_SECONDS)
            if not messages:
                raise KafkaException("the broker does not answer")
            yield list(_within(messages, ends))
            positions = {place.partition: place.offset for place in consumer.position([_at(topic, p) for p in left])}
            left = [partition for partition in left if 0 <= positions[partition] < ends[partition]]
    finally:
        consumer.close()


def _within(messages: list[Any], ends: Sequence[int]) -> Iterator[bytes]:
    for message in messages:
        if not message.error() and message.offset() < ends[message.partition()] and message.value():
            yield message.value()


def _offsets(consumer: Consumer, topic: str, at: datetime) -> Sequence[int]:
    """Of each partition, the first offset whose record is not older; the end where there is none."""
    partitions = _partitions(consumer, topic)
    starts = [TopicPartition(topic, partition, int(at.timestamp() * 1000)) for partition in partitions]
    offsets = {start.partition: start.offset for start in consumer.offsets_for_times(starts, timeout=WAIT_SECONDS)}
    ends = {p: consumer.get_watermark_offsets(_at(topic, p), timeout=WAIT_SECONDS)[1] for p in partitions}
    return [offsets[partition] if offsets[partition] >= 0 else ends[partition] for partition in partitions]


def _partitions(consumer: Consumer, topic: str) -> list[int]:
    """A broker that was just asked for the first time may not know them yet."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not (partitions := sorted(consumer.list_topics(topic, timeout=WAIT_SECONDS).topics[topic].partitions)):
        if time.monotonic() > deadline:
            raise KafkaException("the broker does not know the topic")
        time.sleep(0.1)
    return partitions


def _at(topic: str, partition: int) -> TopicPartition:
    return TopicPartition(topic, partition)


def main() -> None:
    """The settings of the broker come by standard input: nothing secret stands on a command line."""
    os.nice(POLITE)
    json.dump(simulate(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    main()
