"""The rounds of the fake /v1: every question of the catalogue, some answered, in the shape of the real one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI, Request

from chassis.web.app import problem_response
from contracts import codes
from contracts.indicators import AnswerState, RoundSummary
from contracts.outcomes import problem
from services.gateway.api.round_views import CompletenessView, RoundView

ROUND = "00000000-0000-8000-8000-00000000e001"
EVIDENCE = {"instrument": "UU", "number": "18", "year": 2017, "title": "Pelindungan Pekerja Migran Indonesia"}


@dataclass
class FakeRounds:
    """`answers` by indicator; `writes` keeps what was sent: indicator, key, version, body."""

    rounds: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    writes: list[tuple[str, str | None, str | None, dict[str, Any]]] = field(default_factory=list)
    asofs: list[str] = field(default_factory=list)
    may_read: bool = True
    settled: set[str] = field(default_factory=set)

    def add(self, days: float = 3) -> dict[str, Any]:
        """A round with that many days left; every third question is answered."""
        now = datetime.now(UTC)
        self.rounds[ROUND] = {
            "round": ROUND, "catalogue": "mgi-national", "catalogue_version": codes.mgi_catalogue_version(),
            "year": 2026, "opened_at": (now - timedelta(days=30)).isoformat(),
            "due_at": (now + timedelta(days=days)).isoformat(),
        }  # fmt: skip
        for number, indicator in enumerate(codes.mgi_indicators()):
            if number % 3 == 0:
                self.answer(indicator, {"value": "yes", "evidence": [EVIDENCE]}, late=number % 2 == 0)
        return self.rounds[ROUND]

    def answer(self, indicator: str, body: dict[str, Any], *, late: bool = False) -> dict[str, Any]:
        """A further version."""
        entry, before = codes.mgi_indicators()[indicator], self.answers.get(indicator)
        version = body | {
            "occurred": {"at": "2026-03-01T08:30:00Z"},
            "recorded_at": datetime.now(UTC).isoformat(), "late": late,
        }  # fmt: skip
        versions = [*(before["versions"] if before else []), version]
        self.answers[indicator] = version | {
            "answer": ROUND, "round": ROUND, "indicator": indicator, "dimension": entry.dimension_no,
            "organisation": entry.lead_org, "version": len(versions), "versions": versions,
        }  # fmt: skip
        return self.answers[indicator]


def add_rounds(app: FastAPI, fake: FakeRounds) -> None:
    """The routes under /v1/rounds."""

    @app.get("/v1/rounds")
    async def list_rounds() -> dict[str, Any]:
        return {"rounds": [_shaped(RoundSummary, row) for row in fake.rounds.values()]}

    @app.get("/v1/rounds/{name}", response_model=None)
    async def get_round(name: str) -> Any:
        row = fake.rounds.get(name)
        return (
            _shaped(RoundView, row | {"questions": _questions()}) if row else problem_response([problem("not_found")])
        )

    @app.get("/v1/rounds/{name}/completeness", response_model=None)
    async def completeness(name: str) -> Any:
        row = fake.rounds.get(name)
        return _completeness(fake, row) if row else problem_response([problem("not_found")])

    @app.get("/v1/rounds/{name}/answers", response_model=None)
    async def list_answers(name: str) -> Any:
        if not fake.may_read:
            return problem_response([problem("not_permitted")])
        rows = [question | {"answer": fake.answers.get(question["indicator"])} for question in _questions()]
        return {"round": name, "answers": rows}

    @app.get("/v1/rounds/{name}/answers/{indicator}", response_model=None)
    async def get_answer(name: str, indicator: str, asof: str | None = None) -> Any:
        fake.asofs += [asof] if asof else []
        answer = fake.answers.get(indicator) if fake.may_read else None
        code = "not_found" if fake.may_read else "not_permitted"
        return _shaped(AnswerState, answer) if answer else problem_response([problem(code)])

    _add_writing(app, fake)


def _add_writing(app: FastAPI, fake: FakeRounds) -> None:
    @app.put("/v1/rounds/{name}/answers/{indicator}", response_model=None)
    async def put_answer(name: str, indicator: str, request: Request) -> Any:
        key, version = request.headers.get("idempotency-key"), request.headers.get("if-match")
        body, before = json.loads(await request.body()), fake.answers.get(indicator)
        fake.writes.append((indicator, key, version, body))
        if str(key) in fake.settled:
            return {"command": name, "result": "applied"}
        if version != (f'"{before["version"]}"' if before else None):
            return problem_response([problem("version_conflict")])
        if body.get("explanation") == "refuse":
            return problem_response([problem("invalid_value", "/evidence/0/url")])
        fake.settled.add(str(key))
        return {"command": name, "result": "applied", "version": fake.answer(indicator, body)["version"]}


def _questions() -> list[dict[str, Any]]:
    return [
        {
            "indicator": entry.code, "dimension": entry.dimension_no, "kind": entry.kind,
            "organisation": entry.lead_org, "question_en": entry.question_en, "dimension_id": entry.dimension_id,
            "dimension_en": entry.dimension_en,
        }
        for entry in codes.mgi_indicators().values()
    ]  # fmt: skip


def _completeness(fake: FakeRounds, row: dict[str, Any]) -> dict[str, Any]:
    overdue = datetime.fromisoformat(row["due_at"]) < datetime.now(UTC)
    institutions = []
    for organisation in sorted({entry.lead_org for entry in codes.mgi_indicators().values()}):
        asked = [question["indicator"] for question in _questions() if question["organisation"] == organisation]
        missing = [indicator for indicator in asked if indicator not in fake.answers]
        late = sum(fake.answers[name]["versions"][0]["late"] for name in asked if name in fake.answers)
        institutions.append(
            {
                "organisation": organisation, "assigned": len(asked), "answered": len(asked) - len(missing),
                "late": late, "missing": missing, "complete": not missing, "overdue": overdue and bool(missing),
            }
        )  # fmt: skip
    content = {"round": row["round"], "due_at": row["due_at"], "institutions": institutions, "dimensions": []}
    return _shaped(CompletenessView, content)


def _shaped(model: Any, content: dict[str, Any]) -> dict[str, Any]:
    """As the real one writes it; a shape that it does not have is an error."""
    written: dict[str, Any] = model.model_validate(content).model_dump(mode="json")
    return written
