"""Every subscription of one process: consumption, retry, dead letters, and whether it gets on with its work."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from chassis import telemetry
from chassis.messaging.batch_runner import BatchRunner, Probe
from chassis.messaging.consumer import BatchConsumer
from chassis.messaging.dead_letters import DeadLetters
from chassis.messaging.kafka import GRACE, make_broker, quietly
from chassis.messaging.record import Record
from chassis.messaging.replay import Replay
from chassis.messaging.retry import Health, every, retry_on_outage
from chassis.messaging.subscription import Abandoned, Subscription
from chassis.messaging.throttle import HOUR_SECONDS
from chassis.mongo import Database
from chassis.security.sealing import LocalCipher
from chassis.settings import Settings

POSTPONED_SECONDS = 5.0
"""Between two tries of what was postponed."""
RELOAD_SECONDS, REVIVE_SECONDS = 30.0, 2.0
WITHHELD_SECONDS = 5.0
"""Between two looks whether what was withheld may be acknowledged."""


class Consumers:
    """The subscriptions of one process, with one store of dead letters and one health."""

    def __init__(
        self,
        settings: Settings,
        subscriptions: Sequence[Subscription],
        *,
        database: Database,
        cipher: LocalCipher,
        probe: Probe,
        health: Health,
    ) -> None:
        self.subscriptions, self.health = tuple(subscriptions), health
        self.dead_letters = DeadLetters(
            database, cipher, dict.fromkeys(subscription.group for subscription in subscriptions)
        )
        self.replay = Replay(self.subscriptions, self.dead_letters)
        self.broker = make_broker(settings)
        self.started = False
        self.runners: list[BatchRunner] = []
        self.consumers: list[BatchConsumer] = []
        for subscription in self.subscriptions:
            self._subscribe(settings, subscription, probe)

    def _subscribe(self, settings: Settings, subscription: Subscription, probe: Probe) -> None:
        consumer = BatchConsumer(
            subscription.name,
            subscription.group,
            max_records=subscription.max_records,
            eager=subscription.eager,
            settled=subscription.settled,
            waits=subscription.waits,
        )
        consumer.assignment.changed = self.dead_letters.forget
        runner = BatchRunner(subscription, self.dead_letters, probe, self.health, consumer.owns)

        async def on_batch(records: Sequence[Record]) -> None:
            with telemetry.BATCH_SECONDS.labels(subscription.name).time():
                try:
                    await runner.run(records)
                except Abandoned:
                    telemetry.log.info("batch_abandoned", consumer=subscription.name, records=len(records))

        consumer.subscribe(
            self.broker, on_batch, instance=settings.instance, topics=subscription.topics, pattern=subscription.pattern
        )
        self.consumers.append(consumer)
        self.runners.append(runner)

    # -- life

    async def start(self) -> None:
        """Know what lies aside, then consume. Waits for servers that are away."""
        await retry_on_outage(self._recall, self.health, "starting")
        await retry_on_outage(self.broker.start, self.health, "starting")
        self.started = True

    async def _recall(self) -> None:
        await self.dead_letters.load()
        for runner in self.runners:
            runner.throttle.granted.clear()
            span = timedelta(seconds=HOUR_SECONDS)
            for age in await self.dead_letters.ages_of_unproven(runner.subscription.group, span):
                runner.throttle.grant(age)

    async def keep(self) -> None:
        """Until cancelled: try again what was postponed, and learn what other processes put aside."""
        await asyncio.gather(
            every(POSTPONED_SECONDS, self.replay.replay_postponed, self.health, "postponed"),
            every(RELOAD_SECONDS, self.dead_letters.load, self.health, "dead letters"),
            every(REVIVE_SECONDS, self._revive, self.health, "consumers"),
            every(WITHHELD_SECONDS, self._acknowledge_withheld, self.health, "acknowledging"),
        )

    async def _revive(self) -> None:
        for consumer in self.consumers:
            if consumer.is_dead:
                await consumer.revive()

    async def _acknowledge_withheld(self) -> None:
        for consumer in self.consumers:
            await consumer.acknowledge_settled()

    async def stop(self) -> None:
        """Finish the batches in hand and leave the groups."""
        await quietly(self.broker.stop(), GRACE)

    def ready(self) -> dict[str, bool]:
        """Consuming every subscription, and waiting for nothing."""
        consuming = {f"consuming {consumer.name}": consumer.assignment.joined for consumer in self.consumers}
        return consuming | {"started": self.started, "servers": self.health.well}
