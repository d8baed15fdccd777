"""One alert: raised, acknowledged, resolved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from contracts import authority, codes
from contracts.alert_types import check_raised
from contracts.authority import Relation, Row
from contracts.commands import Principal
from contracts.model import Moment
from contracts.notifications import (
    AcknowledgeAlert,
    AlertAcknowledged,
    AlertDetails,
    AlertRaised,
    AlertResolved,
    AlertState,
    EmergencyReason,
    NamedUnder,
    RaiseAlert,
    Resolution,
    ResolveAlert,
    Severity,
    Withheld,
)
from contracts.outcomes import Refused
from services.notifications.alerts.domain.naming import PER_HOUR, Allowance, names_person, naming_of
from services.notifications.alerts.domain.routing import Place, route

READ, READ_SURVIVORS = "alerts.read", "alerts.read_survivors"


@dataclass(frozen=True, slots=True)
class Step:
    """One action on an alert: the state it led to, who took it, and when it was recorded (UTC)."""

    state: AlertState
    command_id: str
    organisation: str
    user: str | None
    recorded_at: datetime
    resolution: Resolution | None = None

    def repeats(self, other: Step) -> bool:
        """Whether the same person or system asked for the same step."""
        return (self.state, self.organisation, self.user, self.resolution) == (
            other.state, other.organisation, other.user, other.resolution,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alert:
    """What all who may see an alert may know of it. `revision` is the saved one, 0 when never saved."""

    id: str
    type: str
    severity: Severity
    privacy: codes.PrivacyClass
    source: str
    recipients: tuple[str, ...]
    unrouted: tuple[str, ...]
    occurred: Moment
    steps: tuple[Step, ...]
    responders: tuple[str, ...] = ()
    person: str | None = None
    named_under: NamedUnder | None = None
    reason: EmergencyReason | None = None
    withheld: Withheld | None = None
    country: str | None = None
    region: str | None = None
    acknowledge_by: datetime | None = None
    first_action_by: datetime | None = None
    source_suspended: bool = False
    revision: int = 0

    @property
    def state(self) -> AlertState:
        """Where the last step led."""
        return self.steps[-1].state

    @property
    def version(self) -> int:
        """One event for each step."""
        return len(self.steps)

    @property
    def recorded_at(self) -> datetime:
        """When the last step was recorded (UTC)."""
        return self.steps[-1].recorded_at

    @property
    def readers(self) -> tuple[str, ...]:
        """The relations in which somebody may stand to it, by name: see `reader_names`."""
        operation = READ_SURVIVORS if self.privacy == "survivor" else READ
        recipients = tuple(_reader(operation, "told", code) for code in self.recipients)
        responding = tuple(_reader(operation, "responds", code) for code in self.responders)
        return (*recipients, *responding, _reader(operation, "own", self.source), _reader(operation))

    def overdue(self, now: datetime) -> bool:
        """Whether nobody took it in time."""
        return self.state == "raised" and self.acknowledge_by is not None and self.acknowledge_by < now


@dataclass(frozen=True, slots=True)
class Report:
    """What only those who respond may know; of a survivor also who and where. Recorded once (UTC)."""

    alert: str
    recorded_at: datetime
    details: AlertDetails
    person: str | None = None
    region: str | None = None


def reader_names(principal: Principal) -> tuple[str, ...]:
    """The names in an alert's `readers` by which the principal may see it. Raises Refused where it may see none."""
    names = dict.fromkeys(
        name
        for row in authority.check_any((READ, READ_SURVIVORS), principal)
        for organisation in principal.stands_for
        for name in _names(row, organisation)
    )
    return tuple(names)


def may_see(alert: Alert, principal: Principal) -> bool:
    """Whether the alert exists for the principal. Raises Refused where it may see none."""
    return not set(reader_names(principal)).isdisjoint(alert.readers)


def _names(row: Row, organisation: str) -> tuple[str, ...]:
    if not row.relations:
        return (_reader(row.operation),)
    return tuple(_reader(row.operation, relation, organisation) for relation in row.relations)


def _reader(operation: str, relation: Relation | None = None, organisation: str = "") -> str:
    return f"{operation}/{relation}/{organisation}" if relation else operation


