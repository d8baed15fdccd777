"""Which organisations are connected: those that have a topic of their own to read."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from prometheus_client import Gauge

from chassis.messaging.kafka import client_options, quietly
from chassis.settings import Settings
from contracts import codes
from contracts.model import WIB
from contracts.topics import Names
from services.gateway.domain.agreements import Agreement
from services.gateway.domain.routing import Routing

CONNECTED = Gauge("simpul_partner_connected", "1 while copies are made for a partner", ["organisation"])


class Connections:
    """Asks the broker for its topics; `routing` holds until organisations connect, or a new day begins in WIB."""

    def __init__(self, settings: Settings, names: Names, agreements: Sequence[Agreement]) -> None:
        self._options, self._names, self._agreements = client_options(settings), names, agreements
        self._admin: Any = None
        self._asking = asyncio.Lock()
        self.topics: frozenset[str] = frozenset()
        self.routing = Routing((), frozenset(), datetime.now(WIB).date())

    async def refresh(self) -> None:
        """Raises KafkaError while the broker is away. Whoever asks meanwhile waits for its turn."""
        async with self._asking:
            await self._refresh()

    async def _refresh(self) -> None:
        try:
            if self._admin is None:
                self._admin = AIOKafkaAdminClient(**self._options)
                await self._admin.start()
            self.topics = frozenset(await self._admin.list_topics())
        except KafkaError:
            await self.close()
            raise
        connected = frozenset(code for code in codes.organisations() if self._reads(code))
        for code in connected | self.routing.connected:
            CONNECTED.labels(code).set(code in connected)
        today = datetime.now(WIB).date()
        if connected != self.routing.connected or today != self.routing.today:
            self.routing = Routing(self._agreements, connected, today)

    def _reads(self, organisation: str) -> bool:
        """Whether it has both of the topics that it reads: one alone is being made, or being removed."""
        return all(self._names.delivery(organisation, urgent=urgent) in self.topics for urgent in (False, True))

    def intake_topics(self, *, urgent: bool) -> Sequence[str]:
        """Topics that partners write to."""
        return [
            name for code in codes.organisations() if (name := self._names.intake(code, urgent=urgent)) in self.topics
        ]

    async def close(self) -> None:
        """Disconnect."""
        if self._admin is not None:
            admin, self._admin = self._admin, None
            await quietly(admin.close())
