"""One exchange as a running process: the subscriptions of one lane, and what keeps them going."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chassis.messaging import dead_letters
from chassis.messaging.consumers import Consumers
from chassis.messaging.publisher import Publisher
from chassis.messaging.retention import janitor
from chassis.messaging.retry import Health, every, retry_on_outage, watch
from chassis.messaging.subscription import Handler, Subscription
from chassis.mongo import Client, connect, ensure_indexes
from chassis.security import certificates
from chassis.security.keys import READ_EVERY_SECONDS, KeyRing
from chassis.security.sealing import LocalCipher
from chassis.settings import Settings
from contracts.topics import Names
from services.gateway import store
from services.gateway.audit.publication import Publication
from services.gateway.audit.sequencer import LOOK_SECONDS, Sequencer, keep_log, look_for_overdue
from services.gateway.calls import Unexpected
from services.gateway.clients import Services
from services.gateway.directory import Directory
from services.gateway.domain.copies import CopyBuilder
from services.gateway.domain.organisations import is_held
from services.gateway.exchange.alert_copies import AlertCopies
from services.gateway.exchange.connections import Connections
from services.gateway.exchange.daily_release import DailyRelease
from services.gateway.exchange.event_log import EventLog
from services.gateway.exchange.intake import Intake
from services.gateway.exchange.person_copies import PersonCopies
from services.gateway.exchange.receivers import Receivers
from services.gateway.exchange.release import Release
from services.gateway.exchange.service_messages import ServiceMessages
from services.gateway.settlement import INDEXES as SETTLEMENT_INDEXES
from services.gateway.settlement import Settlement
from services.gateway.store import disclosure_index, held_back, transparency
from services.gateway.store.daily_releases import DailyReleases
from services.gateway.store.disclosure_index import DisclosureIndex
from services.gateway.store.held_back import HeldBackStore
from services.gateway.store.transparency import TransparencyStore

LOAD, URGENT = 250, 50
"""Records per batch: small where people wait, so that an alert waits for few others."""
REFRESH_SECONDS, COMPLETE_SECONDS, RELEASE_SECONDS = 3.0, 1.0, 5.0
DAILY_SECONDS = 5.0
"""How often it is looked whether the day's release is due, and whether a new agreement is released by the day."""
KEPT_HOURS, OUTCOMES_KEPT_HOURS = 72.0, 7 * 24.0
SPEAKING = {False: ("registry", "indicators"), True: ("alerts",)}
"""Services whose outcomes and events each exchange reads: loads, or what is urgent."""


