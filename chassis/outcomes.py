"""The api's side of a person's write: wait for the outcome of a command that was just published."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from chassis import telemetry
from chassis.failures import Health, backoff
from chassis.kafka import client_options
from chassis.settings import Settings
from contracts.outcomes import Outcome


class OutcomeWatch:
    """Reads the outcomes topics from their end, without a group, and hands each outcome to whoever expects it.

    `positioned` is true once it stands at the end: a command published after that cannot be missed.
    """

    def __init__(self, settings: Settings, topics: Sequence[str]) -> None:
        self.settings, self.topics = settings, tuple(topics)
        self.expected: dict[tuple[str, str], asyncio.Future[Outcome]] = {}
        self.positioned = False
        self.health = Health()

    def expect(self, command_id: str, digest: str) -> asyncio.Future[Outcome]:
        """A future of the final outcome of (command id, digest); cancel it when no longer interested."""
        pair = (command_id, digest)
        if pair not in self.expected:
            future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
            future.add_done_callback(lambda _: self.expected.pop(pair, None))
            self.expected[pair] = future
        return self.expected[pair]

    async def run(self) -> None:
        """Read until cancelled; reconnects after an outage, then starts again at the end."""
        attempt = 0
        while True:
            try:
                await self._read()
            except (KafkaError, OSError) as error:
                self.positioned = False
                telemetry.log.warning("outcome_watch_waits", error=telemetry.describe(error))
                await backoff(attempt)
                attempt += 1

    async def _read(self) -> None:
        consumer = AIOKafkaConsumer(**client_options(self.settings), enable_auto_commit=False, fetch_max_wait_ms=20)
        await consumer.start()
        try:
            places = [TopicPartition(t, p) for t in self.topics for p in await _partitions(consumer, t)]
            consumer.assign(places)
            await consumer.seek_to_end(*places)
            for place in places:
                await consumer.position(place)
            self.positioned = True
            while True:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    for record in records:
                        self._take(record.value or b"", bytes(record.key or b"").decode("ascii", "replace"))
        finally:
            self.positioned = False
            await consumer.stop()

    def _take(self, value: bytes, command_id: str) -> None:
        if not any(pair[0] == command_id for pair in self.expected):
            return
        outcome = Outcome.model_validate_json(value)
        future = self.expected.get((outcome.command_id, outcome.digest))
        if future is not None and not future.done() and outcome.result != "held":
            future.set_result(outcome)


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> list[int]:
    found = await consumer._client.fetch_all_metadata()
    partitions = found.partitions_for_topic(topic)
    if not partitions:
        raise OSError(f"topic {topic} does not exist yet")
    return sorted(partitions)
