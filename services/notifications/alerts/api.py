"""Queries about alerts, asked by the gateway for a principal; whoever may not see an alert finds none."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from chassis.security.principal import Verifier
from contracts import authority, notifications
from contracts.commands import Principal
from contracts.model import Id
from contracts.notifications import (
    AlertCount,
    AlertDetails,
    AlertIds,
    AlertPage,
    AlertState,
    AlertStep,
    AlertsWanted,
    AlertWithPerson,
    ReportForOfficer,
    Reports,
    ReportsWanted,
    ReportWithIdentifiers,
)
from contracts.outcomes import Refused
from services.notifications.alerts.domain.alert import Alert, Report, may_see, reader_names, relations
from services.notifications.alerts.store import AlertFilter, Store, cursor_at

CURSOR = r"^\d{13}-[0-9a-f-]{36}$"
RECENT = timedelta(days=30)
"""The embedded database sorts all that a list may show before it cuts a page: ask it for no more than is wanted."""


def router(store: Store, verifier: Verifier) -> APIRouter:
    """The routes; `verifier` gives the principal for whom the gateway asks."""
    routes = APIRouter(prefix="/alerts", tags=["alerts"])
    Caller = Annotated[Principal, Depends(verifier)]  # noqa: N806  # a type

    @routes.get("", summary="Alerts that the caller's organisation received or raised")
    async def list_alerts(
        caller: Caller,
        state: AlertState | None = None,
        since: AwareDatetime | None = None,
        after: Annotated[str | None, Query(pattern=CURSOR)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        *,
        wanted: Annotated[AlertsWanted, Depends()],
    ) -> AlertPage:
        """Those raised since an instant: 30 days ago unless said, or ever where `state` is an open one."""
        cursor = after or _start(state, since)
        page = await store.list_alerts(reader_names(caller), state, cursor, limit, _filter(caller, wanted))
        now = datetime.now(UTC)
        return AlertPage(alerts=tuple(_stated(alert, now) for alert in page.alerts), after=page.after)

    @routes.get("/count", summary="How many alerts such a list has")
    async def count_alerts(
        caller: Caller,
        state: AlertState | None = None,
        since: AwareDatetime | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        *,
        wanted: Annotated[AlertsWanted, Depends()],
    ) -> AlertCount:
        readers, start = reader_names(caller), _start(state, since)
        number = await store.count_alerts(readers, state, start, limit + 1, _filter(caller, wanted))
        return AlertCount(number=min(number, limit), more=number > limit)

    @routes.get("/{alert}", summary="One alert")
    async def get_alert(caller: Caller, alert: Id) -> AlertWithPerson:
        return _stated(await _visible(store, caller, alert), datetime.now(UTC))

    @routes.get("/{alert}/report", summary="What the reporter said, for officers on duty of those who respond")
    async def get_report(caller: Caller, alert: Id) -> ReportForOfficer:
        visible = await _visible(store, caller, alert)
        if not authority.allows("alerts.read_report", caller, relations(visible, caller)):
            raise Refused("not_found")
        reports = await store.find_reports([alert])
        return _for_officer(visible, reports[0] if reports else Report(alert, visible.recorded_at, AlertDetails()))

    @routes.post("/find", summary="Which of these ids are alerts', for the exchange, whose partners name alerts")
    async def find_alerts(caller: Caller, wanted: AlertIds) -> AlertIds:
        authority.check("alerts.find", caller)
        existing = await store.find_alerts(wanted.alerts)
        return AlertIds(alerts=tuple(name for name in wanted.alerts if name in existing))

    @routes.post("/reports/read", summary="What the reporters said, for the exchange's copies to recipients")
    async def read_reports(caller: Caller, wanted: ReportsWanted) -> Reports:
        authority.check("reports.read_all", caller)
        reports = await store.find_reports(wanted.alerts)
        return Reports(reports=tuple(_reported_with_identifiers(report) for report in reports))

    return routes


def _start(state: AlertState | None, since: datetime | None) -> str | None:
    """The cursor before the first alert of a list."""
    start = since or (datetime.now(UTC) - RECENT if state in (None, "resolved") else None)
    return cursor_at(start) if start else None


def _filter(caller: Principal, wanted: AlertsWanted) -> AlertFilter:
    return AlertFilter(
        severity=wanted.severity,
        alert_type=wanted.alert_type,
        country=wanted.country,
        region=wanted.region,
        overdue_at=datetime.now(UTC) if wanted.overdue else None,
        of=caller.organisation if wanted.ours else None,
    )


async def _visible(store: Store, caller: Principal, alert_id: str) -> Alert:
    """Raises Refused: for whoever may see no alert at all the same whether there is one or not."""
    reader_names(caller)
    alert = (await store.find_alerts([alert_id])).get(alert_id)
    if alert is None or not may_see(alert, caller):
        raise Refused("not_found")
    return alert


def _stated(alert: Alert, now: datetime) -> AlertWithPerson:
    return AlertWithPerson(
        alert=alert.id,
        version=alert.version,
        state=alert.state,
        alert_type=alert.type,
        severity=alert.severity,
        privacy=alert.privacy,
        source=alert.source,
        recipients=alert.recipients,
        responders=alert.responders,
        unrouted=alert.unrouted,
        person=alert.person,
        named_under=None if alert.privacy == "survivor" else alert.named_under,
        reason=None if alert.privacy == "survivor" else alert.reason,
        withheld=None if alert.privacy == "survivor" else alert.withheld,
        country=alert.country,
        region=alert.region,
        occurred=alert.occurred,
        acknowledge_by=alert.acknowledge_by,
        first_action_by=alert.first_action_by,
        overdue=alert.overdue(now),
        source_suspended=alert.source_suspended,
        steps=tuple(
            AlertStep(state=step.state, by=step.organisation, at=step.recorded_at, resolution=step.resolution)
            for step in alert.steps
        ),
    )


def _reported(report: Report) -> notifications.Report:
    details = report.details
    return notifications.Report(
        alert=report.alert,
        asof=report.recorded_at,
        region=report.region,
        narrative=details.narrative,
        place=details.place,
        phone=details.phone,
    )


def _reported_with_identifiers(report: Report) -> ReportWithIdentifiers:
    details = report.details
    return ReportWithIdentifiers(**_reported(report).model_dump(), nik=details.nik, passport=details.passport)


def _for_officer(alert: Alert, report: Report) -> ReportForOfficer:
    return ReportForOfficer(
        **_reported_with_identifiers(report).model_dump(),
        privacy=alert.privacy,
        source=alert.source,
        person=alert.person or report.person,
        named_under=alert.named_under,
        withheld=alert.withheld,
    )
