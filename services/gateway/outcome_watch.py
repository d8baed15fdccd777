"""The api's side of a person's write: wait for the outcome of a command that was just published."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from chassis import telemetry
from chassis.messaging.kafka import client_options, quietly
from chassis.messaging.retry import backoff
from chassis.settings import Settings
from contracts.outcomes import Outcome


class OutcomeWatch:
    """Reads the outcomes topics from their end, without a group, and hands each outcome to whoever expects it.

    `positioned` is true once it stands at the end: a command published after that cannot be missed.
    """

    def __init__(self, settings: Settings, topics: Sequence[str]) -> None:
        self.settings, self.topics = settings, tuple(topics)
        self.expected: dict[str, list[tuple[str, asyncio.Future[Outcome]]]] = {}
        self.positioned = False
        self._failures = 0

    def expect(self, command_id: str, digest: str) -> asyncio.Future[Outcome]:
        """A future, one's own, of the outcome of (command id, digest), also `held`; cancel it when not interested."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.expected.setdefault(command_id, []).append((digest, future))
        future.add_done_callback(lambda _: self._forget(command_id, future))
        return future

    def _forget(self, command_id: str, future: asyncio.Future[Outcome]) -> None:
        left = [pair for pair in self.expected.get(command_id, ()) if pair[1] is not future]
        if left:
            self.expected[command_id] = left
        else:
            self.expected.pop(command_id, None)

    async def run(self) -> None:
        """Read until cancelled; reconnects after an outage, then starts again at the end."""
        while True:
            try:
                await self._read()
            except (KafkaError, OSError) as error:
                telemetry.log.warning("outcome_watch_waits", error=telemetry.describe(error))
                await backoff(self._failures)
                self._failures += 1

    async def _read(self) -> None:
        consumer = AIOKafkaConsumer(*self.topics, **client_options(self.settings), enable_auto_commit=False)
        try:
            await consumer.start()  # without a group it has every partition at once
            await consumer.seek_to_end()
            for partition in consumer.assignment():
                await consumer.position(partition)
            self.positioned, self._failures = True, 0
            while True:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    for record in records:
                        self._settle(record.value or b"", bytes(record.key or b"").decode("ascii", "replace"))
        finally:
            self.positioned = False
            await quietly(consumer.stop())

    def _settle(self, value: bytes, command_id: str) -> None:
        waiting = self.expected.get(command_id)
        if not waiting:
            return
        try:
            outcome = Outcome.model_validate_json(value)
        except ValidationError:
            telemetry.log.error("outcome_unreadable", command_id=command_id)
            return
        for digest, future in waiting:
            if digest == outcome.digest and not future.done():
                future.set_result(outcome)
