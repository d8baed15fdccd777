"""The gateway's own commands as one more subscription of a process, and what keeps their database short."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from chassis.commands import outbox, processed_commands
from chassis.commands.handler import CommandHandler
from chassis.commands.processor import CommandProcessor
from chassis.commands.types import Command
from chassis.commands.upkeep import COMMANDS_KEPT_HOURS, keep_forgetting, keep_sweeping
from chassis.messaging.consumers import Consumers
from chassis.messaging.priority import Gate
from chassis.messaging.publisher import Publisher
from chassis.messaging.retention import janitor
from chassis.messaging.retry import Health, LostRace, Outage, failure_of
from chassis.messaging.subscription import Subscription
from chassis.mongo import Client, Database, Index
from chassis.security.keys import KeyRing
from chassis.settings import Settings
from contracts.authority import GATEWAY_RULE, PLATFORM
from contracts.commands import Principal
from contracts.envelope import Envelope
from contracts.exchange import SOURCE
from contracts.gateway import AdoptAgreements, AgreementWordings
from contracts.topics import Names
from services.gateway.commands import TYPES, steps
from services.gateway.domain import agreements
from services.gateway.domain.agreement_record import terms_of, wording_of
from services.gateway.store import agreements as agreement_store
from services.gateway.store.agreements import AgreementStore
from services.gateway.store.organisations import OrganisationStore

SERVICE = "gateway"
INDEXES: Sequence[Index] = (*outbox.INDEXES, *processed_commands.INDEXES, *agreement_store.INDEXES)
BATCH = 50
RULE = Principal(organisation=PLATFORM, roles=(GATEWAY_RULE,))


class Settlement:
    """`subscription` settles commands under the group `gateway`; `prepare` comes before it, `keep` runs beside it."""

    def __init__(
        self, settings: Settings, names: Names, ring: KeyRing, client: Client, database: Database, publisher: Publisher
    ) -> None:
        self._settings, self._topic, self._group = settings, names.commands(SERVICE), names.group(SERVICE)
        self._store, self._gate = AgreementStore(database), Gate()
        own_steps = steps(self._store, OrganisationStore(database))
        self.processor = CommandProcessor(
            SERVICE, own_steps, client=client, database=database, publisher=publisher, ring=ring,
            events_topic=names.events(SERVICE), outcomes_topic=names.outcomes(SERVICE),
        )  # fmt: skip
        handler = CommandHandler(self.processor, TYPES, topic=self._topic, group=self._group)
        self.subscription = Subscription(
            "commands", self._group, handler, BATCH, topics=(self._topic,), eager=True, gate=self._gate
        )

    async def prepare(self, adopted: Path | None) -> None:
        """Publish what a crash left behind; where there is no agreement at all, adopt those of a file.

        Raises ValueError for a wrong file, or an outage.
        """
        await self.processor.outbox.drain()
        if adopted is None or await self._store.list_all():
            return
        error = await failure_of(self.processor.process([_adoption(adopted)], {}, again=True))
        if isinstance(error, LostRace):  # another process adopts it
            raise Outage(type(error).__name__)
        if error is not None:
            raise error
        if not await self._store.list_all():
            raise ValueError(f"the agreements of {adopted.name} do not follow each other: versions count from 1")

    async def keep(self, consumers: Consumers, health: Health) -> None:
        """Until cancelled: publish what a crash left behind, and delete what is old."""
        await asyncio.gather(
            keep_sweeping(self.processor, self._gate, health),
            keep_forgetting(self.processor, consumers.dead_letters, self._settings, health),
            janitor(self._settings, self._topics, self._group, hours=COMMANDS_KEPT_HOURS),
        )

    async def _topics(self) -> Sequence[str]:
        return [self._topic]


def _adoption(file: Path) -> Command:
    """The command that adopts a file; the same file makes the same command. Raises ValueError."""
    loaded = agreements.load(file)
    body = AdoptAgreements(agreements=tuple(terms_of(agreement) for agreement in loaded))
    wordings = AgreementWordings(agreements=tuple(wording_of(agreement) for agreement in loaded))
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    name = str(uuid5(NAMESPACE_OID, f"adopt/{digest}"))
    envelope = Envelope(id=name, source=SOURCE, type=body.type, time=datetime.now(UTC))
    return Command(name, body.type, digest, name.encode(), RULE, body, wordings, envelope)
