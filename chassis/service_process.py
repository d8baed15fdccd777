"""What a domain service's process does beside its HTTP app: consume commands and events, publish, keep house."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from chassis.commands import outbox, processed_commands
from chassis.commands.decoding import Types
from chassis.commands.handler import CommandHandler
from chassis.commands.policies import FollowUp, Policy, PolicyHandler
from chassis.commands.processor import CommandProcessor
from chassis.commands.types import Steps
from chassis.commands.upkeep import COMMANDS_KEPT_HOURS, keep_forgetting, keep_sweeping
from chassis.messaging import dead_letters
from chassis.messaging.consumers import Consumers
from chassis.messaging.priority import Gate
from chassis.messaging.publisher import Publisher
from chassis.messaging.retention import janitor
from chassis.messaging.retry import Health, every, retry_on_outage, watch
from chassis.messaging.subscription import Subscription
from chassis.mongo import Client, Database, Index, connect, ensure_indexes
from chassis.security import certificates
from chassis.security.keys import READ_EVERY_SECONDS, KeyRing
from chassis.security.sealing import LocalCipher
from chassis.settings import Settings
from contracts.topics import Names

PEOPLE = 100
"""Most commands of people in a batch, where loads have a topic of their own: a small batch is soon done."""
BACKGROUND_SECONDS = 1.0


class ServiceProcess:
    """Everything of one service process that runs beside its HTTP app."""

    def __init__(
        self,
        settings: Settings,
        service: str,
        types: Types,
        steps_of: Callable[[Database, KeyRing], Steps[Any, Any]],
        indexes: Sequence[Index],
        *,
        batch: int,
        bulk: bool,
        policy_of: Callable[[Database, KeyRing], Policy] | None = None,
    ) -> None:
        self.settings, self.service, self.indexes = settings, service, indexes
        self.names = Names(settings.topic_prefix)
        self.ring = KeyRing.load(settings.keys)
        self.client: Client = connect(settings)
        self.database: Database = self.client[settings.mongo_database]
        self.publisher = Publisher(settings, linger_ms=0)
        self.processor: CommandProcessor[Any] = CommandProcessor(
            service, steps_of(self.database, self.ring),
            client=self.client, database=self.database, publisher=self.publisher, ring=self.ring,
            events_topic=self.names.events(service), outcomes_topic=self.names.outcomes(service),
        )  # fmt: skip
        self.gate, self.health = Gate(), Health()
        self.background: dict[str, Callable[[], Awaitable[object]]] = {}
        """Work of the service's own, by name, begun anew a second after it ended; to be put here before `run`."""
        policy = policy_of(self.database, self.ring) if policy_of else None
        self.policy = policy and PolicyHandler(
            policy, self.publisher, service=service, topic=self.names.commands(service)
        )
        self.command_topics = [self.names.commands(service), *([self.names.bulk(service)] if bulk else [])]
        self.consumers = Consumers(
            settings,
            self._subscriptions(types, batch),
            database=self.database,
            cipher=LocalCipher(self.ring, "parking"),
            probe=self._probe,
            health=self.health,
        )

    def _subscriptions(self, types: Types, batch: int) -> list[Subscription]:
        """Commands of people, loads if any, and the events that the service's own policy follows."""
        people, *loads = self.command_topics
        made = [self._commands("commands", people, types, min(batch, PEOPLE) if loads else batch, urgent=True)]
        made += [self._commands("bulk", topic, types, batch, urgent=False) for topic in loads]
        if self.policy:
            group, events = self.names.group(f"{self.service}-follows"), self.names.events(self.service)
            made.append(Subscription("follows", group, self.policy, batch, topics=(events,)))
        return made

    def _commands(self, name: str, topic: str, types: Types, batch: int, *, urgent: bool) -> Subscription:
        group = self.names.group(self.service)
        handler = CommandHandler(self.processor, types, topic=topic, group=group)
        return Subscription(name, group, handler, batch, topics=(topic,), urgent=urgent, eager=urgent, gate=self.gate)

    async def _probe(self, _: BaseException) -> None:
        await self.processor.probe()

    async def ask(self, follow_ups: Sequence[FollowUp]) -> None:
        """Publish commands of the service's policy to the service itself."""
        if self.policy:
            await self.policy.ask(follow_ups)

    # -- life

    async def run(self) -> None:
        """Connect, publish what a crash left behind, consume; then keep house until cancelled."""
        await retry_on_outage(self._prepare, self.health, "starting")
        await self.consumers.start()
        await asyncio.gather(
            self.consumers.keep(),
            keep_sweeping(self.processor, self.gate, self.health),
            keep_forgetting(self.processor, self.consumers.dead_letters, self.settings, self.health),
            *(every(BACKGROUND_SECONDS, work, self.health, name) for name, work in self.background.items()),
            watch(self.publisher.reachable, self.health, "broker"),
            every(READ_EVERY_SECONDS, self.ring.refresh, Health(), "key ring"),
            every(certificates.READ_EVERY_SECONDS, self.settings.certificates.refresh, Health(), "certificates"),
            janitor(self.settings, self._topics_kept_short, self.names.group(self.service), hours=COMMANDS_KEPT_HOURS),
        )

    async def _prepare(self) -> None:
        own = (*outbox.INDEXES, *processed_commands.INDEXES, *dead_letters.INDEXES)
        await ensure_indexes(self.database, [*self.indexes, *own])
        await self.publisher.start()
        await self.processor.outbox.drain()

    async def _topics_kept_short(self) -> Sequence[str]:
        return self.command_topics

    async def stop(self) -> None:
        """Finish the batch in hand, leave the groups, disconnect."""
        await self.consumers.stop()
        await self.publisher.stop()
        self.client.close()

    def ready(self) -> dict[str, bool]:
        """Consuming every subscription, and waiting for nothing."""
        return self.consumers.ready()
