"""Sending to receivers: the fault of one receiver's topic holds that receiver back and nobody else."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from prometheus_client import Counter, Gauge

from chassis import telemetry
from chassis.messaging.message import Message
from chassis.messaging.publisher import SEND_SECONDS, Publisher
from chassis.messaging.record import Record
from contracts.topics import PARTNER_KEPT_HOURS
from services.gateway.exchange.events import Event, decode
from services.gateway.store.held_back import HeldBack, HeldBackStore, Kind

AT_ONCE = 100
"""Things held back that are sent together."""

HELD_BACK = Gauge("simpul_receivers_held_back", "1 while a receiver's topic takes nothing", ["receiver"])
EXPIRED = Counter("simpul_held_back_expired_total", "Deliveries given up because their receiver was away too long")


@dataclass(frozen=True, slots=True)
class ToReceiver:
    """One message for one receiver; `event` is what a copy is made of, and None for a receipt."""

    receiver: str
    message: Message
    event: Event | None = None


CopiesOf = Callable[[Sequence[Event], str], Awaitable[None]]
"""Sends one receiver its copies of events, made anew. Raises HeldAgain when its topic still takes nothing."""


class HeldAgain(Exception):
    """The receiver's topic still takes nothing."""


class Receivers:
    """Sends, and keeps what a receiver's topic does not take: a topic that is missing, or not ours to write."""

    def __init__(self, publisher: Publisher, store: HeldBackStore) -> None:
        self._publisher, self._store = publisher, store
        self.held_back: set[str] = set()

    async def load(self) -> None:
        """Know for whom something is held back, also by other processes."""
        self._mark(await self._store.receivers())

    def _mark(self, receivers: set[str]) -> None:
        for receiver in self.held_back | receivers:
            HELD_BACK.labels(receiver).set(receiver in receivers)
        self.held_back = receivers

    def takes(self, receiver: str) -> bool:
        """False while something is held back for this receiver: what is newer must wait behind it."""
        return receiver not in self.held_back

    async def hold_events(self, receiver: str, events: Iterable[Event]) -> None:
        """Keep events of which this receiver gets no copy now."""
        await self._store.put([_kept_event(receiver, event) for event in events])
        self._mark(self.held_back | {receiver})

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
        await self._store.put([_kept(delivery) for delivery in outgoing if id(delivery) not in sent])

    async def send_held(self, outgoing: Sequence[ToReceiver], *, within: float = SEND_SECONDS) -> None:
        """Send what was held back for one receiver. Raises HeldAgain, or an outage."""
        if await self._publisher.send_each([delivery.message for delivery in outgoing], within=within):
            raise HeldAgain

    # -- what is held back

    async def release(self, connected: Callable[[str], bool], copies_of: CopiesOf) -> None:
        """Try to send what is held back for whoever is connected, in order; forget what is too old."""
        before = datetime.now(UTC) - timedelta(hours=PARTNER_KEPT_HOURS)
        EXPIRED.inc(await self._store.forget(before))
        await self.load()
        for receiver in sorted(self.held_back):
            if connected(receiver):
                await self._release_one(receiver, copies_of)
        await self.load()

    async def _release_one(self, receiver: str, copies_of: CopiesOf) -> None:
        while kept := await self._store.first(receiver, AT_ONCE):
            for kind, run in _runs(kept):
                try:
                    await self._release_run(kind, run, copies_of)
                except HeldAgain:
                    return
                await self._store.remove(run)
                await asyncio.sleep(0)

    async def _release_run(self, kind: Kind, run: Sequence[HeldBack], copies_of: CopiesOf) -> None:
        if kind == "event":
            await copies_of([decode(held.headers, held.value) for held in run], run[0].receiver)
        elif await self._publisher.send_each([_message(held) for held in run]):
            raise HeldAgain


def _runs(kept: Sequence[HeldBack]) -> Iterable[tuple[Kind, list[HeldBack]]]:
    """Neighbours of one kind together, so that order is kept."""
    run: list[HeldBack] = []
    for held in kept:
        if run and run[-1].kind != held.kind:
            yield run[0].kind, run
            run = []
        run.append(held)
    if run:
        yield run[0].kind, run


def _kept(delivery: ToReceiver) -> HeldBack:
    if delivery.event is not None:
        return _kept_event(delivery.receiver, delivery.event)
    message = delivery.message
    headers = [*message.headers, ("topic", message.topic.encode())]
    name = next((value.decode() for header, value in message.headers if header == "ce_id"), "")
    return HeldBack(name, delivery.receiver, "message", headers, message.key, message.value)


def _kept_event(receiver: str, event: Event) -> HeldBack:
    return HeldBack(event.envelope.id, receiver, "event", event.headers, None, event.value)


def _message(kept: HeldBack) -> Message:
    topic = next(value for name, value in kept.headers if name == "topic" and value is not None)
    headers = [(name, value) for name, value in kept.headers if name != "topic" and value is not None]
    return Message(topic.decode(), kept.key, kept.value, headers)


def ours(outgoing: Iterable[ToReceiver], owns: Callable[[Record], bool]) -> list[ToReceiver]:
    """Without those whose partition now belongs to another process, which makes them anew."""
    return [
        delivery
        for delivery in outgoing
        if delivery.event is None or delivery.event.record is None or owns(delivery.event.record)
    ]
