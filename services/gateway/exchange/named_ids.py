"""Ids of rounds and alerts that records name: they go on in clear, so only those pass that the platform made.

An id that a sender made up could hold a NIK.
"""

import asyncio
from collections.abc import Mapping, Sequence

from chassis.messaging.retry import Outage
from contracts import indicators, notifications
from contracts.outcomes import Problem, problem
from services.gateway.calls import Unexpected
from services.gateway.clients import Services
from services.gateway.outbound_commands import OutboundCommand

ASK_SECONDS = 1.0
"""How long a batch waits for the alerts service: a distress call may stand in it."""


class NotAnswered(Exception):
    """A service could not be asked; says which of the commands wait for it."""

    def __init__(self, service: str, error: BaseException, commands: Sequence[int]) -> None:
        super().__init__(f"{service}: {type(error).__name__}")
        self.commands = commands


class NamedIds:
    """Asks the service that makes the ids; a round that was there once stays there."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._rounds: set[str] = set()

    async def unknown(self, commands: Sequence[OutboundCommand]) -> Mapping[int, Problem]:
        """By place in the list, those that name what does not exist. Raises NotAnswered."""
        return await self._unknown_rounds(commands) | await self._unknown_alerts(commands)

    async def _unknown_rounds(self, commands: Sequence[OutboundCommand]) -> dict[int, Problem]:
        rounds = {
            index: command.draft.body.round
            for index, command in enumerate(commands)
            if isinstance(command.draft.body, indicators.SubmitAnswer)
        }
        unsure = [index for index, name in rounds.items() if name not in self._rounds]
        if unsure:
            try:
                self._rounds.update(summary.round for summary in (await self._services.list_rounds()).rounds)
            except (Outage, Unexpected) as error:
                raise NotAnswered("rounds", error, unsure) from None
        return {index: problem("not_found", "/round") for index in unsure if rounds[index] not in self._rounds}

    async def _unknown_alerts(self, commands: Sequence[OutboundCommand]) -> dict[int, Problem]:
        """Whether the sender may see an alert that exists, the service says when it settles: in the same words."""
        alerts = {
            index: command.draft.body.alert
            for index, command in enumerate(commands)
            if isinstance(command.draft.body, notifications.AcknowledgeAlert | notifications.ResolveAlert)
        }
        if not alerts:
            return {}
        try:
            async with asyncio.timeout(ASK_SECONDS):
                existing = await self._services.find_alerts(set(alerts.values()))
        except (TimeoutError, Outage, Unexpected) as error:
            raise NotAnswered("alerts", error, list(alerts)) from None
        return {index: problem("not_found", "/alert") for index, name in alerts.items() if name not in existing}
