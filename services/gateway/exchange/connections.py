"""Which organisations are connected: those that have a topic of their own to read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from chassis.messaging.consumer import client_options, quietly
from chassis.settings import Settings
from contracts import codes
from contracts.model import WIB
from contracts.topics import Names
from services.gateway.domain.agreements import Agreement, Routing


class Connections:
    """Asks the broker for its topics; `selection` holds until organisations connect, or a new day begins in WIB."""

    def __init__(self, settings: Settings, names: Names, agreements: Sequence[Agreement]) -> None:
        self._options, self._names, self._agreements = client_options(settings), names, agreements
        self._admin: Any = None
        self.topics: frozenset[str] = frozenset()
        self.selection = Routing((), frozenset(), datetime.now(WIB).date())

    async def refresh(self) -> None:
        """Raises KafkaError while the broker is away."""
        try:
            if self._admin is None:
                self._admin = AIOKafkaAdminClient(**self._options)
                await self._admin.start()
            self.topics = frozenset(await self._admin.list_topics())
        except KafkaError:
            await self.close()
            raise
        found = frozenset(code for code in codes.organisations() if self._names.delivery(code) in self.topics)
        today = datetime.now(WIB).date()
        if found != self.selection.connected or today != self.selection.today:
            self.selection = Routing(self._agreements, found, today)

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
