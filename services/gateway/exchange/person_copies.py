"""Copies of facts about persons and of rounds. Personal fields are fetched, checked for their age, and never stored."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from chassis.messaging.priority import yield_to_loop
from chassis.messaging.publisher import SEND_SECONDS
from chassis.messaging.retry import TooSlow
from chassis.messaging.subscription import Owns
from contracts import indicators, registry
from services.gateway.clients import Services
from services.gateway.domain.copies import Copy, CopyBuilder, subject_of
from services.gateway.domain.routing import Routing
from services.gateway.exchange.events import Event, Planned, plan
from services.gateway.exchange.receivers import Receivers, ToReceiver, ours
from services.gateway.store import Store

FRESH_SECONDS = 5.0
"""What was fetched longer ago is not sent."""


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


def to_receivers(planned: Sequence[Planned], copies: Sequence[Copy]) -> list[ToReceiver]:
    """Each copy with the receiver it is for and the event it is made of; both in the order of `planned`."""
    pairs = zip(planned, copies, strict=True)
    return [ToReceiver(recipient.receiver, copy.message, event) for (event, recipient), copy in pairs]


class PersonCopies:
    """`routing` gives who gets what at this moment."""

    def __init__(
        self,
        copy_builder: CopyBuilder,
        services: Services,
        store: Store,
        receivers: Receivers,
        routing: Callable[[], Routing],
    ) -> None:
        self._builder, self._services, self._store = copy_builder, services, store
        self._receivers, self._routing = receivers, routing

    async def deliver(self, events: Sequence[Event], owns: Owns) -> None:
        """Send every receiver its copies. Raises an outage, or TooSlow when what was fetched is too old by then: the
        events are taken again, fewer at once."""
        planned = plan(self._routing(), events)
        for receiver in {recipient.receiver for _, recipient in planned} & self._receivers.held_back:
            await self._receivers.hold_events(
                receiver, [event for event, recipient in planned if recipient.receiver == receiver]
            )
        free = [(event, recipient) for event, recipient in planned if self._receivers.takes(recipient.receiver)]
        outgoing, within = await self._made(free)
        await self._receivers.send(ours(outgoing, owns), within=within)

    async def redeliver(self, events: Sequence[Event], receiver: str) -> None:
        """One receiver's copies of events that were held back. Raises as `deliver`, and HeldAgain."""
        outgoing, within = await self._made(plan(self._routing(), events, only=receiver))
        await self._receivers.send_held(outgoing, within=within)

    async def _made(self, planned: Sequence[Planned]) -> tuple[list[ToReceiver], float]:
        """The copies, put on record, and the seconds that are left to send them."""
        wanted = versions(planned)
        fetched = time.monotonic()
        conditional = any(recipient.grant.conditional for _, recipient in planned)
        states = await self._services.read_persons(wanted, stated=conditional)
        copies = await self._copies(planned, states)
        await self._store.disclose(disclosure for copy in copies for disclosure in copy.disclosures)
        left = FRESH_SECONDS - (time.monotonic() - fetched)
        if wanted and left <= 0:
            raise TooSlow
        return to_receivers(planned, copies), left if wanted else SEND_SECONDS

    async def _copies(self, planned: Sequence[Planned], states: Mapping[str, registry.PersonState]) -> list[Copy]:
        copies = []
        for index, (event, recipient) in enumerate(planned):
            await yield_to_loop(index)
            if isinstance(event.body, registry.PersonEvent):
                state = states.get(subject_of(event.body))
                copies.append(self._builder.of_person(recipient, event.body, event.envelope, state))
            elif isinstance(event.body, indicators.RoundOpened):
                copies.append(self._builder.of_round(recipient, event.body, event.envelope))
        return copies
