"""Copies of facts about persons and of rounds. Personal fields are fetched, checked for their age, and never stored."""

import time
from collections.abc import Iterable, Mapping, Sequence

from chassis.messaging.priority import in_slices
from chassis.messaging.subscription import Owns
from contracts import indicators, registry
from services.gateway.domain.copied_facts import subject_of
from services.gateway.domain.copies import Copy, Part
from services.gateway.exchange.copy_sender import CopySender, Outgoing, seconds_left, to_receivers
from services.gateway.exchange.events import Event, Planned, plan
from services.gateway.exchange.receivers import ours


def versions(planned: Iterable[Planned]) -> dict[str, int]:
    """Persons whose state decides what somebody gets, and the version at which they must at least be read.

    The version of an absorbed person's event is not the survivor's: that one is read as it is now.
    """
    wanted: dict[str, int] = {}
    for event, recipient in planned:
        if isinstance(event.body, registry.PersonEvent) and recipient.grant.needs_state:
            person = subject_of(event.body)
            version = event.envelope.sequence or 0 if person == event.body.person else 0
            wanted[person] = max(wanted.get(person, 0), version)
    return wanted


class PersonCopies(CopySender):
    """Of facts about persons, and of rounds."""

    async def deliver(self, events: Sequence[Event], owns: Owns) -> None:
        """Send every receiver its copies. Raises an outage, or TooSlow when what was fetched is too old by then: the
        events are taken again, fewer at once."""
        waiting = self._receivers.held_back | self._receivers.suspended()
        free = await self._receivers.keep_back(plan(self._routing(), events), waiting)
        outgoing = await self._made(free)
        await self._send(outgoing._replace(deliveries=ours(outgoing.deliveries, owns)))

    def is_suspended(self, receiver: str) -> bool:
        """Whether it gets nothing for now."""
        return receiver in self._receivers.suspended()

    async def release(self, planned: Sequence[Planned]) -> None:
        """Send copies that waited for the release of the day, in this order. Raises as `deliver`, and HeldAgain."""
        outgoing = await self._made(planned)
        await self._receivers.send_held(outgoing.deliveries, within=outgoing.within)

    async def _made(self, planned: Sequence[Planned], part: Part = "main") -> Outgoing:
        wanted = versions(planned)
        fetched = time.monotonic()
        conditional = any(recipient.grant.conditional for _, recipient in planned)
        states = await self._services.read_persons(wanted, stated=conditional)
        copies = await self._copies(planned, states)
        await self._store.disclose(disclosure for copy in copies for disclosure in copy.disclosures)
        return Outgoing(to_receivers(planned, copies, part), seconds_left(fetched if wanted else None))

    async def _copies(self, planned: Sequence[Planned], states: Mapping[str, registry.PersonState]) -> list[Copy]:
        copies = []
        async for event, recipient in in_slices(planned):
            if isinstance(event.body, registry.PersonEvent):
                state = states.get(subject_of(event.body))
                copies.append(self._builder.of_person(recipient, event.body, event.envelope, state))
            elif isinstance(event.body, indicators.RoundOpened):
                copies.append(self._builder.of_round(recipient, event.body, event.envelope))
        return copies
