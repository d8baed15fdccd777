"""Processes a batch of commands: load what they name, decide one by one, save once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import assert_never

from chassis.commands.overlay import Overlay
from chassis.commands.recorded_time import recorded_after
from chassis.commands.types import Applied, Command, NewEvent, Steps
from chassis.mongo import Session
from contracts import authority
from contracts.model import Model
from contracts.notifications import (
    AcknowledgeAlert,
    AlertDetails,
    AlertEvent,
    CloseReview,
    RaiseAlert,
    ResolveAlert,
)
from services.notifications.alerts.domain.alert import Alert, Report, acknowledge, raise_alert, report_of, resolve
from services.notifications.alerts.domain.naming import PER_HOUR, Allowance, names_person
from services.notifications.alerts.domain.review import Review, close_review, review_of
from services.notifications.alerts.domain.routing import rules
from services.notifications.alerts.store import Store

TYPES: dict[str, tuple[type[Model], type[Model] | None]] = {
    "alerts.alert.raise.v1": (RaiseAlert, AlertDetails),
    "alerts.alert.acknowledge.v1": (AcknowledgeAlert, None),
    "alerts.alert.resolve.v1": (ResolveAlert, None),
    "alerts.review.close.v1": (CloseReview, None),
}
Body = RaiseAlert | AcknowledgeAlert | ResolveAlert | CloseReview


@dataclass(frozen=True, slots=True)
class LoadedBatch:
    """What one batch touches, by id, and new reports."""

    alerts: Overlay[Alert]
    reports: list[Report] = field(default_factory=list)
    allowances: Overlay[Allowance] = field(default_factory=Overlay)
    reviews: Overlay[Review] = field(default_factory=Overlay)


@dataclass(frozen=True, slots=True)
class Changes:
    """What one command brings: new states, and what was said when an alert was raised."""

    alert: Alert | None = None
    report: Report | None = None
    allowance: Allowance | None = None
    review: Review | None = None


def steps(store: Store, *, per_hour: int = PER_HOUR) -> Steps[LoadedBatch, Changes]:
    """How a batch is processed. Raises NotUnderstood when the code list names recipients in unknown words.

    `per_hour`: persons whom one organisation may name in an hour by a reason alone.
    """
    rules()

    async def load(commands: Sequence[Command]) -> LoadedBatch:
        bodies: list[Body] = [command.body for command in commands]
        alerts = [body.alert for body in bodies if isinstance(body, AcknowledgeAlert | ResolveAlert)]
        reviews = [body.alert for body in bodies if isinstance(body, CloseReview)]
        naming = {command.principal.organisation for command in commands if _needs_allowance(command)}
        return LoadedBatch(
            alerts=Overlay(await store.find_alerts(alerts)),
            allowances=Overlay(await store.find_allowances(naming)),
            reviews=Overlay(await store.find_reviews(reviews)),
        )

    async def save(batch: LoadedBatch, session: Session) -> None:
        await store.save(batch.alerts.changed.values(), batch.reports, session)
        await store.save_reviews(batch.reviews.changed.values(), batch.allowances.changed.values(), session)

    return Steps(load=load, decide=partial(decide, per_hour=per_hour), apply=apply, save=save)


def apply(batch: LoadedBatch, changes: Changes) -> None:
    """Later commands of the batch see what this one changed."""
    if changes.alert:
        batch.alerts.put(changes.alert)
    if changes.report:
        batch.reports.append(changes.report)
    if changes.allowance:
        batch.allowances.put(changes.allowance)
    if changes.review:
        batch.reviews.put(changes.review)


def decide(batch: LoadedBatch, command: Command, now: datetime, per_hour: int = PER_HOUR) -> Applied[Changes]:
    """What comes of one command. Raises Refused."""
    body: Body = command.body
    authority.check(body.type, command.principal)
    match body:
        case RaiseAlert():
            return _raise(batch, command, body, now, per_hour)
        case AcknowledgeAlert() | ResolveAlert():
            return _step(batch, command, body, now)
        case CloseReview():
            return _close(batch, command, body, now)
        case _:
            assert_never(body)


def _raise(batch: LoadedBatch, command: Command, body: RaiseAlert, now: datetime, per_hour: int) -> Applied[Changes]:
    organisation, details = command.principal.organisation, command.personal
    allowance = batch.allowances.get(organisation) or Allowance(organisation)
    alert, event = raise_alert(command.id, command.principal, body, details, now, allowance, per_hour)
    used = allowance.use(now) if alert.named_under == "reason" else None
    changes = Changes(alert, report_of(alert, body, details), used, review_of(alert))
    return _applied(alert, (_new_event(alert, event),), changes)


def _step(
    batch: LoadedBatch, command: Command, body: AcknowledgeAlert | ResolveAlert, now: datetime
) -> Applied[Changes]:
    before = batch.alerts.get(body.alert)
    recorded = _recorded(before, now)
    event: AlertEvent | None
    if isinstance(body, AcknowledgeAlert):
        alert, event = acknowledge(before, command.id, command.principal, body, recorded)
    else:
        alert, event = resolve(before, command.id, command.principal, body, recorded)
    if event is None:
        return _applied(alert)
    return _applied(alert, (_new_event(alert, event),), Changes(alert))


def _applied(alert: Alert, events: tuple[NewEvent, ...] = (), changes: Changes | None = None) -> Applied[Changes]:
    return Applied(alert.id, alert.version, events, survivor=alert.privacy == "survivor", changes=changes)


def _close(batch: LoadedBatch, command: Command, body: CloseReview, now: datetime) -> Applied[Changes]:
    before = batch.reviews.get(body.alert)
    recorded = recorded_after(now, before.opened_at) if before else now
    review, event = close_review(before, command.principal, body, recorded)
    survivor = review.privacy == "survivor"
    if event is None:
        return Applied(review.id, review.version, survivor=survivor, kind="review")
    events = (NewEvent(event, review.id, review.version, recorded, recorded, "survivor" if survivor else "internal"),)
    return Applied(review.id, review.version, events, survivor=survivor, kind="review", changes=Changes(review=review))


def _needs_allowance(command: Command) -> bool:
    body = command.body
    if not isinstance(body, RaiseAlert) or body.covered or body.reason is None:
        return False
    return names_person(body, command.personal)


def _recorded(alert: Alert | None, now: datetime) -> datetime:
    return recorded_after(now, alert.recorded_at) if alert else now


def _new_event(alert: Alert, event: AlertEvent) -> NewEvent:
    raised = alert.version == 1
    return NewEvent(
        event=event,
        key=alert.id,
        sequence=alert.version,
        occurred=alert.occurred.at if raised else alert.recorded_at,
        recorded=alert.recorded_at,
        classification=alert.privacy,
    )
