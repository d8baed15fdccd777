"""Copies under pseudonyms go out once a day: in order for each person, and the persons shuffled anew each day."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

from chassis import telemetry
from chassis.messaging.priority import in_slices
from chassis.messaging.record import Record
from chassis.messaging.retry import TooSlow, failure_of, is_outage
from chassis.security.keys import KeyRing
from contracts import registry
from contracts.model import WIB
from services.gateway.domain.copied_facts import person_in
from services.gateway.domain.receiver_ids import receiver_id
from services.gateway.domain.routing import Recipient, Routing
from services.gateway.exchange.event_log import EventLog, Positions
from services.gateway.exchange.events import Event, Planned, Undecodable, decode, plan_daily
from services.gateway.exchange.person_copies import PersonCopies
from services.gateway.store.daily_releases import DailyReleases, Progress

TOGETHER = 20_000
"""Events of a day that are shuffled in memory; more are read again for each part of the persons."""
SENT_AT_ONCE = 250


class DailyRelease:
    """What a day's events give is made when it is released, from the log and under the agreements of that moment."""

    def __init__(
        self, ring: KeyRing, copies: PersonCopies, store: DailyReleases, log: EventLog, routing: Callable[[], Routing]
    ) -> None:
        self._ring, self._copies, self._store, self._log, self._routing = ring, copies, store, log, routing

    async def run_due(self, now: datetime | None = None) -> None:
        """Release what waits since a day that is over: nobody waits for another receiver's topic.

        Raises an outage, or the first error of one receiver; then the next time goes on with it.
        """
        today = (now or datetime.now(UTC)).astimezone(WIB).date()
        errors: list[Exception] = []
        for receiver, agreement in self._routing().daily():
            if self._copies.is_suspended(receiver):
                continue  # the next release has the days between too
            error = await failure_of(self._run_one(receiver, agreement, today))
            if error is not None:
                if is_outage(error):
                    raise error
                errors.append(error)
        if errors:
            raise errors[0]

    async def _run_one(self, receiver: str, agreement: str, today: date) -> None:
        name = f"{receiver}/{agreement}"
        progress = await self._store.find(name)
        if progress is None:
            taken_over = await self._taken_over(receiver, agreement)
            day, first = (taken_over.day, taken_over.next) if taken_over else (today, dict(await self._log.end()))
            await self._store.begin(name, day, first)
        elif progress.day < today and await self._store.take(name, progress.day):
            try:
                await self._release(receiver, agreement, today, name)
            finally:
                await self._store.give_back(name)

    async def _taken_over(self, receiver: str, agreement: str) -> Progress | None:
        """How far those came that this receiver has taken over: what they were not given yet is its own."""
        found = [await self._store.find(f"{code}/{agreement}") for code in self._routing().taken_over(receiver)]
        return min((progress for progress in found if progress), key=lambda progress: progress.day, default=None)

    async def _release(self, receiver: str, agreement: str, today: date, name: str) -> None:
        await self._store.fix_end(name, dict(await self._log.end()))
        progress = await self._store.find(name)
        assert progress is not None
        assert progress.end is not None
        parts = 1 + sum(progress.end.values()) - sum(progress.next.values())
        parts = -(-parts // TOGETHER)
        for part in range(parts):
            planned = await self._planned(receiver, agreement, progress, part, parts)
            for start in range(0, len(planned), SENT_AT_ONCE):
                await self._send(planned[start : start + SENT_AT_ONCE])
        await self._store.done(name, today, progress)

    async def _send(self, planned: Sequence[Planned]) -> None:
        """Fewer at once, as long as what was fetched is too old by the time it is sent: the day goes on."""
        try:
            await self._copies.release(planned)
        except TooSlow:
            if len(planned) == 1:
                raise
            half = len(planned) // 2
            await self._send(planned[:half])
            await self._send(planned[half:])

    async def _planned(
        self, receiver: str, agreement: str, progress: Progress, part: int, parts: int
    ) -> Sequence[Planned]:
        end: Positions = progress.end or {}
        placed: list[tuple[tuple[object, ...], Planned]] = []
        async for records in self._log.read(progress.next, end):
            events = [event async for record in in_slices(records) if (event := _read(record)) is not None]
            async for event, recipient in in_slices(plan_daily(self._routing(), events, receiver, agreement)):
                assert isinstance(event.body, registry.PersonEvent)
                place = self._place(recipient, event.body, progress.day)
                if int(place[:8], 16) % parts == part:
                    recorded = event.envelope.recordedtime or event.envelope.time
                    assert event.record is not None
                    placed.append(((place, recorded, event.record.partition, event.record.offset), (event, recipient)))
        return [planned for _, planned in sorted(placed, key=lambda row: row[0])]

    def _place(self, recipient: Recipient, event: registry.PersonEvent, day: date) -> str:
        """Where a person stands in the release of a day: known to nobody else, and another on every day."""
        parts = "release", day.isoformat(), person_in(recipient, event)
        return receiver_id(self._ring, recipient.receiver, *parts, pseudonym=recipient.pseudonym)


def _read(record: Record) -> Event | None:
    """None where it cannot be read, which the exchange has put among its dead letters: a day does not wait for it.

    No agreement gives events of a type that this version does not know.
    """
    try:
        return decode(record.headers, record.value or b"", record)
    except Undecodable as error:
        telemetry.log.error(
            "released_without_event", partition=record.partition, offset=record.offset, error=type(error).__name__
        )
        return None