def raise_alert(
    command_id: str, principal: Principal, body: RaiseAlert, details: AlertDetails | None, now: datetime,
    allowance: Allowance | None = None, per_hour: int = PER_HOUR,
) -> tuple[Alert, AlertRaised]:  # fmt: skip
    """A new alert. Due times run from `now`, round the clock. `allowance` is that of the principal's organisation.

    Raises Refused `unknown_code`, `missing_value`, `alert_type_not_permitted`, `person_not_permitted`,
    `reason_missing` or `emergency_limit`.
    """
    alert_type = codes.alert_types().get(body.alert_type)
    if alert_type is None:
        raise Refused("unknown_code", "/alert_type")
    check_raised(alert_type.code, authority.functions_at(principal), names_person=names_person(body, details))
    place = _place(body)
    naming = naming_of(body, details, alert_type, allowance or Allowance(principal.organisation), now, per_hour)
    routing = route(alert_type.code, place)
    survivor = alert_type.privacy_class == "survivor"
    acknowledge_limit, first_action_limit = alert_type.acknowledge_limit, alert_type.first_action_limit
    alert = Alert(
        id=command_id,
        type=alert_type.code,
        severity=alert_type.initial_severity,
        privacy=alert_type.privacy_class,
        source=principal.organisation,
        recipients=routing.recipients,
        responders=routing.responders,
        unrouted=routing.unrouted,
        occurred=body.occurred,
        steps=(Step("raised", command_id, principal.organisation, principal.user, now),),
        person=None if survivor or naming.withheld else body.person,
        named_under=naming.under,
        reason=body.reason if naming.under or naming.withheld else None,
        withheld=naming.withheld,
        country=place.country,
        region=place.region[:2] if survivor and place.region else place.region,
        acknowledge_by=now + acknowledge_limit if acknowledge_limit else None,
        first_action_by=now + first_action_limit if first_action_limit else None,
        source_suspended=body.source_suspended,
    )
    return alert, AlertRaised(
        **_common(alert), acknowledge_by=alert.acknowledge_by, first_action_by=alert.first_action_by
    )


def report_of(alert: Alert, body: RaiseAlert, details: AlertDetails | None) -> Report | None:
    """What is kept apart from the alert; None when there is nothing. Whom nobody may be told is not kept."""
    if alert.withheld and details:
        details = details.model_copy(update={"nik": None, "passport": None, "person": None})
    if alert.privacy == "survivor":
        details = details or AlertDetails()
        region = details.region or _place(body).region
        person = None if alert.withheld else details.person or body.person
        return Report(alert.id, alert.recorded_at, details, person, region)
    return Report(alert.id, alert.recorded_at, details) if details else None


def acknowledge(
    alert: Alert | None, command_id: str, principal: Principal, body: AcknowledgeAlert, now: datetime
) -> tuple[Alert, AlertAcknowledged | None]:
    """Take an alert that nobody has taken; the same step again changes nothing and gives no event.

    Raises Refused `not_found`, `not_permitted`, `version_conflict` or `state_conflict`.
    """
    step = Step("acknowledged", command_id, principal.organisation, principal.user, now)
    before = _permitted(alert, principal, body)
    taken = _advance(before, step, after="raised")
    if taken is before:
        return before, None
    return taken, AlertAcknowledged(**_common(taken), by=step.organisation, at=now)


def resolve(
    alert: Alert | None, command_id: str, principal: Principal, body: ResolveAlert, now: datetime
) -> tuple[Alert, AlertResolved | None]:
    """End an alert that somebody has taken; the same step again changes nothing and gives no event.

    Raises Refused as `acknowledge` does.
    """
    step = Step("resolved", command_id, principal.organisation, principal.user, now, body.resolution)
    before = _permitted(alert, principal, body)
    ended = _advance(before, step, after="acknowledged")
    if ended is before:
        return before, None
    return ended, AlertResolved(**_common(ended), by=step.organisation, at=now, resolution=body.resolution)


def _permitted(alert: Alert | None, principal: Principal, body: AcknowledgeAlert | ResolveAlert) -> Alert:
    """The alert, if the principal may act on it and saw its present version. Raises Refused."""
    if alert is None or not may_see(alert, principal):
        raise Refused("not_found", "/alert")
    if not authority.allows(body.type, principal, relations(alert, principal)):
        raise Refused("not_permitted")
    if body.ifversion is not None and body.ifversion != alert.version:
        raise Refused("version_conflict")
    return alert


def relations(alert: Alert, principal: Principal) -> frozenset[Relation]:
    """Those of the principal to an alert that exists for it."""
    mine = set(principal.stands_for)
    related: dict[Relation, bool] = {
        "told": not mine.isdisjoint(alert.recipients),
        "responds": not mine.isdisjoint(alert.responders),
    }
    return frozenset(relation for relation, holds in related.items() if holds)


def _advance(alert: Alert, step: Step, *, after: AlertState) -> Alert:
    if alert.steps[-1].repeats(step):
        return alert
    if alert.state != after:
        raise Refused("state_conflict")
    return replace(alert, steps=(*alert.steps, step))


def _place(body: RaiseAlert) -> Place:
    """Where it happens, with a region code from before 2022 brought up to date. Raises Refused `unknown_code`."""
    if body.country is not None and body.country != "ID" and body.country not in codes.destinations():
        raise Refused("unknown_code", "/country")
    region = codes.current_region(body.region) if body.region else None
    if region is not None and (region not in codes.regions() or region == "ID"):
        raise Refused("unknown_code", "/region")
    return Place(body.country, region)


def _common(alert: Alert) -> dict[str, Any]:
    naming = {"named_under": alert.named_under, "reason": alert.reason, "withheld": alert.withheld}
    return (naming if alert.privacy != "survivor" else {}) | {
        "alert": alert.id,
        "alert_type": alert.type,
        "severity": alert.severity,
        "privacy": alert.privacy,
        "source": alert.source,
        "recipients": alert.recipients,
        "responders": alert.responders,
        "unrouted": alert.unrouted,
        "person": alert.person,
        "country": alert.country,
        "region": alert.region,
        "occurred": alert.occurred,
        "source_suspended": alert.source_suspended,
    }
