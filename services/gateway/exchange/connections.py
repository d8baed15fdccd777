"""Which organisations are connected: those that have a topic of their own to read."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from prometheus_client import Gauge

from chassis.messaging.kafka import client_options, quietly
from chassis.settings import Settings
from contracts.topics import Names
from services.gateway.directory import CurrentRouting
from services.gateway.domain.agreements import Agreement
from services.gateway.domain.organisations import Organisations
from services.gateway.domain.routing import Routing

CONNECTED = Gauge("simpul_partner_connected", "1 while copies are made for a partner", ["organisation"])


class Connections:
    """Asks the broker for its topics."""

    def __init__(
        self, settings: Settings, names: Names, agreements: Callable[[], Sequence[Agreement]],
        organisations: Callable[[], Organisations] = Organisations,
    ) -> None:  # fmt: skip
        self._options, self._names, self._organisations = client_options(settings), names, organisations
        self.current = CurrentRouting(agreements, organisations=organisations)
        self._admin: Any = None
        self._asking = asyncio.Lock()
        self.topics: frozenset[str] = frozenset()

    @property
    def routing(self) -> Routing:
        """Who gets what at this moment."""
        return self.current()

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
        connected = frozenset(code for code in self._codes if self._reads(code))
        for code in connected | self.current.connected:
            CONNECTED.labels(code).set(code in connected)
        self.current.connected = connected

    def _reads(self, organisation: str) -> bool:
        """Whether it has both of the topics that it reads: one alone is being made, or being removed."""
        return all(self._names.delivery(organisation, urgent=urgent) in self.topics for urgent in (False, True))

    @property
    def _codes(self) -> Sequence[str]:
        return self._organisations().codes

    def intake_topics(self, *, urgent: bool) -> Sequence[str]:
        """Topics that partners write to."""
        return [name for code in self._codes if (name := self._names.intake(code, urgent=urgent)) in self.topics]

    async def close(self) -> None:
        """Disconnect."""
        if self._admin is not None:
            admin, self._admin = self._admin, None
            await quietly(admin.close())
