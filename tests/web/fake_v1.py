"""A /v1 with made-up alerts, for the pages alone: who may see what is decided by the real one, and tested there."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from sse_starlette import EventSourceResponse, ServerSentEvent

from chassis.web.app import problem_response
from contracts import authority, codes
from contracts.notifications import AlertSummary
from contracts.outcomes import problem
from tests.web.fake_duplicates import FakeDuplicates, add_duplicates
from tests.web.fake_record import FakeRecord, add_record
from tests.web.fake_rounds import FakeRounds, add_rounds

ALERT_TYPES = ("ALT-DISTRESS", "ALT-TPPO", "ALT-GBV")
OFFICERS = ("KP2MI", "KEMLU", "KBRI_KUL")


@dataclass
class FakeV1:
    """`refuse` has a code for each path that is to be refused; `writes` keeps what was written, by key."""

    alerts: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuse: dict[str, str] = field(default_factory=dict)
    writes: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    listeners: set[asyncio.Queue[tuple[str, dict[str, Any]]]] = field(default_factory=set)
    count: int = 0
    duplicates: FakeDuplicates = field(default_factory=FakeDuplicates)
    rounds: FakeRounds = field(default_factory=FakeRounds)
    record: FakeRecord = field(default_factory=FakeRecord)

    def add(self, alert_type: str = "ALT-DISTRESS", *, minutes: float = 10, state: str = "raised") -> dict[str, Any]:
        """An alert with that many minutes left until it has to be taken."""
        self.count += 1
        now = datetime.now(UTC)
        listed = codes.alert_types()[alert_type]
        raised = {"state": "raised", "by": "KJRI_JHB", "at": _iso(now - timedelta(minutes=5))}
        alert = {
            "alert": f"00000000-0000-8000-8000-{self.count:012d}", "version": 1, "state": "raised",
            "alert_type": alert_type, "severity": listed.initial_severity, "privacy": listed.privacy_class,
            "source": "KJRI_JHB", "recipients": list(OFFICERS), "responders": list(OFFICERS), "country": "MY",
            "occurred": {"at": _iso(now - timedelta(minutes=7)), "offset": 420, "precision": "instant"},
            "acknowledge_by": _iso(now + timedelta(minutes=minutes)),
            "first_action_by": _iso(now + timedelta(minutes=minutes + 60)), "overdue": minutes < 0, "steps": [raised],
        }  # fmt: skip
        self.alerts[str(alert["alert"])] = alert
        if state != "raised":
            self.step(alert, "acknowledged", "KEMLU")
        if state == "resolved":
            self.step(alert, "resolved", "KEMLU", "helped")
        self.tell("alert.raised", alert)
        return alert

    def step(self, alert: dict[str, Any], state: str, by: str, resolution: str | None = None) -> None:
        """Somebody takes it, or ends it."""
        done = {"state": state, "by": by, "at": _iso(datetime.now(UTC))}
        alert["steps"].append(done | ({"resolution": resolution} if resolution else {}))
        alert["state"], alert["version"], alert["overdue"] = state, len(alert["steps"]), False
        self.tell(f"alert.{state}", alert)

    def tell(self, name: str, alert: dict[str, Any]) -> None:
        for queue in self.listeners:
            queue.put_nowait((name, {"alert": alert["alert"]}))


def create_fake(fake: FakeV1) -> FastAPI:
    """An app that answers as /v1 would."""
    app = FastAPI()

    @app.middleware("http")
    async def refusals(request: Request, proceed: Any) -> Any:
        code = fake.refuse.get(request.url.path) or fake.refuse.get("*")
        return problem_response([problem(code)]) if code else await proceed(request)

    @app.get("/v1/me")
    async def me(authorization: str = Header()) -> dict[str, Any]:
        claims = claims_of(authorization)
        organisation = str(claims["organisation"])
        listed = codes.organisations()[organisation]
        functions = {role.partition(":")[0] for role in listed.roles}
        return {
            "organisation": organisation, "name_id": listed.name_id, "organisation_roles": sorted(listed.roles),
            "roles": authority.held_roles(functions, claims["roles"]), "purpose": claims.get("purpose"),
            "kind": "person",
        }  # fmt: skip

    @app.get("/v1/alerts")
    async def list_alerts(state: str | None = None, severity: str | None = None, limit: int = 50) -> dict[str, Any]:
        return {"alerts": [_view(alert) for alert in _wanted(fake, state, severity)[:limit]], "after": None}

    @app.get("/v1/alerts/count")
    async def count(state: str | None = None, overdue: bool = False) -> dict[str, Any]:
        wanted = [alert for alert in _wanted(fake, state, None) if alert["overdue"] or not overdue]
        return {"number": len(wanted), "more": False}

    @app.get("/v1/alerts/{alert}", response_model=None)
    async def get_alert(alert: str) -> Any:
        return _view(fake.alerts[alert]) if alert in fake.alerts else problem_response([problem("not_found")])

    @app.get("/v1/alerts/{alert}/report")
    async def report(alert: str) -> dict[str, Any]:
        return {
            "alert": alert, "agreements": ["emergency"], "asof": _iso(datetime.now(UTC)), "region": "31",
            "report": {"narrative": "Calls from a locked house.", "phone": "+60 12 345 6789"},
            "person": "p-1", "personal": {"clear": {"full_name": "Siti Aminah", "nik": PLANTED_NIK}},
        }  # fmt: skip

    @app.post("/v1/alerts/{alert}/{step}", response_model=None)
    async def decide(alert: str, step: str, request: Request) -> Any:
        key, version = request.headers.get("idempotency-key"), request.headers.get("if-match")
        fake.writes.append((step, key, version))
        return await _decide(fake, alert, step, request, key, version)

    @app.get("/v1/stream")
    async def stream() -> EventSourceResponse:
        queue: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        fake.listeners.add(queue)  # before the answer begins, so that nothing after it is missed
        return EventSourceResponse(_events(fake, queue), ping=1000, sep="\n")

    add_duplicates(app, fake.duplicates)
    add_rounds(app, fake.rounds)
    add_record(app, fake.record)
    return app


PLANTED_NIK = "3301015505900001"


async def _decide(
    fake: FakeV1, name: str, step: str, request: Request, key: str | None, version: str | None
) -> dict[str, Any] | JSONResponse:
    if key in fake.results:
        return fake.results[str(key)]
    alert = fake.alerts[name]
    if version != f'"{alert["version"]}"':
        return problem_response([problem("version_conflict")])  # type: ignore[return-value]
    body = json.loads(await request.body() or b"{}")
    state = "acknowledged" if step == "acknowledgement" else "resolved"
    organisation = str(claims_of(request.headers["authorization"])["organisation"])
    fake.step(alert, state, organisation, body.get("resolution"))
    result = {"command": name, "result": "applied", "id": name, "version": alert["version"]}
    fake.results[str(key)] = result
    return result


async def _events(fake: FakeV1, queue: asyncio.Queue[tuple[str, dict[str, Any]]]) -> AsyncIterator[ServerSentEvent]:
    try:
        yield ServerSentEvent(comment="connected", id="0.0")
        number = 0
        while True:
            name, data = await queue.get()
            number += 1
            yield ServerSentEvent(json.dumps(data), event=name, id=f"0.{number}")
    finally:
        fake.listeners.discard(queue)


def _view(alert: dict[str, Any]) -> dict[str, Any]:
    """Through the shape of the contract, so that the pages read what /v1 answers."""
    return AlertSummary.model_validate(alert).model_dump(mode="json") | {"person": None}


def _wanted(fake: FakeV1, state: str | None, severity: str | None) -> list[dict[str, Any]]:
    return [a for a in fake.alerts.values() if state in (None, a["state"]) and severity in (None, a["severity"])]


def claims_of(authorization: str) -> dict[str, Any]:
    """What a token says; its signature is none of the fake's business."""
    payload = authorization.removeprefix("Bearer ").split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
