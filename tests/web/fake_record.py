"""What the fake /v1 has of disclosures and emergency reviews, in the shape of the real one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI, Request

from contracts.notifications.reviews import ReviewPage
from services.gateway.api.disclosure_log import DisclosureList

PERSON = "p_" + "C" * 43
FIRST, SECOND = (f"00000000-0000-8000-8000-00000000f00{number}" for number in (1, 2))


@dataclass
class FakeRecord:
    """`searches` keeps what was asked for, `closures` what was found of which alert, with the key."""

    reviews: list[dict[str, Any]] = field(default_factory=list)
    searches: list[dict[str, str]] = field(default_factory=list)
    closures: list[tuple[str, str | None, dict[str, Any]]] = field(default_factory=list)

    def add(self) -> None:
        """Two open reviews: one over its time, and one about a survivor at another institution."""
        now = datetime.now(UTC)
        self.reviews = [
            {
                "alert": alert, "organisation": organisation, "severity": "high", "overdue": overdue,
                "opened_at": now - timedelta(days=8), "due": now - timedelta(days=1), **further,
            }
            for alert, organisation, overdue, further in (
                (FIRST, "KP2MI", True, {"alert_type": "ALT-DISTRESS", "reason": "life_in_danger"}),
                (SECOND, "KEMENPPPA", False, {"withheld": "no_reason"}),
            )
        ]  # fmt: skip


def add_record(app: FastAPI, fake: FakeRecord) -> None:
    """The routes of both."""

    @app.get("/v1/disclosures")
    async def list_disclosures(request: Request) -> dict[str, Any]:
        fake.searches.append(dict(request.query_params))
        row = {
            "at": "2026-03-01T08:30:00Z", "receiver": "BPS", "purpose": "official_statistics", "agreement": "stat-1",
            "kind": "copy", "fields": ["personal.birth_date"], "person": PERSON, "leaf": 7, "row": 0,
        }  # fmt: skip
        listed = {"disclosures": [row, row | {"kind": "reading", "person": None, "row": 1}], "after": "6.0"}
        return DisclosureList.model_validate(listed).model_dump(mode="json", exclude_none=True)

    @app.get("/v1/emergency-reviews")
    async def list_reviews(state: str = "open") -> dict[str, Any]:
        rows = [row for row in fake.reviews if ("finding" in row) is (state == "closed")]
        return ReviewPage.model_validate({"reviews": rows}).model_dump(mode="json", exclude_none=True)

    @app.post("/v1/emergency-reviews/{alert}/closure")
    async def close(alert: str, request: Request) -> dict[str, Any]:
        body = json.loads(await request.body())
        fake.closures.append((alert, request.headers.get("idempotency-key"), body))
        for row in fake.reviews:
            if row["alert"] == alert:
                row |= body | {"closed_at": datetime.now(UTC)}
        return {"command": alert, "result": "applied"}
