"""Duplicate reviews: the queue, two persons side by side, the decision and how it is taken back, and the figures."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from services.gateway.web.languages import mark
from services.gateway.web.side_by_side import compared
from services.gateway.web.site import Site, Visit, with_query
from services.gateway.web.v1 import V1Refused

STATUSES, ORDERS, BANDS = ("open", "decided"), ("age", "weight"), ("high", "middle", "low")
DECISIONS = frozenset({"same", "different"})
REASONS = (
    "same_documents", "typing_error", "confirmed_by_person", "confirmed_by_dukcapil", "twin",
    "same_household_different_person", "other",
)  # fmt: skip
PAGE = 20
"""Reviews on a page. Each person listed is put on record as read, so a page is short."""
MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])\Z")
KEPT = mark("It is kept and not settled yet. Look again in a moment; do not send it twice.")
FASTER = mark("A colleague was faster: this review has changed since you saw it. Nothing of yours was done.")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; anything that it cannot ask for is as if it were not there."""

    status: str = "open"
    order: str = "age"
    band: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        return cls(
            status=_one_of(STATUSES, query.get("status", "")) or "open",
            order=_one_of(ORDERS, query.get("order", "")) or "age",
            band=_one_of(BANDS, query.get("band", "")),
        )

    def address(self, path: str, **further: str | None) -> str:
        """A page with these filters; those that are as usual are left out."""
        usual = Filters()
        chosen = {
            name: value
            for name in ("status", "order", "band")
            if (value := getattr(self, name)) != getattr(usual, name)
        }
        return with_query(path, **chosen | further)


def routes(site: Site) -> list[Route]:
    """The routes of this file."""
    return [
        Route("/duplicates", site.page(list_reviews), methods=["GET"]),
        Route("/duplicates/figures", site.page(show_figures), methods=["GET"]),
        Route("/duplicates/next", site.page(open_next), methods=["GET"]),
        Route("/duplicates/{review}", site.page(show_review), methods=["GET"]),
        Route("/duplicates/{review}/decide", site.page(decide), methods=["POST"]),
        Route("/duplicates/{review}/take-back", site.page(take_back), methods=["POST"]),
    ]


async def list_reviews(visit: Visit) -> Response:
    """The queue, and how old what waits in it is."""
    query = visit.request.query_params
    filters = Filters.of(query)
    page, workload = await asyncio.gather(
        _page(visit, filters, query.get("after"), PAGE), visit.v1.get("/v1/duplicates/workload")
    )
    now = datetime.now(UTC)
    return visit.render(
        "duplicates.html", filters=filters, reviews=page["duplicates"], ages=workload["open"],
        waited={review["duplicate"]: _seconds_since(review["opened_at"], now) for review in page["duplicates"]},
        after=filters.address("/duplicates", after=page["after"]) if page.get("after") else None,
    )  # fmt: skip


async def show_figures(visit: Visit) -> Response:
    """What was opened and decided of late, and how stewards and the model agree in one month."""
    asked = visit.request.query_params.get("month", "")
    month = asked if MONTH.match(asked) else datetime.now(UTC).strftime("%Y-%m")
    workload, agreement = await asyncio.gather(
        visit.v1.get("/v1/duplicates/workload"), visit.v1.get("/v1/duplicates/agreement", month=month)
    )
    return visit.render("duplicate_figures.html", workload=workload, agreement=agreement, month=month)


async def open_next(visit: Visit) -> Response:
    """The first open review of the queue: asked for by a person, never ahead, since each reading is put on record."""
    filters = Filters.of(visit.request.query_params)
    page = await _page(visit, Filters(order=filters.order, band=filters.band), None, 1)
    rows = page["duplicates"]
    return visit.back(filters.address(f"/duplicates/{rows[0]['duplicate']}" if rows else "/duplicates"))


async def show_review(visit: Visit) -> Response:
    return await _detail(visit)


async def decide(visit: Visit) -> Response:
    form = await visit.form()
    reason = _one_of(REASONS, form.get("reason", ""))
    if not reason or form.get("decision") not in DECISIONS:
        return await _detail(visit, 422, missing="decision")
    return await _write(visit, "decision", {"decision": form["decision"], "reason": reason}, form)


async def take_back(visit: Visit) -> Response:
    form = await visit.form()
    reason = _one_of(REASONS, form.get("reason", ""))
    if not reason:
        return await _detail(visit, 422, missing="take-back")
    return await _write(visit, "reopen", {"reason": reason}, form)


async def _write(visit: Visit, step: str, body: dict[str, Any], form: Mapping[str, str]) -> Response:
    review = visit.id_of("review")
    try:
        written = await visit.v1.write(
            "POST", f"/v1/duplicates/{review}/{step}", body, version=form.get("version"), key=form.get("key") or None
        )
    except V1Refused as refused:
        if refused.code not in ("version_conflict", "state_conflict"):
            raise
        return await _detail(visit, 409, notice=visit.words.text(FASTER))
    if written.result != "applied":
        return await _detail(visit, notice=visit.words.text(KEPT))
    filters = Filters.of(visit.request.query_params)
    return visit.back(filters.address(f"/duplicates/{review}"))


async def _detail(visit: Visit, status: int = 200, *, notice: str = "", missing: str = "") -> Response:
    """The review as it is now; reading it is put on record by /v1."""
    review = await visit.v1.get(f"/v1/duplicates/{visit.id_of('review')}")
    return visit.render(
        "duplicate.html", status, review=review, lines=compared(review["sides"], visit.words), reasons=REASONS,
        filters=Filters.of(visit.request.query_params), notice=notice, missing=missing,
        waited=_seconds_since(review["opened_at"], datetime.now(UTC)), step=review["history"][-1],
    )  # fmt: skip


async def _page(visit: Visit, filters: Filters, after: str | None, limit: int) -> dict[str, Any]:
    return await visit.v1.get(
        "/v1/duplicates", status=filters.status, order=filters.order, band=filters.band or None, after=after,
        limit=limit,
    )  # fmt: skip


def _seconds_since(at: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(at)).total_seconds()


def _one_of(values: tuple[str, ...], value: str) -> str:
    return value if value in values else ""
