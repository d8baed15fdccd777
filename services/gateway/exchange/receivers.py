"""Sending to receivers: the fault of one receiver's topic holds that receiver back and nobody else."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from prometheus_client import Gauge

from chassis import telemetry
from chassis.messaging.message import Message
from chassis.messaging.publisher import SEND_SECONDS, Publisher
from chassis.messaging.record import Record
from chassis.messaging.retry import failure_of, is_outage
from services.gateway.domain.copies import Part
from services.gateway.exchange.events import Event, Planned
from services.gateway.store.held_back import HeldBack, HeldBackStore, Kind

HELD_BACK = Gauge("simpul_receivers_held_back", "1 while a receiver's topic takes nothing", ["receiver"])

KEEP_SECONDS = 0.2
"""How long an alert waits for the database to keep what another receiver cannot be sent."""


@dataclass(frozen=True, slots=True)
class ToReceiver:
    """One message for one receiver; `event` is what a copy is made of, and None for a receipt. `part`: which copy."""

    receiver: str
    message: Message
    event: Event | None = None
    part: Part = "main"


KINDS: Mapping[Part, Kind] = {"main": "event", "completion": "completion"}


class HeldAgain(Exception):
    """The receiver's topic still takes nothing."""


class Receivers:
    """Sends, and keeps what a receiver's topic does not take: a topic that is missing, or not ours to write.

    What is for a receiver that is `suspended` is kept too, and goes out when that is over. With `defers` nobody waits
    for a database that is away: what it did not take follows by `flush`, and until then nothing is `settled`.
    """

    def __init__(
        self, publisher: Publisher, store: HeldBackStore, suspended: Callable[[], Set[str]] = frozenset,
        *, defers: bool = False,
    ) -> None:  # fmt: skip
        self._publisher, self._store, self.suspended = publisher, store, suspended
        self.held_back: set[str] = set()
        self._kept_meanwhile: set[str] = set()
        self._defers, self._unkept, self._flushing = defers, list[HeldBack](), asyncio.Lock()

    @property
    def settled(self) -> bool:
        """False while something is kept nowhere but here: what it is made of may not be acknowledged."""
        return not self._unkept

    async def flush(self) -> None:
        """Keep what the database did not take, in order. Raises an outage."""
        async with self._flushing:
            while unkept := list(self._unkept):
                await self._store.put(unkept)
                self._drop(unkept)

    def _drop(self, gone: Sequence[HeldBack]) -> None:
        ids = {id(held) for held in gone}
        self._unkept = [held for held in self._unkept if id(held) not in ids]

    async def load(self) -> None:
        """Know for whom something is held back, also by other processes."""
        self._kept_meanwhile = set()
        receivers = await self._store.receivers()
        self._mark(receivers | self._kept_meanwhile | {held.receiver for held in self._unkept})

    def _mark(self, receivers: set[str]) -> None:
        for receiver in self.held_back | receivers:
            HELD_BACK.labels(receiver).set(receiver in receivers)
        self.held_back = receivers

    async def keep(self, kept: Sequence[HeldBack]) -> None:
        """Behind what is held back; known here even where the list of receivers is being read meanwhile."""
        receivers = {held.receiver for held in kept}
        if not self._defers:
            await self._store.put(kept)
        elif kept:
            await self._keep_at_once(kept)
        self._kept_meanwhile |= receivers
        self._mark(self.held_back | receivers)

    async def _keep_at_once(self, kept: Sequence[HeldBack]) -> None:
        self._unkept += kept
        error = await failure_of(asyncio.wait_for(self.flush(), KEEP_SECONDS))
        if error is None:
            return
        if not is_outage(error):
            self._drop(kept)
            raise error
        telemetry.log.error("not_kept_yet", error=type(error).__name__, waiting=len(self._unkept))

    async def close(self, receiver: str) -> None:
        """It takes everything again, if nothing is held back any more."""
        self._kept_meanwhile = set()
        if await self._store.close(receiver):
            kept = self._kept_meanwhile | {held.receiver for held in self._unkept}
            self._mark(self.held_back - ({receiver} - kept))

    def takes(self, receiver: str) -> bool:
        """False while something is held back for this receiver: what is newer must wait behind it."""
        return receiver not in self.held_back and receiver not in self.suspended()

    async def keep_back(self, planned: Sequence[Planned], receivers: Set[str], part: Part = "main") -> list[Planned]:
        """Keep the events of which these receivers would get copies; returns the rest. For them nothing is read.

        Whoever has to wait only now is found out when the rest is sent, and what is for it is kept then.
        """
        kept = [(event, recipient.receiver) for event, recipient in planned if recipient.receiver in receivers]
        if kept:
            await self.keep([_kept_event(receiver, event, part) for event, receiver in kept])
        return [(event, recipient) for event, recipient in planned if recipient.receiver not in receivers]

    async def send(self, outgoing: Sequence[ToReceiver], *, within: float = SEND_SECONDS) -> None:
        """Send in order, and hold back what a receiver's topic does not take. Raises an outage."""
        free = [delivery for delivery in outgoing if self.takes(delivery.receiver)]
        faults = await self._publisher.send_each([delivery.message for delivery in free], within=within)
        for delivery in outgoing:
            if delivery.message.topic in faults and self.takes(delivery.receiver):
                error = faults[delivery.message.topic]
                telemetry.log.error("receiver_held_back", receiver=delivery.receiver, error=type(error).__name__)
                self._mark(self.held_back | {delivery.receiver})
        sent = {id(delivery) for delivery in free if delivery.message.topic not in faults}
        await self.keep([_kept(delivery) for delivery in outgoing if id(delivery) not in sent])

    async def send_held(self, outgoing: Sequence[ToReceiver], *, within: float = SEND_SECONDS) -> None:
        """Send what was held back for one receiver. Raises HeldAgain, also of one suspended meanwhile, or an outage."""
        if any(delivery.receiver in self.suspended() for delivery in outgoing):
            raise HeldAgain
        if await self._publisher.send_each([delivery.message for delivery in outgoing], within=within):
            raise HeldAgain


def _kept(delivery: ToReceiver) -> HeldBack:
    if delivery.event is not None:
        return _kept_event(delivery.receiver, delivery.event, delivery.part)
    message = delivery.message
    headers = [*message.headers, ("topic", message.topic.encode())]
    name = next((value.decode() for header, value in message.headers if header == "ce_id"), "")
    return HeldBack(name, delivery.receiver, "message", headers, message.key, message.value)


def _kept_event(receiver: str, event: Event, part: Part) -> HeldBack:
    """An alert's completion is not its first copy, which may have gone out: receivers tell the two apart by id."""
    name, kind = event.envelope.id, KINDS[part]
    if part == "completion":
        name = f"{name}/completion"
    return HeldBack(name, receiver, kind, event.headers, None, event.value)


def ours(outgoing: Iterable[ToReceiver], owns: Callable[[Record], bool]) -> list[ToReceiver]:
    """Without those whose partition now belongs to another process, which makes them anew."""
    return [
        delivery
        for delivery in outgoing
        if delivery.event is None or delivery.event.record is None or owns(delivery.event.record)
    ]
