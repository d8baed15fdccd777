"""Copies of alerts: those told get them at once, and what could not be fetched in time follows."""

import asyncio
import time
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chassis import telemetry
from chassis.messaging.retry import Outage, failure_of, is_outage
from chassis.messaging.subscription import Owns
from contracts import notifications, registry
from contracts.exchange import ReportPart
from contracts.notifications import ReportWithIdentifiers
from services.gateway.calls import Unexpected
from services.gateway.domain.copies import SHOWN, Copy, Part
from services.gateway.exchange.copy_sender import FRESH_SECONDS, CopySender, Outgoing, seconds_left, to_receivers
from services.gateway.exchange.events import Event, Planned, decode, plan
from services.gateway.exchange.receivers import ours
from services.gateway.store import PendingEnrichment

ANY_VERSION = 1
"""The registry answers from memory if it can. What it does not remember, it reads; `asof` dates both."""
URGENT_SECONDS = 0.2
"""How long the first copy of an alert waits for its personal part."""
RECORD_SECONDS = 0.2
"""How long it then waits to be put on record."""


@dataclass(frozen=True, slots=True)
class PersonalParts:
    """Of alerts: states by person id; reports, and the persons they name, by alert id. `fetched` is monotonic.

    Several persons stand by one alert where identifiers lead to several.
    """

    states: Mapping[str, registry.PersonState] = field(default_factory=dict)
    reports: Mapping[str, ReportWithIdentifiers] = field(default_factory=dict)
    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fetched: float | None = None


