"""Queries about reviews of alerts, asked by the gateway for a data protection officer."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from chassis.security.principal import Verifier
from contracts.commands import Principal
from contracts.notifications import ReviewPage, ReviewState, ReviewSummary
from services.notifications.alerts.api import CURSOR
from services.notifications.alerts.domain.review import Review, review_readers
from services.notifications.alerts.store import Store


def router(store: Store, verifier: Verifier) -> APIRouter:
    """The route; `verifier` gives the principal for whom the gateway asks."""
    routes = APIRouter(prefix="/reviews", tags=["reviews"])
    Caller = Annotated[Principal, Depends(verifier)]  # noqa: N806  # a type

    @routes.get("", summary="Alerts that name somebody whom no agreement of their reporter covers")
    async def list_reviews(
        caller: Caller,
        state: ReviewState = "open",
        after: Annotated[str | None, Query(pattern=CURSOR)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> ReviewPage:
        page = await store.list_reviews(review_readers(caller), state, after, limit)
        now = datetime.now(UTC)
        return ReviewPage(reviews=tuple(_stated(review, now) for review in page.reviews), after=page.after)

    return routes


def _stated(review: Review, now: datetime) -> ReviewSummary:
    return ReviewSummary(
        alert=review.id,
        organisation=review.organisation,
        alert_type=None if review.privacy == "survivor" else review.alert_type,
        severity=review.severity,
        reason=review.reason,
        withheld=review.withheld,
        opened_at=review.opened_at,
        due=review.due,
        overdue=review.overdue(now),
        closed_at=review.closed_at,
        finding=review.finding,
    )
