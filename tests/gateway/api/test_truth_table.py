"""Every route and every partner message, asked by whoever may and whoever may not: what truth_table.csv expects.

The expected answers are written by hand, apart from the code. A cell that is empty is not asked. A message that
`waits` stays unread.
"""

import csv
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.commands.overlay import Overlay
from contracts import authority
from contracts.commands import Principal
from contracts.envelope import Envelope
from contracts.gateway import SuspendOrganisation
from contracts.outcomes import Refused
from contracts.topics import Names
from services.gateway.domain.organisation import decide as decide_organisation
from services.gateway.domain.organisations import Organisations, is_held
from services.gateway.domain.receiver_ids import person_token
from services.gateway.domain.submissions import URGENT_TYPES, of_suspended, read_submission
from services.gateway.domain.translation import CommandDraft
from services.gateway.domain.validation import MODELS
from services.indicators import commands as indicators
from services.notifications.alerts import commands as alerts
from services.registry import commands as registry
from tests.domain_service import command
from tests.eventually import eventually
from tests.gateway.api.conftest import Gateway
from tests.gateway.exchange.samples import TYPES
from tests.registry.builders import workspace

Row = dict[str, str]
with Path(__file__).with_name("truth_table.csv").open(encoding="utf-8") as file:
    ROWS: list[Row] = list(csv.DictReader(file))
ROUTES = [row for row in ROWS if not row["door"].startswith("partner.")]
MESSAGES = [row for row in ROWS if row["door"].startswith("partner.")]
NOW = datetime(2026, 4, 1, 2, tzinfo=UTC)
BODIES: dict[str, Any] = {
    "PUT /v1/rounds/{round_id}/answers/{indicator}": {"nosuch": 1},
    "POST /v1/organisations/{organisation}/functions": {"nosuch": 1},
}
"""Where an empty body would be a good one."""


def door_of(row: Row) -> str:
    return row["door"].partition("?")[0]


# -- the table is complete


async def test_every_route_has_a_row(api: Gateway) -> None:
    async with httpx.AsyncClient(base_url=api.url, trust_env=False) as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert {route for route in routes if " /v1/" in route} == {door_of(row) for row in ROUTES}


def test_every_message_of_a_partner_has_a_row() -> None:
    assert {row["door"] for row in MESSAGES} == MODELS.keys()


def test_the_code_lets_in_no_kind_of_caller_and_no_role_that_is_not_expected() -> None:
    let_in = {
        (door, row.kind, role)
        for row in authority.TABLE
        for door in row.doors
        for role in row.roles or {""}
        if row.kind in ("person", "system") or " /v1/" in door
    }
    assert let_in == {(door_of(row), row["kind"], row["role"]) for row in ROWS}


# -- routes


def callers(api: Gateway, row: Row) -> Iterator[tuple[str, str | None]]:
    """Each column that is asked, with the token of its caller."""
    organisation, purpose = row["organisation"], row["purpose"] or None
    kind = "system" if row["kind"] == "system" else "person"
    other_kind = "person" if kind == "system" else "system"
    roles = [row["role"]] if row["role"] else []
    made: dict[str, Any] = {"kind": kind, "purpose": purpose}

    yield "nobody", None
    yield "right", api.token(organisation, *roles, **made)
    yield "expired", api.token(organisation, *roles, **made, hours=-1)
    yield "other_kind", api.token(organisation, *roles, **(made | {"kind": other_kind}))
    yield "no_role", api.token(organisation, **made)
    yield "wrong_role", api.token(organisation, *filter(None, [row["other_role"]]), **made)
    yield "no_purpose", api.token(organisation, *roles, kind=kind)  # type: ignore[arg-type]
    if row["other_organisation"]:
        yield "wrong_organisation", api.token(row["other_organisation"], *roles, **made)


async def answered(client: httpx.AsyncClient, row: Row, token: str | None, ids: dict[str, str]) -> str:
    """The refusal's code, or the status."""
    method, _, path = row["door"].partition(" ")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = BODIES.get(row["door"], {}) if method != "GET" else None
    async with client.stream(method, path.format(**ids), headers=headers, json=body) as answer:
        if answer.is_success:
            return str(answer.status_code)
        return str(json.loads(await answer.aread())["code"])


def some_ids(api: Gateway, row: Row) -> dict[str, str]:
    """For the places in a path: of nothing that is there, but for organisations."""
    ids = {name: str(uuid4()) for name in ("alert", "command", "duplicate", "offer", "round_id", "simulation")}
    person = person_token(api.ring, row["organisation"], str(uuid4()))
    return ids | {
        "agreement": "nosuch", "number": "1", "indicator": "MGI-1.01", "organisation": "KP2MI", "person": person,
    }  # fmt: skip


