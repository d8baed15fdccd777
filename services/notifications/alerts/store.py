"""Every query and write of alerts, and apart from them of the reports about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from chassis.documents import Codec
from chassis.mongo import Collection, Database, Index, Session, find_in, insert_new, save_guarded
from contracts.codes import Severity
from contracts.notifications import AlertState, ReviewState
from services.notifications.alerts.domain.alert import Alert, Report
from services.notifications.alerts.domain.naming import Allowance
from services.notifications.alerts.domain.review import Review

INDEXES: tuple[Index, ...] = (
    ("alerts", (("readers", 1), ("state", 1), ("cursor", 1)), {}),
    ("alerts", (("readers", 1), ("cursor", 1)), {}),
    ("reviews", (("readers", 1), ("state", 1), ("cursor", 1)), {}),
    ("reviews", (("state", 1), ("opened_at", 1)), {}),
)

_ALERTS, _REPORTS = Codec(Alert), Codec(Report, key="alert")
_REVIEWS, _ALLOWANCES = Codec(Review), Codec(Allowance)


@dataclass(frozen=True, slots=True)
class ReviewsPage:
    """Reviews in the order opened. `after` continues behind the last one; None when there are no more."""

    reviews: tuple[Review, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Of the alerts that a reader may see, those wanted. `region` is a province with all in it, or one regency.

    `overdue_at`: those that nobody took in time, as of then. `of`: raised by an organisation, or told to it.
    """

    severity: Severity | None = None
    alert_type: str | None = None
    country: str | None = None
    region: str | None = None
    overdue_at: datetime | None = None
    of: str | None = None

    @property
    def query(self) -> dict[str, Any]:
        """Beside the state and the reader."""
        query: dict[str, Any] = {
            name: value
            for name, value in (("severity", self.severity), ("type", self.alert_type), ("country", self.country))
            if value is not None
        }
        if self.region is not None:
            query["region"] = {"$gte": self.region, "$lt": f"{self.region}/"}  # / comes after the dot of 33.07
        if self.overdue_at is not None:
            query |= {"state": "raised", "acknowledge_by": {"$lt": self.overdue_at}}
        if self.of is not None:
            query["$or"] = [{"source": self.of}, {"recipients": self.of}]
        return query


@dataclass(frozen=True, slots=True)
class Page:
    """Alerts in the order raised. `after` continues behind the last one; None when there are no more."""

    alerts: tuple[Alert, ...]
    after: str | None


class Store:
    """The alerts database."""

    def __init__(self, database: Database) -> None:
        self.alerts, self.reports = database["alerts"], database["reports"]
        self.reviews, self.allowances = database["reviews"], database["allowances"]

    async def find_alerts(self, ids: Iterable[str]) -> dict[str, Alert]:
        """Those that exist, by id."""
        return {document["_id"]: _ALERTS.read(document) for document in await find_in(self.alerts, "_id", ids)}

    async def find_reports(self, alerts: Iterable[str]) -> list[Report]:
        """The reports about these alerts; one about which nothing was said has none."""
        return [_REPORTS.read(document) for document in await find_in(self.reports, "_id", alerts)]

    async def list_alerts(
        self, readers: Sequence[str], state: AlertState | None, after: str | None, limit: int,
        wanted: AlertFilter | None = None,
    ) -> Page:  # fmt: skip
        """Alerts that one of `readers` may see, oldest first, behind a cursor."""
        documents, behind = await _page(self.alerts, readers, state, after, limit, wanted.query if wanted else {})
        return Page(tuple(map(_ALERTS.read, documents)), behind)

    async def count_alerts(
        self, readers: Sequence[str], state: AlertState | None, after: str | None, limit: int, wanted: AlertFilter
    ) -> int:
        """How many alerts `list_alerts` has behind a cursor, counted no further than `limit`."""
        query = _visible(readers, state, after) | wanted.query
        return await self.alerts.count_documents(query, limit=limit)

    async def find_allowances(self, organisations: Iterable[str]) -> dict[str, Allowance]:
        """Those that were used, by organisation."""
        documents = await find_in(self.allowances, "_id", organisations)
        return {document["_id"]: _ALLOWANCES.read(document) for document in documents}

    async def find_reviews(self, alerts: Iterable[str]) -> dict[str, Review]:
        """Those that there are, by the alert's id."""
        return {document["_id"]: _REVIEWS.read(document) for document in await find_in(self.reviews, "_id", alerts)}

    async def list_reviews(
        self, readers: Sequence[str], state: ReviewState, after: str | None, limit: int
    ) -> ReviewsPage:
        """Reviews that one of `readers` may see, oldest first, behind a cursor."""
        documents, behind = await _page(self.reviews, readers, state, after, limit)
        return ReviewsPage(tuple(map(_REVIEWS.read, documents)), behind)

    async def count_open_reviews(self, opened_before: datetime) -> int:
        """Those that were opened before then (UTC)."""
        return await self.reviews.count_documents({"state": "open", "opened_at": {"$lt": opened_before}})

    async def save_reviews(self, reviews: Iterable[Review], allowances: Iterable[Allowance], session: Session) -> None:
        """Write them, new and changed. Raises VersionConflict."""
        await save_guarded(self.reviews, map(_review_document, reviews), session)
        await save_guarded(self.allowances, map(_ALLOWANCES.document, allowances), session)

    async def save(self, alerts: Iterable[Alert], reports: Iterable[Report], session: Session) -> None:
        """Write alerts, new and changed, and the reports of new ones. Raises VersionConflict."""
        await save_guarded(self.alerts, map(_alert_document, alerts), session)
        await insert_new(self.reports, [_REPORTS.document(report) for report in reports], session)


async def _page(
    collection: Collection, readers: Sequence[str], state: str | None, after: str | None, limit: int,
    further: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[Sequence[Mapping[str, Any]], str | None]:  # fmt: skip
    """Documents that one of `readers` may see, behind a cursor, and the cursor behind them if there are more."""
    query = _visible(readers, state, after) | dict(further)
    documents = await collection.find(query).sort("cursor", 1).limit(limit + 1).to_list(None)
    return documents[:limit], documents[limit - 1]["cursor"] if len(documents) > limit else None


def _visible(readers: Sequence[str], state: str | None, after: str | None) -> dict[str, Any]:
    query: dict[str, Any] = {"readers": {"$in": list(readers)} if len(readers) > 1 else readers[0]}
    if state:
        query["state"] = state
    if after:
        query["cursor"] = {"$gt": after}
    return query


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


def _review_document(review: Review) -> dict[str, Any]:
    """With the fields that reviews are listed by."""
    return _REVIEWS.document(review) | {
        "state": review.state,
        "readers": list(review.readers),
        "cursor": f"{cursor_at(review.opened_at)}-{review.id}",
    }
