"""Queries about alerts, asked by the gateway for a principal; whoever may not see an alert finds none."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, Field

from contracts.commands import Principal
from contracts.model import Id, Model, Moment
from contracts.notifications import Resolution, Severity
from contracts.outcomes import Refused
from services.notifications.alerts.domain.alert import Alert, Report, State, may_see, readings
from services.notifications.alerts.store import Store, page_from

PAGE = r"^\d{13}-[0-9a-f-]{36}$"
RECENT = timedelta(days=30)
"""The embedded database sorts all that a list may show before it cuts a page: ask it for no more than is wanted."""


class StepView(Model):
    """What was done, by which organisation, and when that was recorded (UTC)."""

    state: State
    by: str
    at: datetime
    resolution: Resolution | None


class AlertView(Model):
    """An alert without anything that the reporter wrote. Times are UTC."""

    alert: str
    version: int
    state: State
    alert_type: str
    severity: Severity
    privacy: str
    source: str
    recipients: tuple[str, ...]
    unrouted: tuple[str, ...]
    person: str | None
    country: str | None
    region: str | None
    occurred: Moment
    acknowledge_by: datetime | None
    first_action_by: datetime | None
    overdue: bool
    """Nobody took it by `acknowledge_by`."""
    steps: tuple[StepView, ...]


class AlertPage(Model):
    """Oldest first; `after` is the cursor of the next page."""

    alerts: tuple[AlertView, ...]
    after: str | None


class ReportView(Model):
    """What the reporter said; `asof` is when that was recorded (UTC). Of a survivor, `region` may be a regency."""

    alert: str
    asof: datetime
    region: str | None
    narrative: str | None
    place: str | None
    phone: str | None


class ReportWithIdentifiers(ReportView):
    """With the identifiers by which the reporter named somebody: for the exchange, which finds out whom."""

    nik: str | None
    passport: str | None


class Wanted(Model):
    """Ids of alerts."""

    alerts: Annotated[tuple[Id, ...], Field(max_length=500)]


class Reports(Model):
    """Alerts about which nothing was said are absent."""

    reports: tuple[ReportWithIdentifiers, ...]


def router(store: Store, verifier: Callable[..., Principal]) -> APIRouter:
    """The routes; `verifier` gives the principal for whom the gateway asks."""
    routes = APIRouter(prefix="/alerts", tags=["alerts"])
    Caller = Annotated[Principal, Depends(verifier)]  # noqa: N806  # a type

    @routes.get("", summary="Alerts that the caller's organisation was told of or raised")
    async def list_alerts(
        caller: Caller,
        state: State | None = None,
        since: AwareDatetime | None = None,
        after: Annotated[str | None, Query(pattern=PAGE)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> AlertPage:
        """Those raised since an instant: 30 days ago unless said, or ever where `state` is an open one."""
        now = datetime.now(UTC)
        start = since or (now - RECENT if state in (None, "resolved") else None)
        behind = after or (page_from(start) if start else None)
        page = await store.list_alerts(readings(caller), state, behind, limit)
        return AlertPage(alerts=tuple(_view(alert, now) for alert in page.alerts), after=page.after)

    @routes.get("/{alert}", summary="One alert")
    async def get_alert(caller: Caller, alert: Id) -> AlertView:
        return _view(await _visible(store, caller, alert), datetime.now(UTC))

    @routes.get("/{alert}/report", summary="What the reporter said, for organisations that were told")
    async def get_report(caller: Caller, alert: Id) -> ReportView:
        found = await _visible(store, caller, alert)
        said = await store.find_reports([alert]) if caller.organisation in found.recipients else []
        if not said:
            raise Refused("not_found")
        return _report_view(said[0])

    @routes.post("/reports/read", summary="What the reporters said, for the exchange's copies to organisations told")
    async def read_reports(caller: Caller, wanted: Wanted) -> Reports:
        if caller.organisation != "SIMPUL" or "exchange" not in caller.roles:
            raise Refused("not_permitted")
        found = await store.find_reports(wanted.alerts)
        return Reports(reports=tuple(_report_with_identifiers(report) for report in found))

    return routes


async def _visible(store: Store, caller: Principal, alert: str) -> Alert:
    found = (await store.find_alerts([alert])).get(alert)
    if found is None or not may_see(found, caller):
        raise Refused("not_found")
    return found


def _view(alert: Alert, now: datetime) -> AlertView:
    return AlertView(
        alert=alert.id,
        version=alert.version,
        state=alert.state,
        alert_type=alert.type,
        severity=alert.severity,
        privacy=alert.privacy,
        source=alert.source,
        recipients=alert.recipients,
        unrouted=alert.unrouted,
        person=alert.person,
        country=alert.country,
        region=alert.region,
        occurred=alert.occurred,
        acknowledge_by=alert.acknowledge_by,
        first_action_by=alert.first_action_by,
        overdue=alert.overdue(now),
        steps=tuple(
            StepView(state=step.state, by=step.organisation, at=step.recorded_at, resolution=step.resolution)
            for step in alert.steps
        ),
    )


def _report_view(report: Report) -> ReportView:
    return ReportView(
        alert=report.alert,
        asof=report.recorded_at,
        region=report.region,
        narrative=report.details.narrative,
        place=report.details.place,
        phone=report.details.phone,
    )


def _report_with_identifiers(report: Report) -> ReportWithIdentifiers:
    found = report.details
    return ReportWithIdentifiers(**_report_view(report).model_dump(), nik=found.nik, passport=found.passport)
