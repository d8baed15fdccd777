"""Processes a batch of commands: load the alerts they name, decide one by one, save once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from chassis.commands.overlay import Overlay
from chassis.commands.recorded_time import recorded_after
from chassis.commands.types import Applied, Command, NewEvent, Steps
from chassis.mongo import Session
from contracts import authority
from contracts.model import Model
from contracts.notifications import AcknowledgeAlert, AlertDetails, Event, RaiseAlert, ResolveAlert
from services.notifications.alerts.domain.alert import Alert, Report, acknowledge, raise_alert, report_of, resolve
from services.notifications.alerts.domain.routing import rules
from services.notifications.alerts.store import Store

TYPES: dict[str, tuple[type[Model], type[Model] | None]] = {
    "alerts.alert.raise.v1": (RaiseAlert, AlertDetails),
    "alerts.alert.acknowledge.v1": (AcknowledgeAlert, None),
    "alerts.alert.resolve.v1": (ResolveAlert, None),
}


@dataclass(frozen=True, slots=True)
class LoadedBatch:
    """What one batch touches: alerts as they stand by id, and new reports."""

    alerts: Overlay[Alert]
    reports: list[Report] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Changes:
    """What one command brings: an alert's new state, and what was said when it was raised."""

    alert: Alert
    report: Report | None = None


def steps(store: Store) -> Steps[LoadedBatch, Changes]:
    """How a batch is processed. Raises NotUnderstood when the code list names recipients in unknown words."""
    rules()

    async def load(commands: Sequence[Command]) -> LoadedBatch:
        named = [
            command.body.alert for command in commands if isinstance(command.body, AcknowledgeAlert | ResolveAlert)
        ]
        return LoadedBatch(Overlay(await store.find_alerts(named)))

    async def save(batch: LoadedBatch, session: Session) -> None:
        await store.save(batch.alerts.changed.values(), batch.reports, session)

    return Steps(load=load, decide=decide, apply=apply, save=save)


def apply(batch: LoadedBatch, changes: Changes) -> None:
    """Later commands of the batch see what this one changed."""
    batch.alerts.put(changes.alert)
    if changes.report:
        batch.reports.append(changes.report)


def decide(batch: LoadedBatch, command: Command, now: datetime) -> Applied[Changes]:
    """What comes of one command. Raises Refused."""
    principal = command.principal
    body: RaiseAlert | AcknowledgeAlert | ResolveAlert = command.body
    authority.check(body.type, principal)
    event: Event | None
    report: Report | None = None
    match body:
        case RaiseAlert():
            alert, event = raise_alert(command.id, principal, body, command.personal, now)
            report = report_of(alert, body, command.personal)
        case AcknowledgeAlert():
            before = batch.alerts.get(body.alert)
            alert, event = acknowledge(before, command.id, principal, body, _recorded(before, now))
        case ResolveAlert():
            before = batch.alerts.get(body.alert)
            alert, event = resolve(before, command.id, principal, body, _recorded(before, now))
        case _:
            assert_never(body)
    survivor = alert.privacy == "survivor"
    if event is None:
        return Applied(alert.id, alert.version, survivor=survivor)
    events = (_new_event(alert, event),)
    return Applied(alert.id, alert.version, events, survivor=survivor, changes=Changes(alert, report))


def _recorded(alert: Alert | None, now: datetime) -> datetime:
    return recorded_after(now, alert.recorded_at) if alert else now


def _new_event(alert: Alert, event: Event) -> NewEvent:
    raised = alert.version == 1
    return NewEvent(
        event=event,
        key=alert.id,
        sequence=alert.version,
        occurred=alert.occurred.at if raised else alert.recorded_at,
        recorded=alert.recorded_at,
        classification=alert.privacy,
    )
