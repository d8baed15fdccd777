"""Every query and write of alerts, and apart from them of the reports about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.documents import Codec
from chassis.mongo import Database, Index, Session, find_in, insert_new, save_guarded
from contracts.notifications import AlertState
from services.notifications.alerts.domain.alert import Alert, Report

INDEXES: tuple[Index, ...] = (
    ("alerts", (("readers", 1), ("state", 1), ("cursor", 1)), {}),
    ("alerts", (("readers", 1), ("cursor", 1)), {}),
)

_ALERTS, _REPORTS = Codec(Alert), Codec(Report, key="alert")


@dataclass(frozen=True, slots=True)
class Page:
    """Alerts in the order raised. `after` continues behind the last one; None when there are no more."""

    alerts: tuple[Alert, ...]
    after: str | None


class Store:
    """The alerts database."""

    def __init__(self, database: Database) -> None:
        self.alerts, self.reports = database["alerts"], database["reports"]

    async def find_alerts(self, ids: Iterable[str]) -> dict[str, Alert]:
        """Those that exist, by id."""
        return {document["_id"]: _ALERTS.read(document) for document in await find_in(self.alerts, "_id", ids)}

    async def find_reports(self, alerts: Iterable[str]) -> list[Report]:
        """The reports about these alerts; one about which nothing was said has none."""
        return [_REPORTS.read(document) for document in await find_in(self.reports, "_id", alerts)]

    async def list_alerts(
        self, readers: Sequence[str], state: AlertState | None, after: str | None, limit: int
    ) -> Page:
        """Alerts that one of `readers` may see, oldest first, behind a cursor."""
        query: dict[str, Any] = {"readers": {"$in": list(readers)} if len(readers) > 1 else readers[0]}
        if state:
            query["state"] = state
        if after:
            query["cursor"] = {"$gt": after}
        documents = await self.alerts.find(query).sort("cursor", 1).limit(limit + 1).to_list(None)
        alerts = tuple(_ALERTS.read(document) for document in documents[:limit])
        return Page(alerts, documents[limit - 1]["cursor"] if len(documents) > limit else None)

    async def save(self, alerts: Iterable[Alert], reports: Iterable[Report], session: Session) -> None:
        """Write alerts, new and changed, and the reports of new ones. Raises VersionConflict."""
        await save_guarded(self.alerts, map(_alert_document, alerts), session)
        await insert_new(self.reports, [_REPORTS.document(report) for report in reports], session)


def cursor_at(at: datetime) -> str:
    """The cursor before everything raised at or after an instant."""
    return f"{int(at.timestamp() * 1000):013d}"


def _alert_document(alert: Alert) -> dict[str, Any]:
    """With the fields that alerts are listed by."""
    return _ALERTS.document(alert) | {
        "state": alert.state,
        "readers": list(alert.readers),
        "cursor": f"{cursor_at(alert.steps[0].recorded_at)}-{alert.id}",
    }
