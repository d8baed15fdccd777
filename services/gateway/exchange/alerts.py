"""Alerts on their way out: told organisations get them at once, and what could not be fetched in time follows."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from chassis import telemetry
from chassis.messaging.publisher import Publisher
from chassis.messaging.retry import Outage
from contracts import notifications, registry
from contracts.exchange import ReportPart
from contracts.notifications import ReportWithIdentifiers
from services.gateway.calls import Unexpected
from services.gateway.clients import Services
from services.gateway.domain.agreements import Routing
from services.gateway.domain.copies import Copy, CopyBuilder, Part
from services.gateway.exchange.delivery import (
    FRESH_SECONDS,
    Event,
    Owns,
    Planned,
    Undecodable,
    decode,
    ours,
    plan,
)
from services.gateway.store import PendingEnrichment, Store

REMEMBERED = 1
"""Any version: the registry answers from memory if it can. What it does not remember, it reads; `asof` dates both."""
URGENT_SECONDS = 0.2
"""How long the first copy of an alert waits for its personal part."""


@dataclass(frozen=True, slots=True)
class Found:
    """Personal parts of alerts: states by person id; reports, and the persons they name, by alert id."""

    states: Mapping[str, registry.PersonState] = field(default_factory=dict)
    reports: Mapping[str, ReportWithIdentifiers] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)


class AlertDelivery:
    """`selection` gives who gets what at this moment."""

    def __init__(
        self,
        copier: CopyBuilder,
        services: Services,
        store: Store,
        publisher: Publisher,
        selection: Callable[[], Routing],
    ) -> None:
        self._copier, self._services, self._store = copier, services, store
        self._publisher, self._selection = publisher, selection

    async def deliver(self, events: Sequence[Event], owns: Owns) -> None:
        """Copies of alerts: with what is found within 200 ms, else without; the rest is owed and follows."""
        planned = plan(self._selection(), events)
        raised = list({event.envelope.id: event for event, _ in planned if _has_personal_part(event)}.values())
        found = await self._find_at_once(raised)
        if found is None:
            await self._store.owe(
                [PendingEnrichment(event.envelope.id, list(event.headers), event.value) for event in raised]
            )
        copies = self._copies(planned, found or Found())
        await self._store.disclose(copy.disclosure for copy in copies if copy.disclosure)
        await self._publisher.send_all(ours(planned, copies, owns))

    async def _find_at_once(self, raised: Sequence[Event]) -> Found | None:
        if not raised:
            return Found()
        try:
            async with asyncio.timeout(URGENT_SECONDS):
                return await self._find(raised, URGENT_SECONDS)
        except (TimeoutError, Outage, Unexpected) as error:
            telemetry.log.warning("alert_without_personal_part", error=type(error).__name__, alerts=len(raised))
            return None

    async def _find(self, raised: Sequence[Event], timeout: float) -> Found:
        """All at once; the reads stand in the trace of the first."""
        alerts = [event.body for event in raised if isinstance(event.body, notifications.AlertRaised)]
        persons = {alert.person: REMEMBERED for alert in alerts if alert.person}
        with telemetry.following(raised[0].envelope.traceparent):
            states, reports = await asyncio.gather(
                self._services.read_persons(persons, timeout=timeout),
                self._services.read_reports(list({alert.alert for alert in alerts}), timeout=timeout),
            )
            unknown = [alert.alert for alert in alerts if alert.person is None and alert.alert in reports]
            named = await self._resolve({alert: reports[alert] for alert in unknown}, timeout)
            late = await self._services.read_persons(dict.fromkeys(named.values(), 0), timeout=timeout)
        return Found(states | late, reports, named)

    async def _resolve(self, reports: Mapping[str, ReportWithIdentifiers], timeout: float) -> dict[str, str]:
        """Whom those alerts are about of which the registry could not tell in time on their way in."""
        named = {alert: said for alert, said in reports.items() if said.nik or said.passport}
        found = await asyncio.gather(
            *(self._services.resolve_person(said.nik, said.passport, timeout=timeout) for said in named.values())
        )
        return {alert: person for alert, person in zip(named, found, strict=True) if person}

    def _copies(self, planned: Sequence[Planned], found: Found, part: Part = "main") -> list[Copy]:
        copies = []
        for event, share in planned:
            body = event.body
            assert isinstance(body, notifications.AlertEvent)
            if not _has_personal_part(event):
                copies.append(self._copier.of_alert(share, body, event.envelope, part=part))
                continue
            person = body.person or found.named.get(body.alert)
            state, said = found.states.get(person or ""), found.reports.get(body.alert)
            known = body.model_copy(update={"person": person})
            copies.append(self._copier.of_alert(share, known, event.envelope, state, _part(said), part))
        return copies

    async def complete(self) -> None:
        """Send the second copies that are owed. Raises an outage; what is owed stays so until it went out."""
        for owed in await self._store.list_owed():
            try:
                await self._complete(owed)
            except (Unexpected, Undecodable) as error:
                telemetry.log.error("completion_failed", error=telemetry.describe(error))
                await self._store.postpone(owed.event)

    async def _complete(self, owed: PendingEnrichment) -> None:
        event = decode(owed.headers, owed.value)
        planned = plan(self._selection(), [event])
        while True:
            fetched = time.monotonic()
            copies = self._copies(planned, await self._find([event], FRESH_SECONDS), "completion")
            await self._store.disclose(copy.disclosure for copy in copies if copy.disclosure)
            if time.monotonic() - fetched < FRESH_SECONDS:
                break
        await self._publisher.send_all([copy.message for copy in copies])
        await self._store.settle(owed.event)


def _has_personal_part(event: Event) -> bool:
    """Only the first news of an alert tells who it is about, and never of a survivor."""
    return isinstance(event.body, notifications.AlertRaised) and event.body.privacy != "survivor"


def _part(report: ReportWithIdentifiers | None) -> ReportPart | None:
    """What of a report may go into a copy: never the identifiers by which the reporter named somebody."""
    return ReportPart(narrative=report.narrative, place=report.place, phone=report.phone) if report else None
