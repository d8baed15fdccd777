"""Every subscription of one process: consumption, retry, dead letters, and whether it gets on with its work."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta

from chassis import telemetry
from chassis.messaging.batch_runner import MAX_CONFLICTS, BatchRunner, Probe
from chassis.messaging.consumer import BatchConsumer
from chassis.messaging.dead_letters import DeadLetter, DeadLetters
from chassis.messaging.kafka import GRACE, make_broker, quietly
from chassis.messaging.record import Record
from chassis.messaging.retry import Health, LostRace, every, failure_of, is_outage, retry_on_outage
from chassis.messaging.subscription import Abandoned, Batch, Postponed, Subscription
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
            every(POSTPONED_SECONDS, self.replay_postponed, self.health, "postponed"),
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

    # -- what lies aside

    async def replay(self) -> dict[str, int]:
        """Handle again what is held, in the order of the log, each in a turn of its own: other work goes between.

        What fails stays, and those of its line behind it. Repeats until nothing more succeeds.
        """
        replayed, failed = 0, set[str]()
        while succeeded := await self._replay_once(failed):
            replayed += succeeded
        telemetry.log.info("replayed", replayed=replayed, left=len(failed))
        return {"replayed": replayed, "keys_left": len(failed)}

    async def _replay_once(self, failed: set[str]) -> int:
        """How many succeeded; adds lines (or ids, of what has no key) that failed."""
        after, succeeded = "", 0
        while letters := await self.dead_letters.read(after):
            for letter in letters:
                after = letter.page
                if letter.group not in self.dead_letters.groups or (letter.line or letter.id) in failed:
                    continue
                error = await self._handle_again(letter)
                if error is None:
                    await self.dead_letters.remove(letter)
                    succeeded += 1
                else:
                    failed.add(letter.line or letter.id)
                    self._log_failed_replay(letter, error)
        return succeeded

    async def replay_postponed(self) -> None:
        """Handle again what was postponed. Ends at the first that still has to wait; what is bad in itself is held."""
        after = ""
        while letters := await self.dead_letters.read(after, "postponed"):
            for letter in letters:
                after = letter.page
                if letter.group not in self.dead_letters.groups:
                    continue
                error = await self._handle_again(letter)
                if isinstance(error, Postponed) or (error is not None and is_outage(error)):
                    return
                await self.dead_letters.remove(letter)
                if error is not None:
                    self._log_failed_replay(letter, error)
                    await self._hold(letter, error)

    async def _hold(self, letter: DeadLetter, error: Exception) -> None:
        """It is no longer a matter of waiting: an operator decides, and the sender is told."""
        subscription = self._subscription_of(letter)
        if letter.record is not None:
            key, reason = subscription.key(letter.record), telemetry.describe(error)
            await self.dead_letters.put(letter.group, letter.record, reason, key=key)
            await subscription.handler.hold(letter.record)

    async def give_up(self, letter_id: str) -> bool:
        """End one for good; its sender is told so, unless its content cannot be read. False when there is none."""
        letter = await self.dead_letters.find(letter_id)
        if letter is None:
            return False
        subscription = self._subscription_of(letter)
        if letter.record is not None:
            async with subscription.turn(urgent=False):
                await subscription.handler.give_up(letter.record)
        await self.dead_letters.remove(letter)
        return True

    async def _handle_again(self, letter: DeadLetter) -> Exception | None:
        """None when it succeeded. Raises an outage, for then no other could succeed either."""
        if letter.record is None:
            return LookupError("its content cannot be read")
        subscription = self._subscription_of(letter)
        for _ in range(MAX_CONFLICTS):
            async with subscription.turn(urgent=False):
                error = await failure_of(subscription.handler.handle(Batch([letter.record], again=True)))
            if not isinstance(error, LostRace):
                break
        return error

    def _subscription_of(self, letter: DeadLetter) -> Subscription:
        topic = letter.where[0]
        for subscription in self.subscriptions:
            reads = topic in subscription.topics or (
                subscription.pattern is not None and re.fullmatch(subscription.pattern, topic) is not None
            )
            if subscription.group == letter.group and reads:
                return subscription
        raise LookupError(f"no subscription reads {letter.group}")

    def _log_failed_replay(self, letter: DeadLetter, error: Exception) -> None:
        topic, partition, offset = letter.where
        telemetry.log.error(
            "replay_failed", topic=topic, partition=partition, offset=offset, error=telemetry.describe(error)
        )