@pytest.mark.parametrize("row", ROUTES, ids=lambda row: f"{row['door']} {row['kind']} {row['role']}")
async def test_a_route_answers_each_caller_as_expected(api: Gateway, row: Row) -> None:
    ids = some_ids(api, row)
    async with httpx.AsyncClient(base_url=api.url, timeout=20, trust_env=False) as client:
        given = {column: await answered(client, row, token, ids) for column, token in callers(api, row) if row[column]}
    assert given == {column: row[column] for column in given}
    assert {"nobody", "right", "expired", "other_kind"} <= given.keys()


async def test_a_suspended_organisation_is_let_in_nowhere_until_it_is_lifted(api: Gateway) -> None:
    """Its people and systems hold what lets them in otherwise, from before."""
    rows = [row for row in ROUTES if row["suspended"]]
    tokens = {id(row): dict(callers(api, row))["right"] for row in rows}
    codes = sorted({row["organisation"] for row in rows})
    async with httpx.AsyncClient(base_url=api.url, timeout=20, trust_env=False) as client:
        async with suspended(api, codes):
            for row in rows:
                assert await answered(client, row, tokens[id(row)], some_ids(api, row)) == row["suspended"], row
        me = [row for row in rows if row["door"] == "GET /v1/me"]
        assert [await answered(client, row, tokens[id(row)], {}) for row in me] == ["200", "200"]


@asynccontextmanager
async def suspended(api: Gateway, codes: Sequence[str]) -> AsyncIterator[None]:
    """As the api knows it after an operator has suspended them, and has lifted it again."""
    async with api.as_("SIMPUL", "operator", user="ayu") as operator:

        async def are_suspended(wanted: bool) -> bool:
            listed = (await operator.get("/v1/organisations")).json()["organisations"]
            return {one["suspended"] for one in listed if one["organisation"] in codes} == {wanted}

        try:
            for code in codes:
                place = f"/v1/organisations/{code}/suspension"
                answer = await operator.put(place, json={"reason": "credentials_stolen"})
                assert answer.status_code == 200, answer.text
            await eventually(lambda: are_suspended(True), timeout=30)
            yield
        finally:
            for code in codes:
                await operator.delete(f"/v1/organisations/{code}/suspension")
            await eventually(lambda: are_suspended(False), timeout=30)


# -- messages of partners, at the door and when they are settled


def at_the_door(row: Row, principal: Principal) -> str | CommandDraft:
    """The code of the refusal, or the command that the record asks for."""
    organisation, kind = principal.organisation, row["door"]
    headers = Envelope(id="r-1", source=f"/{organisation}/x", type=kind, time=NOW).headers()
    try:
        authority.check_door(kind, principal)
        return read_submission(headers, json.dumps(TYPES[kind]).encode(), principal, str, NOW, urgent=False).draft
    except Refused as refused:
        return refused.problems[0].code


def settled(draft: CommandDraft, principal: Principal) -> str:
    """What its service says of the command of such a principal, whoever let it in."""
    one = command(draft.body, principal, draft.personal)
    decide: dict[str, Any] = {
        "registry": lambda: registry.decide(workspace([one]), one, NOW),
        "indicators": lambda: indicators.decide(indicators.LoadedBatch(Overlay(), Overlay()), one, NOW),
        "alerts": lambda: alerts.decide(alerts.LoadedBatch(Overlay()), one, NOW),
    }
    try:
        decide[draft.service]()
    except Refused as refused:
        return refused.problems[0].code
    return "applied"


@pytest.mark.parametrize("row", MESSAGES, ids=lambda row: row["door"])
def test_a_message_is_taken_from_whom_it_is_expected_at_the_door_and_when_it_is_settled(row: Row) -> None:
    right = Principal(organisation=row["organisation"])
    draft = at_the_door(row, right)
    assert isinstance(draft, CommandDraft)
    assert settled(draft, right) == row["right"]
    others = {
        "wrong_organisation": Principal(organisation=row["other_organisation"]),
        "other_kind": Principal(organisation=row["organisation"], user="u-1"),
    }
    for column, principal in others.items():
        assert at_the_door(row, principal) == settled(draft, principal) == row[column], column


@pytest.mark.parametrize("row", MESSAGES, ids=lambda row: row["door"])
def test_of_a_suspended_organisation_loads_wait_and_alerts_are_taken_but_no_steps_on_others(row: Row) -> None:
    now = SuspendOrganisation(organisation=row["organisation"], reason="credentials_stolen")
    changed = decide_organisation(Organisations(), now, NOW)
    assert changed
    organisations, names = Organisations([changed[1]]), Names("t1.")
    topic = names.intake(row["organisation"], urgent=row["door"].startswith(URGENT_TYPES))
    if is_held(organisations, names, topic):
        assert row["suspended"] == "waits"
    else:
        sender = organisations.record_principal(row["organisation"], NOW)
        draft = at_the_door(row, sender)
        assert isinstance(draft, CommandDraft)
        assert taken_of_suspended(draft, sender) == row["suspended"]


def taken_of_suspended(draft: CommandDraft, sender: Principal) -> str:
    try:
        marked = of_suspended(draft)
    except Refused as refused:
        return refused.problems[0].code
    assert marked.body.source_suspended  # type: ignore[attr-defined]
    return settled(marked, sender)
