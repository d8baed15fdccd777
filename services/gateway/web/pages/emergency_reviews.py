"""Emergency reviews: alerts that named somebody whom no agreement covers, for data protection officers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from services.gateway.web.languages import mark
from services.gateway.web.site import Site, Visit, with_query
from services.gateway.web.v1 import V1Refused

STATES = ("open", "closed")
FINDINGS = ("justified", "covered_by_agreement", "unjustified")
KEPT = mark("It is kept and not settled yet. Look again in a moment; do not send it twice.")
CHANGED = mark("It has changed since you saw it. Look at it again and decide anew.")


def routes(site: Site) -> list[Route]:
    """The routes of this file."""
    return [
        Route("/emergency-reviews", site.page(list_reviews), methods=["GET"]),
        Route("/emergency-reviews/{alert}/close", site.page(close), methods=["POST"]),
    ]


async def list_reviews(visit: Visit) -> Response:
    """Oldest first."""
    return await _list(visit)


async def close(visit: Visit) -> Response:
    form = await visit.form()
    if form.get("finding") not in FINDINGS:
        return await _list(visit, 422, missing=visit.id_of("alert"))
    path = f"/v1/emergency-reviews/{visit.id_of('alert')}/closure"
    try:
        written = await visit.v1.write(
            "POST", path, {"finding": form["finding"]}, version=None, key=form.get("key") or None
        )
    except V1Refused as refused:
        if refused.status != 409:
            raise
        return await _list(visit, 409, notice=visit.words.text(CHANGED))
    if written.result != "applied":
        return await _list(visit, notice=visit.words.text(KEPT))
    return visit.back("/emergency-reviews")


async def _list(visit: Visit, status: int = 200, *, missing: str = "", notice: str = "") -> Response:
    query: Mapping[str, str] = visit.request.query_params
    state = query.get("state", "") if query.get("state") in STATES else "open"
    page: dict[str, Any] = await visit.v1.get("/v1/emergency-reviews", state=state, after=query.get("after"))
    further = with_query("/emergency-reviews", state=state, after=page["after"]) if page.get("after") else None
    return visit.render(
        "emergency_reviews.html", status, reviews=page["reviews"], state=state, after=further, missing=missing,
        notice=notice, findings=FINDINGS,
    )  # fmt: skip