class Exchange:
    """Everything of one exchange process that runs beside its HTTP app.

    `addresses` are those of the services; `urgent`: the one of alerts, whose event loop no load shares. The other one
    settles the gateway's own commands, beginning with the agreements of `adopted`, and keeps the transparency log,
    under `log_name` and in `log_folder`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        addresses: Mapping[str, str],
        urgent: bool,
        log_name: str,
        log_folder: Path | None = None,
        adopted: Path | None = None,
    ) -> None:
        self.settings, self.names, self.urgent = settings, Names(settings.topic_prefix), urgent
        self.ring, self.health = KeyRing.load(settings.keys), Health()
        self.client: Client = connect(settings)
        self.database = self.client[settings.mongo_database]
        self.log = TransparencyStore(self.client, self.database)
        self.sequencer = None if urgent else Sequencer(self.log, self.ring.secret("audit"), log_name)
        self.index = DisclosureIndex(self.database)
        self.publication = Publication(self.log, log_folder)
        self.services = Services(addresses, self.ring, settings.client_tls)
        self.directory, self._adopted = Directory(settings, self.names, adopts=adopted is not None), adopted
        organisations = self.directory.organisations
        self.connections = Connections(settings, self.names, self.directory.agreements, organisations)
        cipher = LocalCipher(self.ring, "parking")
        linger = 0 if urgent else 5
        self.publishers = [Publisher(settings, linger_ms=linger), Publisher(settings, linger_ms=linger)]  # in, out
        self.settlement = None if urgent else self._settlement()
        held_back_store = HeldBackStore(self.database, cipher, urgent=urgent)
        self.receivers = Receivers(self.publishers[1], held_back_store, self._suspended, defers=urgent)
        self.copies = self._copies()
        self.held_back = Release(self.publishers[1], held_back_store, self.receivers, self.copies.redeliver)
        self.consumers = Consumers(
            settings,
            [
                self._intake(),
                self._service_messages(ServiceMessages(self.ring, self.names, self.receivers, self.copies)),
                *([self.settlement.subscription] if self.settlement else []),
            ],
            database=self.database,
            cipher=cipher,
            probe=self._probe,
            health=self.health,
        )

    def _settlement(self) -> Settlement:
        publisher = self.publishers[0]
        return Settlement(self.settings, self.names, self.ring, self.client, self.database, publisher)

    def _copies(self) -> PersonCopies | AlertCopies:
        kind = AlertCopies if self.urgent else PersonCopies
        builder, stored = CopyBuilder(self.ring, self.names), store.Store(self.database)
        return kind(builder, self.services, stored, self.receivers, lambda: self.connections.routing)

    @property
    def group(self) -> str:
        """Of all its subscriptions."""
        return self.names.group("gateway-exchange-urgent" if self.urgent else "gateway-exchange")

    def _intake(self) -> Subscription:
        """Partners choose their keys freely: they bind nothing."""
        handler = Intake(
            self.ring, self.names, self.publishers[0], self.receivers, self.services, self._note_topics,
            lambda: self.connections.routing, self.directory.organisations, urgent=self.urgent,
            trace_ratio=self.settings.trace_ratio,
        )  # fmt: skip
        pattern = self.names.intake_pattern(urgent=self.urgent)
        return self._subscription(
            "intake", handler, pattern=pattern, keyed=False, settled=self._settled, waits=self._waits
        )

    def _suspended(self) -> frozenset[str]:
        return self.directory.organisations().suspended

    def _waits(self, topic: str) -> bool:
        return is_held(self.directory.organisations(), self.names, topic)

    def _service_messages(self, handler: Handler) -> Subscription:
        """The keys are ids of aggregates: what comes after a dead letter of one waits behind it."""
        topics = (*self._outcomes, *self._events)
        return self._subscription("outgoing", handler, topics=topics, keyed=True, settled=self._settled)

    def _settled(self) -> bool:
        return not isinstance(self.copies, AlertCopies) or self.copies.settled()

    def _subscription(self, name: str, handler: Handler, *, keyed: bool, **more: Any) -> Subscription:
        records = URGENT if self.urgent else LOAD
        return Subscription(name, self.group, handler, records, keyed=keyed, eager=self.urgent, **more)

    @property
    def _outcomes(self) -> list[str]:
        return [self.names.outcomes(service) for service in SPEAKING[self.urgent]]

    @property
    def _events(self) -> list[str]:
        return [self.names.events(service) for service in SPEAKING[self.urgent]]

    async def _note_topics(self, topics: set[str]) -> None:
        """Who has just connected is told of what comes after its first record."""
        if not self.connections.topics.issuperset(topics):
            await self.connections.refresh()

    async def _probe(self, error: BaseException) -> None:
        """Raises unless the database takes a write, the broker answers, and so does the service that failed."""
        document = {"_id": f"probe of {self.group}", "at": datetime.now(UTC)}
        await self.database["probes"].replace_one({"_id": document["_id"]}, document, upsert=True)
        await self.connections.refresh()
        if isinstance(error, Unexpected):
            await self.services.probe()

    # -- life

    async def run(self) -> None:
        """Connect, learn who gets what, and consume; then keep house until cancelled."""
        await retry_on_outage(self._prepare, self.health, "starting")
        await asyncio.gather(self.directory.run(), self._consume())

    async def _consume(self) -> None:
        await self.directory.wait()
        await retry_on_outage(self._learn, self.health, "starting")
        await self.consumers.start()
        await asyncio.gather(
            self.consumers.keep(),
            watch(self.publishers[0].reachable, self.health, "broker"),
            every(READ_EVERY_SECONDS, self.ring.refresh, Health(), "key ring"),
            every(certificates.READ_EVERY_SECONDS, self.settings.certificates.refresh, Health(), "certificates"),
            every(REFRESH_SECONDS, self.connections.refresh, self.health, "connections"),
            every(RELEASE_SECONDS, self._release, self.health, "held back"),
            *self._releasing(),
            *([self.settlement.keep(self.consumers, self.health)] if self.settlement else []),
            self._audit(),
            *self._completing(),
            *self._janitors(),
        )

    async def _prepare(self) -> None:
        await ensure_indexes(
            self.database,
            [
                *store.INDEXES,
                *transparency.INDEXES,
                *disclosure_index.INDEXES,
                *held_back.INDEXES,
                *dead_letters.INDEXES,
                *SETTLEMENT_INDEXES,
            ],
        )
        for publisher in self.publishers:
            await publisher.start()
        if self.settlement:
            await self.settlement.prepare(self._adopted)

    async def _learn(self) -> None:
        await self.connections.refresh()
        await self.receivers.load()

    async def _release(self) -> None:
        routing = self.connections.routing
        await self.held_back.release(lambda receiver: routing.now(receiver) in routing.connected)

    async def _audit(self) -> None:
        if self.sequencer is None:
            await every(LOOK_SECONDS, lambda: look_for_overdue(self.log), self.health, "looking for disclosures")
        else:
            await keep_log(self.sequencer, self.log, self.index, self.publication, self.health)

    def _releasing(self) -> list[Awaitable[None]]:
        if not isinstance(self.copies, PersonCopies):
            return []
        log = EventLog(self.settings, self.names.events("registry"))
        daily = DailyRelease(
            self.ring, self.copies, DailyReleases(self.database), log, lambda: self.connections.routing
        )
        return [every(DAILY_SECONDS, daily.run_due, self.health, "daily release")]

    def _completing(self) -> list[Awaitable[None]]:
        if not isinstance(self.copies, AlertCopies):
            return []
        return [every(COMPLETE_SECONDS, self.copies.complete, self.health, "completing alerts")]

    def _janitors(self) -> list[Awaitable[None]]:
        async def intake() -> Sequence[str]:
            return self.connections.intake_topics(urgent=self.urgent)

        async def outcomes() -> Sequence[str]:
            return self._outcomes

        return [
            janitor(self.settings, intake, self.group, hours=KEPT_HOURS),
            janitor(self.settings, outcomes, self.group, hours=OUTCOMES_KEPT_HOURS),
        ]

    async def stop(self) -> None:
        """Finish the batches in hand, leave the groups, disconnect."""
        await self.consumers.stop()
        await asyncio.gather(*(publisher.stop() for publisher in self.publishers))
        await self.connections.close()
        await self.services.close()
        self.client.close()

    def ready(self) -> dict[str, bool]:
        """Consuming every subscription, knowing who gets what, and waiting for nothing."""
        return self.consumers.ready() | {"agreements": self.directory.ready}
