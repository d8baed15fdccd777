"""Settles a batch of commands: load the alerts they name, decide one by one, save once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from chassis.commands.processor import Applied, Command, NewEvent, Steps
from chassis.mongo import Session
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


@dataclass(slots=True)
class Workspace:
    """What one batch touches: alerts as they stand by id, the ids of those that changed, and new reports."""

    alerts: dict[str, Alert]
    changed: set[str] = field(default_factory=set)
    reports: list[Report] = field(default_factory=list)


def steps(store: Store) -> Steps[Workspace]:
    """How notifications settle a batch. Raises NotUnderstood when the code list names recipients in unknown words."""
    rules()

    async def load(batch: Sequence[Command]) -> Workspace:
        named = [command.body.alert for command in batch if isinstance(command.body, AcknowledgeAlert | ResolveAlert)]
        return Workspace(await store.find_alerts(named))

    async def save(work: Workspace, session: Session) -> None:
        await store.save([work.alerts[alert] for alert in sorted(work.changed)], work.reports, session)

    return Steps(load=load, decide=decide, save=save)


def decide(work: Workspace, command: Command, now: datetime) -> Applied:
    """Settle one command against the workspace. Raises Refused and then leaves the workspace as it was."""
    principal = command.principal
    body: RaiseAlert | AcknowledgeAlert | ResolveAlert = command.body
    event: Event | None
    match body:
        case RaiseAlert():
            alert, event = raise_alert(command.id, principal, body, now)
            if report := report_of(alert, body, command.personal):
                work.reports.append(report)
        case AcknowledgeAlert():
            found = work.alerts.get(body.alert)
            alert, event = acknowledge(found, command.id, principal, body, after(found, now))
        case ResolveAlert():
            found = work.alerts.get(body.alert)
            alert, event = resolve(found, command.id, principal, body, after(found, now))
        case _:
            assert_never(body)
    survivor = alert.privacy == "survivor"
    if event is None:
        return Applied(alert.id, alert.version, survivor=survivor)
    work.alerts[alert.id] = alert
    work.changed.add(alert.id)
    return Applied(alert.id, alert.version, (_emitted(alert, event),), survivor=survivor)


def after(alert: Alert | None, now: datetime) -> datetime:
    """The time to record: now, and later than what the alert already holds."""
    return now if alert is None else max(now, alert.recorded_at + timedelta(milliseconds=1))


def _emitted(alert: Alert, event: Event) -> NewEvent:
    raised = alert.version == 1
    return NewEvent(
        event=event,
        key=alert.id,
        sequence=alert.version,
        occurred=alert.occurred.at if raised else alert.recorded_at,
        recorded=alert.recorded_at,
        classification=alert.privacy,
    )