@dataclass
class AlertCopies(CopySender):
    """Of alerts. What cannot be put on record at once goes without person and report.

    `unnoted` keeps of which events that is until the database notes that a second copy follows.
    """

    unnoted: dict[str, PendingEnrichment] = field(default_factory=dict)

    async def deliver(self, events: Sequence[Event], owns: Owns) -> None:
        """Send copies with what is found and put on record at once, else without; the rest follows. Raises an outage of
        the broker, or TooSlow as PersonCopies does."""
        planned = await self._receivers.keep_back(plan(self._routing(), events), self._receivers.suspended())
        copies, missing, parts = await self._found(planned)
        recording = asyncio.wait_for(self._record(copies, missing), RECORD_SECONDS)
        if (error := await failure_of(recording)) is not None:
            telemetry.log.error("alert_not_recorded", error=type(error).__name__, alerts=len(events))
            following = {one.event: one for one in (*_pending(_with_disclosure(planned, copies)), *missing)}
            self.unnoted |= following
            copies = self._copies(planned, PersonalParts(), following=following, bare=True)
            parts = PersonalParts()
        await self._send(Outgoing(ours(to_receivers(planned, copies), owns), seconds_left(parts.fetched)))

    async def _made(self, planned: Sequence[Planned], part: Part = "main") -> Outgoing:
        if part == "main":
            copies, missing, parts = await self._found(planned)
            await self._record(copies, missing)
        else:
            parts = await self._find(_raised(planned), FRESH_SECONDS)
            copies = self._copies(planned, parts, part)
            await self._record(copies, ())
        return Outgoing(to_receivers(planned, copies, part), seconds_left(parts.fetched))

    async def _found(self, planned: Sequence[Planned]) -> tuple[list[Copy], list[PendingEnrichment], PersonalParts]:
        """The copies, and for which events their personal part must follow."""
        raised = _raised(planned)
        parts = await self._find_at_once(raised)
        missing = _pending(raised) if parts is None else []
        parts = parts or PersonalParts()
        following = {one.event for one in missing}
        return self._copies(planned, parts, following=following), missing, parts

    async def _record(self, copies: Sequence[Copy], missing: Sequence[PendingEnrichment]) -> None:
        """Before copies without their personal part go out, it is noted that it follows."""
        await self._store.put_pending(missing)
        await self._store.disclose(disclosure for copy in copies for disclosure in copy.disclosures)

    async def _find_at_once(self, raised: Sequence[Event]) -> PersonalParts | None:
        try:
            async with asyncio.timeout(URGENT_SECONDS):
                return await self._find(raised, URGENT_SECONDS)
        except (TimeoutError, Outage, Unexpected) as error:
            telemetry.log.warning("alert_without_personal_part", error=type(error).__name__, alerts=len(raised))
            return None

    async def _find(self, raised: Sequence[Event], timeout: float) -> PersonalParts:
        """All at once; the reads stand in the trace of the first."""
        if not raised:
            return PersonalParts()
        fetched = time.monotonic()
        alerts = [event.body for event in raised if isinstance(event.body, notifications.AlertRaised)]
        persons = {alert.person: ANY_VERSION for alert in alerts if alert.person}
        with telemetry.following(raised[0].envelope.traceparent):
            states, reports = await asyncio.gather(
                self._services.read_persons(persons, timeout=timeout),
                self._services.read_reports(list({alert.alert for alert in alerts}), timeout=timeout),
            )
            unknown = [alert.alert for alert in alerts if alert.person is None and alert.alert in reports]
            named = await self._resolve({alert: reports[alert] for alert in unknown}, timeout)
            late = await self._services.read_persons(
                {person: 0 for persons_named in named.values() for person in persons_named}, timeout=timeout
            )
        return PersonalParts(states | late, reports, named, fetched)

    async def _resolve(
        self, reports: Mapping[str, ReportWithIdentifiers], timeout: float
    ) -> dict[str, tuple[str, ...]]:
        """Whom those alerts are, or may be, about of which the registry could not tell one on their way in."""
        naming = {alert: report for alert, report in reports.items() if report.nik or report.passport}
        answers = await asyncio.gather(
            *(self._services.resolve_person(report.nik, report.passport, timeout=timeout) for report in naming.values())
        )
        return {
            alert: (answer.person,) if answer.person else answer.candidates
            for alert, answer in zip(naming, answers, strict=True)
        }

    def _copies(
        self,
        planned: Sequence[Planned],
        parts: PersonalParts,
        of: Part = "main",
        *,
        following: Container[str] = (),
        bare: bool = False,
    ) -> list[Copy]:
        """`following`: events of which a second copy is to follow. `bare`: they name nobody."""
        copies = []
        for event, recipient in planned:
            body, part = event.body, "first" if event.envelope.id in following else of
            assert isinstance(body, notifications.AlertEvent)
            if bare:
                body = body.model_copy(update={"person": None})
            if bare or not _has_personal_part(event):
                copies.append(self._builder.of_alert(recipient, body, event.envelope, part=part))
                continue
            report = _part(parts.reports.get(body.alert))
            body, persons, states = self._shown(body, parts)
            if len(persons) > 1:
                copies.append(self._builder.of_alert(recipient, body, event.envelope, None, report, part, states))
                continue
            named = body.model_copy(update={"person": next(iter(persons), None)})
            state = next(iter(states), None)
            copies.append(self._builder.of_alert(recipient, named, event.envelope, state, report, part))
        return copies

    def _shown(
        self, body: notifications.AlertEvent, parts: PersonalParts
    ) -> tuple[notifications.AlertEvent, tuple[str, ...], list[registry.PersonState]]:
        """The alert with whom it may name, by id and state.

        Nobody, where the reporter gave no reason and no agreement of its own covers each of them; whether the registry
        knows anybody makes no difference then.
        """
        persons = (body.person,) if body.person else parts.named.get(body.alert, ())
        states = [parts.states[person] for person in persons if person in parts.states]
        if body.named_under in SHOWN:
            return body, persons, states
        if body.named_under is None or parts.fetched is None:
            return body.model_copy(update={"person": None}), (), []
        knows = self._routing().knows
        if persons and len(states) == len(persons) and all(knows(body.source, state.facets) for state in states):
            return body.model_copy(update={"named_under": "agreement"}), persons, states
        return body.model_copy(update={"person": None, "withheld": "no_reason"}), (), []

    def settled(self) -> bool:
        """False while an event whose copies went without is noted nowhere but here: it may not be acknowledged."""
        return not self.unnoted and self._receivers.settled

    async def complete(self) -> None:
        """Send the second copies that are still to follow. Raises an outage; one that fails otherwise comes last."""
        await self._receivers.flush()
        if unnoted := list(self.unnoted.values()):
            await self._store.put_pending(unnoted)
            for pending in unnoted:
                self.unnoted.pop(pending.event, None)
        for pending in await self._store.list_pending():
            error = await failure_of(self._complete(pending))
            if error is None:
                continue
            if is_outage(error):
                raise error
            telemetry.log.error("completion_failed", error=telemetry.describe(error))
            await self._store.postpone_pending(pending.event)

    async def _complete(self, pending: PendingEnrichment) -> None:
        event = decode(pending.headers, pending.value)
        suspended = self._receivers.suspended()
        planned = await self._receivers.keep_back(plan(self._routing(), [event]), suspended, "completion")
        await self._send(await self._made(planned, "completion"))
        await self._store.remove_pending(pending.event)


def _raised(planned: Sequence[Planned]) -> list[Event]:
    """Those that have a personal part, each once."""
    return list({event.envelope.id: event for event, _ in planned if _has_personal_part(event)}.values())


def _with_disclosure(planned: Sequence[Planned], copies: Sequence[Copy]) -> list[Event]:
    return [event for (event, _), copy in zip(planned, copies, strict=True) if copy.disclosures]


def _pending(events: Iterable[Event]) -> list[PendingEnrichment]:
    return [PendingEnrichment(event.envelope.id, list(event.headers), event.value) for event in events]


def _has_personal_part(event: Event) -> bool:
    """Only the first news of an alert tells who it is about, to those who respond, and never of a survivor."""
    body = event.body
    return isinstance(body, notifications.AlertRaised) and bool(body.responders) and body.privacy != "survivor"


def _part(report: ReportWithIdentifiers | None) -> ReportPart | None:
    """What of a report may go into a copy: never the identifiers by which the reporter named somebody."""
    return ReportPart(narrative=report.narrative, place=report.place, phone=report.phone) if report else None
