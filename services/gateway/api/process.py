"""The api as a running process: what its routes work with, and what runs beside them."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

from fastapi import APIRouter

from chassis.commands.processed_commands import ProcessedCommands
from chassis.messaging.publisher import Publisher
from chassis.messaging.retry import Health, every, retry_on_outage, watch
from chassis.mongo import connect, ensure_indexes
from chassis.security import certificates, keys
from chassis.security.keys import KeyRing
from chassis.settings import Settings
from contracts.topics import SERVICES, Names
from services.gateway import store
from services.gateway.api import (
    agreement_decisions,
    agreement_reasons,
    agreements,
    alert_reports,
    alert_steps,
    alerts,
    answers,
    disclosure_log,
    duplicate_figures,
    duplicates,
    emergency_reviews,
    events,
    facts,
    identity_decisions,
    me,
    merges,
    offers,
    operators,
    organisation_changes,
    outcomes,
    persons,
    rounds,
    simulations,
    stream,
)
from services.gateway.api import organisations as organisation_routes
from services.gateway.api.caller import authenticated
from services.gateway.api.mailbox import Mailbox
from services.gateway.api.rate_limits import RateLimits, within_limits
from services.gateway.api.simulations import Simulator
from services.gateway.api.stream_cursors import StreamCursors
from services.gateway.api.submit_and_wait import Submit
from services.gateway.api.topic_reader import TopicReader
from services.gateway.audit.sequencer import LOOK_SECONDS, look_for_overdue
from services.gateway.clients import Services
from services.gateway.directory import CurrentRouting, Directory
from services.gateway.domain.organisations import Institution
from services.gateway.outcome_watch import OutcomeWatch
from services.gateway.store import disclosure_index, transparency
from services.gateway.store.agreements import AgreementStore
from services.gateway.store.disclosure_index import DisclosureIndex
from services.gateway.store.simulations import Simulations
from services.gateway.store.token_denials import TokenDenials
from services.gateway.tokens import Tokens
from services.gateway.tokens.denied import READ_EVERY_SECONDS
from services.gateway.topics import Topics, confluent_options


class Api:
    """Everything of the api process; `addresses` are those of the services, `write_wait` is in seconds (Submit).

    `adopts`: the installation begins with agreements (Directory). Raises MissingKey for an incomplete key ring.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        addresses: Mapping[str, str],
        tokens: Tokens,
        limits: RateLimits,
        write_wait: float,
        adopts: bool,
    ) -> None:
        self.names, self.ring = Names(settings.topic_prefix), KeyRing.load(settings.keys)
        self.certificates = settings.certificates
        self.client = connect(settings)
        self.database = self.client[settings.mongo_database]
        self.denials = TokenDenials(self.database)
        self.directory = Directory(settings, self.names, adopts=adopts)
        self.services = Services(addresses, self.ring, settings.client_tls)
        self.publisher = Publisher(settings, linger_ms=0)
        self.watch = OutcomeWatch(settings, [self.names.outcomes(service) for service in SERVICES])
        self.topics = Topics(settings)
        self.reader = TopicReader(settings, self.names, self.topics)
        self.mailbox = Mailbox(settings, self.names, self.topics)
        kafka = confluent_options(settings) | {"group.id": self.names.group("gateway-simulation")}
        self.simulator = Simulator(kafka, self.names.events("registry"), Simulations(self.database))
        tokens.organisations = self.directory.organisations
        self.tokens, self.health, self.started = tokens, Health(), False
        self._write_wait, self.limits = write_wait, limits

    def routers(self) -> list[APIRouter]:
        """Every route under /v1."""
        identify = within_limits(authenticated(self.tokens), self.limits)
        submit = Submit(
            ring=self.ring, names=self.names, publisher=self.publisher, watch=self.watch, wait=self._write_wait
        )
        organisations = self.directory.organisations
        disclosures = store.Store(self.database)
        routing = CurrentRouting(self.directory.agreements, organisations=organisations)
        records, processed = AgreementStore(self.database), ProcessedCommands(self.database)
        return [
            facts.router(identify, self.ring, submit),
            persons.router(identify, self.ring, self.services, disclosures, routing),
            rounds.router(identify, self.ring, self.services, submit, self._institutions),
            answers.router(identify, self.ring, self.services, submit, self._institutions),
            alerts.router(identify, self.ring, self.services, disclosures, routing),
            alert_reports.router(identify, self.ring, self.services, disclosures, routing),
            alert_steps.router(identify, self.ring, self.services, submit, routing),
            emergency_reviews.router(identify, self.ring, self.services, submit),
            duplicate_figures.router(identify, self.ring, self.services),
            duplicates.router(identify, self.ring, self.services, disclosures, routing),
            identity_decisions.router(identify, submit),
            merges.router(identify, self.ring, submit),
            offers.router(identify, self.ring, self.services, submit, disclosures),
            disclosure_log.router(identify, self.ring, disclosures, DisclosureIndex(self.database)),
            agreement_reasons.router(identify, self.ring, self.directory.agreements),
            agreements.router(identify, self.ring, records),
            agreement_decisions.router(identify, self.ring, submit),
            simulations.router(identify, self.ring, self.directory, self.simulator),
            outcomes.router(identify, self.ring, self.services, processed, records),
            events.router(
                identify,
                self.ring,
                self.names,
                self.topics,
                self.publisher,
                self.mailbox,
                self.tokens.why_over,
                lambda code, moment: organisations().record_principal(code, moment),
            ),
            stream.router(identify, self.reader, StreamCursors(self.ring), self.tokens.why_over),
            me.router(identify, organisations),
            organisation_routes.router(identify, organisations),
            organisation_changes.router(identify, submit),
            operators.router(self.tokens, self.ring, self.denials),
        ]

    def _institutions(self) -> Mapping[str, Institution]:
        return self.directory.organisations().at(datetime.now(UTC))

    async def run(self) -> None:
        """Connect, then read outcomes and events until cancelled."""
        await retry_on_outage(self._prepare, self.health, "starting")
        self.started = True
        log = transparency.TransparencyStore(self.client, self.database)
        await asyncio.gather(
            self.watch.run(), self.reader.run(), self.directory.run(),
            watch(self.publisher.reachable, self.health, "broker"),
            every(READ_EVERY_SECONDS, self._read_denials, self.health, "token denials"),
            every(LOOK_SECONDS, partial(look_for_overdue, log), self.health, "looking for disclosures"),
            every(keys.READ_EVERY_SECONDS, self.ring.refresh, Health(), "key ring"),
            every(certificates.READ_EVERY_SECONDS, self.certificates.refresh, Health(), "certificates"),
        )  # fmt: skip

    async def _prepare(self) -> None:
        await ensure_indexes(self.database, [*store.INDEXES, *transparency.INDEXES, *disclosure_index.INDEXES])
        await self._read_denials()
        await self.publisher.start()

    async def _read_denials(self) -> None:
        self.tokens.denied.replace(await self.denials.list_all())

    async def stop(self) -> None:
        """Disconnect."""
        await self.simulator.stop()
        await self.mailbox.close()
        await self.publisher.stop()
        await self.services.close()
        self.client.close()

    def ready(self) -> dict[str, bool]:
        """Positioned on outcomes and events, so that nothing that a caller waits for is missed; its broker answers."""
        positioned = {"outcomes": self.watch.positioned, "events": self.reader.ready}
        positioned |= {"agreements": self.directory.ready}
        return {"started": self.started, "servers": self.health.well} | positioned
