"""What copies of every kind have in common: what they are made with, how fresh they go out, how they follow later."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chassis.messaging.publisher import SEND_SECONDS
from chassis.messaging.retry import Outage, TooSlow
from services.gateway.clients import Services
from services.gateway.domain.copies import Copy, CopyBuilder, Part
from services.gateway.domain.routing import Routing
from services.gateway.exchange.events import Event, Planned, plan
from services.gateway.exchange.receivers import Receivers, ToReceiver
from services.gateway.store import Store

FRESH_SECONDS = 5.0
"""What was fetched longer ago is not sent."""


class Outgoing(NamedTuple):
    """Copies that are on record, and the seconds that are left to send them."""

    deliveries: Sequence[ToReceiver]
    within: float


@dataclass
class CopySender(ABC):
    """`_routing` gives who gets what at this moment."""

    _builder: CopyBuilder
    _services: Services
    _store: Store
    _receivers: Receivers
    _routing: Callable[[], Routing]

    @abstractmethod
    async def _made(self, planned: Sequence[Planned], part: Part = "main") -> Outgoing:
        """Copies, put on record. Raises an outage, or TooSlow when what was fetched is too old by then."""

    async def redeliver(self, events: Sequence[Event], receiver: str, part: Part) -> None:
        """One receiver's copies of events that were held back, or its successor's: it was given none of them.

        Raises HeldAgain, an outage, or TooSlow.
        """
        routing = self._routing()
        outgoing = await self._made(plan(routing, events, only=routing.now(receiver)), part)
        try:
            await self._receivers.send_held(outgoing.deliveries, within=outgoing.within)
        except Outage:
            _blame_fetching(outgoing.within)
            raise

    async def _send(self, outgoing: Outgoing) -> None:
        """Raises an outage, or TooSlow where fetching left too little time: fewer at once may be in time."""
        try:
            await self._receivers.send(outgoing.deliveries, within=outgoing.within)
        except Outage:
            _blame_fetching(outgoing.within)
            raise


def _blame_fetching(within: float) -> None:
    if within < FRESH_SECONDS / 2:
        raise TooSlow from None


def seconds_left(fetched: float | None) -> float:
    """Seconds left to send what was fetched then (monotonic; None where nothing was). Raises TooSlow for none."""
    if fetched is None:
        return SEND_SECONDS
    left = FRESH_SECONDS - (time.monotonic() - fetched)
    if left <= 0:
        raise TooSlow
    return left


def to_receivers(planned: Sequence[Planned], copies: Sequence[Copy], part: Part = "main") -> list[ToReceiver]:
    """Each copy with the receiver it is for and the event it is made of; both in the order of `planned`."""
    pairs = zip(planned, copies, strict=True)
    return [ToReceiver(recipient.receiver, copy.message, event, part) for (event, recipient), copy in pairs]
