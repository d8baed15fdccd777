"""What was held back goes out as soon as its receiver's topic takes it, in order; what is too old is given up."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from prometheus_client import Counter

from chassis import telemetry
from chassis.messaging.message import Message
from chassis.messaging.publisher import Publisher
from chassis.messaging.retry import TooSlow, failure_of, is_outage
from contracts import envelope as envelopes
from contracts.topics import PARTNER_KEPT_HOURS
from services.gateway.domain.copies import Part
from services.gateway.exchange.events import Event, decode
from services.gateway.exchange.receivers import KINDS, HeldAgain, Receivers
from services.gateway.store.held_back import HeldBack, HeldBackStore, Kind

AT_ONCE = 100
"""Things held back that are sent together."""
MOST_STUCK = 10
"""So many that fail by themselves are passed over for each receiver; beyond that the fault is hardly theirs."""

EXPIRED = Counter("simpul_held_back_expired_total", "Deliveries given up because their receiver was away too long")
PARTS: dict[Kind, Part] = {kind: part for part, kind in KINDS.items()}

CopiesOf = Callable[[Sequence[Event], str, Part], Awaitable[None]]
"""Sends one receiver its copies of events, made anew. Raises HeldAgain when its topic still takes nothing."""


class Release:
    """One pass over what is held back, for each receiver by itself."""

    def __init__(self, publisher: Publisher, store: HeldBackStore, receivers: Receivers, copies_of: CopiesOf) -> None:
        self._publisher, self._store = publisher, store
        self._receivers, self._copies_of = receivers, copies_of

    async def release(self, connected: Callable[[str], bool]) -> None:
        """Try to send what is held back for whoever is connected, in order; then forget what is too old.

        Nothing of a suspended receiver is sent or forgotten. Raises an outage.
        """
        await self._receivers.load()
        for receiver in sorted(self._receivers.held_back - self._receivers.suspended()):
            error = await failure_of(self._release_one(receiver)) if connected(receiver) else None
            if error is not None:
                if is_outage(error):
                    raise error
                telemetry.log.error("release_failed", receiver=receiver, error=telemetry.describe(error))
            await self._receivers.close(receiver)
        before = datetime.now(UTC) - timedelta(hours=PARTNER_KEPT_HOURS)
        EXPIRED.inc(await self._store.forget(before, self._receivers.suspended()))

    async def _release_one(self, receiver: str) -> None:
        """What fails by itself is passed over, with what is of its subject behind it, and comes first the next time."""
        at_once, behind, stuck = AT_ONCE, 0, set[str | None]()
        while kept := await self._store.first(receiver, at_once, behind):
            run = _run(kept, stuck)
            if not run:
                behind = kept[0].place
                continue
            error = await failure_of(self._send(run))
            if isinstance(error, HeldAgain):
                return
            if error is None:
                await self._store.remove(run)
                await asyncio.sleep(0)
            elif is_outage(error) or len(stuck) == MOST_STUCK:
                raise error
            elif len(run) > 1:
                at_once = len(run) // 2
            elif isinstance(error, TooSlow):
                raise error
            else:
                telemetry.log.error("held_back_fails", receiver=receiver, error=telemetry.describe(error))
                stuck.add(_subject(run[0]))
                at_once, behind = AT_ONCE, run[0].place

    async def _send(self, run: Sequence[HeldBack]) -> None:
        part = PARTS.get(run[0].kind)
        if part is not None:
            await self._copies_of([decode(held.headers, held.value) for held in run], run[0].receiver, part)
        elif run[0].receiver in self._receivers.suspended() or await self._publisher.send_each(
            [_message(held) for held in run]
        ):
            raise HeldAgain


def _run(kept: Iterable[HeldBack], stuck: set[str | None]) -> list[HeldBack]:
    """The first of one kind that may go, so that order is kept."""
    run: list[HeldBack] = []
    for held in kept:
        if (run and run[0].kind != held.kind) or _subject(held) in stuck:
            break
        run.append(held)
    return run


def _subject(held: HeldBack) -> str | None:
    """What an event is about; a message is alone in its order."""
    if held.kind == "message":
        return held.id
    try:
        return envelopes.read(held.headers).subject or held.id
    except envelopes.BadEnvelope:
        return held.id


def _message(kept: HeldBack) -> Message:
    topic = next(value for name, value in kept.headers if name == "topic" and value is not None)
    headers = [(name, value) for name, value in kept.headers if name != "topic" and value is not None]
    return Message(topic.decode(), kept.key, kept.value, headers)
