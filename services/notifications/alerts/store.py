"""Every query and write of alerts, and apart from them of the reports about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.mongo import Database, Index, Session, find_in, insert_new, replace_guarded
from contracts.model import Moment
from contracts.notifications import AlertDetails, AlertState
from services.notifications.alerts.domain.alert import Alert, Report, Step

INDEXES: tuple[Index, ...] = (
    ("alerts", (("readers", 1), ("state", 1), ("cursor", 1)), {}),
    ("alerts", (("readers", 1), ("cursor", 1)), {}),
)


@dataclass(frozen=True, slots=True)
class Page:
    """Alerts in the order raised. `after` continues behind the last one; None when there are no more."""

    alerts: tuple[Alert, ...]
    after: str | None


class Store:
    """The database of one process."""

    def __init__(self, database: Database) -> None:
        self.alerts, self.reports = database["alerts"], database["reports"]

    async def find_alerts(self, ids: Iterable[str]) -> dict[str, Alert]:
        """Those that exist, by id."""
        return {found["_id"]: _alert(found) for found in await find_in(self.alerts, "_id", ids)}

    async def find_reports(self, alerts: Iterable[str]) -> list[Report]:
        """The reports about these alerts; one about which nothing was said has none."""
        return [_report(found) for found in await find_in(self.reports, "_id", alerts)]

    async def list_alerts(
        self, readers: Sequence[str], state: AlertState | None, after: str | None, limit: int
    ) -> Page:
        """Alerts that one of `readers` may see, oldest first, behind a cursor."""
        query: dict[str, Any] = {"readers": {"$in": list(readers)} if len(readers) > 1 else readers[0]}
        if state:
            query["state"] = state
        if after:
            query["cursor"] = {"$gt": after}
        found = await self.alerts.find(query).sort("cursor", 1).limit(limit + 1).to_list(None)
        more = len(found) > limit
        return Page(tuple(_alert(one) for one in found[:limit]), found[limit - 1]["cursor"] if more else None)

    async def save(self, alerts: Iterable[Alert], reports: Iterable[Report], session: Session) -> None:
        """Write alerts, new and changed, and the reports of new ones. Raises VersionConflict."""
        documents = [_alert_document(alert) for alert in alerts]
        await insert_new(self.alerts, [new for new in documents if new["revision"] == 1], session)
        await insert_new(self.reports, [_report_document(report) for report in reports], session)
        await replace_guarded(self.alerts, [old for old in documents if old["revision"] > 1], session)


def cursor_at(at: datetime) -> str:
    """The cursor before everything raised at or after an instant."""
    return f"{int(at.timestamp() * 1000):013d}"


def _alert_document(alert: Alert) -> dict[str, Any]:
    return {
        "_id": alert.id,
        "revision": alert.revision + 1,
        "state": alert.state,
        "readers": list(alert.readers),
        "cursor": f"{cursor_at(alert.steps[0].recorded_at)}-{alert.id}",
        "type": alert.type,
        "severity": alert.severity,
        "privacy": alert.privacy,
        "source": alert.source,
        "recipients": list(alert.recipients),
        "unrouted": list(alert.unrouted),
        "occurred": alert.occurred.model_dump(),
        "person": alert.person,
        "country": alert.country,
        "region": alert.region,
        "acknowledge_by": alert.acknowledge_by,
        "first_action_by": alert.first_action_by,
        "steps": [_step_document(step) for step in alert.steps],
    }


def _step_document(step: Step) -> dict[str, Any]:
    return {
        "state": step.state,
        "command_id": step.command_id,
        "organisation": step.organisation,
        "user": step.user,
        "recorded_at": step.recorded_at,
        "resolution": step.resolution,
    }


def _alert(found: Mapping[str, Any]) -> Alert:
    return Alert(
        id=found["_id"],
        revision=found["revision"],
        type=found["type"],
        severity=found["severity"],
        privacy=found["privacy"],
        source=found["source"],
        recipients=tuple(found["recipients"]),
        unrouted=tuple(found["unrouted"]),
        occurred=Moment(**found["occurred"]),
        person=found["person"],
        country=found["country"],
        region=found["region"],
        acknowledge_by=found["acknowledge_by"],
        first_action_by=found["first_action_by"],
        steps=tuple(Step(**step) for step in found["steps"]),
    )


def _report_document(report: Report) -> dict[str, Any]:
    return {
        "_id": report.alert,
        "recorded_at": report.recorded_at,
        "person": report.person,
        "region": report.region,
        "details": report.details.model_dump(exclude_none=True),
    }


def _report(found: Mapping[str, Any]) -> Report:
    return Report(
        alert=found["_id"],
        recorded_at=found["recorded_at"],
        details=AlertDetails(**found["details"]),
        person=found["person"],
        region=found["region"],
    )
