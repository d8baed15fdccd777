"""The duplicate reviews of the fake /v1: one pair that a rule may not merge, in the shape of the real one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI, Request

from chassis.web.app import problem_response
from contracts.outcomes import problem
from contracts.registry import DuplicateAgreement, DuplicateWorkload
from services.gateway.api.duplicates import DuplicateRow, DuplicateView

REVIEW = "00000000-0000-8000-8000-00000000d001"
TOKENS = tuple("p_" + letter * 43 for letter in "AB")
EVIDENCE = (
    ("prior", "", "", "two records by chance", -21.2),
    ("name", "Siti Aminah", "SITI AMINAH", "same", 14.1),
    ("birth", "1993-04-28", "1993-04-23", "slip", 8.3),
    ("nik", "3301015505900001", "3301015505900027", "different", -3.4),
    ("household or twins", "", "", "not more likely for", 0.0),
)


@dataclass
class FakeDuplicates:
    """`reviews` by id; `writes` keeps step, key, version and body of what was sent."""

    reviews: dict[str, dict[str, Any]] = field(default_factory=dict)
    writes: list[tuple[str, str | None, str | None, dict[str, Any]]] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    """Every review whose persons were read."""
    settled: set[str] = field(default_factory=set)

    def add(self, review: str = REVIEW, hold: str | None = "nik", days: float = 3) -> dict[str, Any]:
        """An open review."""
        opened = (datetime.now(UTC) - timedelta(days=days)).isoformat()
        by_rule = {"kind": "OPENED", "at": opened, "by": "SIMPUL", "because": "rule"}
        content = {
            "duplicate": review, "version": 1, "persons": TOKENS, "status": "open", "opened_at": opened, "weight": 11.3,
            "probability": 0.9996, "band": "high", "hold": hold, "model": "registry-1", "history": [by_rule],
            "sides": [_side(0, "Siti Aminah", "1993-04-28", "3301015505900001"),
                      _side(1, "SITI AMINAH", "1993-04-23", "3301015505900027")],
            "evidence": _evidence(),
        }  # fmt: skip
        self.reviews[review] = DuplicateView.model_validate(content).model_dump(mode="json", exclude_none=True)
        return self.reviews[review]

    def step(self, review: dict[str, Any], kind: str, body: dict[str, Any], by: str = "KP2MI") -> None:
        """Somebody decides it, or takes the decision back."""
        done = {"kind": kind, "at": datetime.now(UTC).isoformat(), "by": by, "because": "steward"} | body
        review["history"].append(done)
        review["status"] = "decided" if kind == "DECIDED" else "open"
        review["version"] += 1


def add_duplicates(app: FastAPI, fake: FakeDuplicates) -> None:
    """The routes under /v1/duplicates."""

    @app.get("/v1/duplicates")
    async def list_duplicates(status: str = "open", band: str | None = None, limit: int = 50) -> dict[str, Any]:
        names = DuplicateRow.model_fields
        rows = [r for r in fake.reviews.values() if r["status"] == status and band in (None, r["band"])]
        return {"duplicates": [{n: r[n] for n in names if n in r} for r in rows[:limit]], "after": None}

    @app.get("/v1/duplicates/workload")
    async def workload() -> dict[str, Any]:
        ages = [{"older_than_days": days, "duplicates": days + 1} for days in (30, 7, 1, 0)]
        days = [{"day": f"2026-03-{day:02d}", "opened": day, "decided": day // 2} for day in range(14, 0, -1)]
        return DuplicateWorkload.model_validate({"open": ages, "days": days}).model_dump(mode="json")

    @app.get("/v1/duplicates/agreement")
    async def agreement(month: str) -> dict[str, Any]:
        bands = [{"band": band, "decided": 12, "agreed": 9} for band in ("high", "middle", "low")]
        figures = {"month": month, "bands": bands, "redecided": 2, "upheld": 1}
        return DuplicateAgreement.model_validate(figures).model_dump(mode="json")

    @app.get("/v1/duplicates/{review}", response_model=None)
    async def get_duplicate(review: str) -> Any:
        fake.reads.append(review)
        return fake.reviews.get(review) or problem_response([problem("not_found")])

    @app.post("/v1/duplicates/{review}/{step}", response_model=None)
    async def write(review: str, step: str, request: Request) -> Any:
        key, version = request.headers.get("idempotency-key"), request.headers.get("if-match")
        body, row = json.loads(await request.body()), fake.reviews[review]
        fake.writes.append((step, key, version, body))
        result = {"command": review, "result": "applied", "id": review}
        if str(key) in fake.settled:
            return result
        if version != f'"{row["version"]}"':
            return problem_response([problem("version_conflict")])
        fake.settled.add(str(key))
        fake.step(row, "DECIDED" if step == "decision" else "REOPENED", body)
        return result | {"version": row["version"]}


def _side(number: int, name: str, birth: str, nik: str) -> dict[str, Any]:
    clear = {"full_name": name, "birth_date": birth, "nik": nik, "sex": "P", "phone": "+62 812 0000 0001"}
    return {
        "person": TOKENS[number], "agreements": ["identity-stewardship"], "absorbed": [],
        "given_by": {"identity-stewardship": sorted(clear)}, "asof": "2026-03-01T08:30:00Z",
        "personal": {"clear": clear | ({"address": "Jl. Melati 3"} if number else {})},
        "facts": {"owner": "KP2MI", "status": "C1_REGISTERED", "flags": ["nik_unverified"], "destination": "MY",
                  "home_regency": "33.01", "scheme": "p_to_p", "identity_matched": bool(number)},
    }  # fmt: skip


def _evidence() -> list[dict[str, Any]]:
    total, lines = 0.0, []
    for name, first, second, level, weight in EVIDENCE:
        total = round(total + weight, 1)
        lines.append({"field": name, "values": (first, second), "level": level, "weight": weight, "total": total})
    return lines
