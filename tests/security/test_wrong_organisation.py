"""An id of another organisation's thing answers exactly as an id that nothing has: status, body and headers."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.gateway.domain.receiver_ids import person_token
from tests.gateway.api.bodies import kp2mi, raised, registration
from tests.gateway.api.conftest import Gateway
from tests.gateway.api.pairs import a_pair
from tests.gateway.api.test_offers import OWNER, offered, waiting

OF_THE_REQUEST = {"date", "content-length", "ratelimit", "ratelimit-policy", "retry-after"}
"""Headers that tell of no thing; with the trace id a body may be longer."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """Who has the role that a thing is asked for with, and no part in it."""

    organisation: str
    role: str = ""
    purpose: str | None = None
    kind: Any = "person"


STRANGERS: dict[str, list[Stranger]] = {
    "person": [
        Stranger("KBRI_KUL", "protection_officer", "consular_protection"),
        Stranger("KEMENDAGRI", "identity_steward", "identity_stewardship"),
        Stranger("33.07-DISNAKER", "registrar", "placement_and_protection"),
    ],
    "alert": [
        Stranger("KEMENKES", "duty_officer", "emergency_protection"),
        Stranger("KEMENKES", kind="system"),
        Stranger("KEMENKES", "data_protection_officer"),
    ],
    "offer": [Stranger("KEMENIMIPAS", "registrar"), Stranger("33.01-DISNAKER", "registrar")],
    "command": [Stranger("KEMENIMIPAS", "registrar"), Stranger("KEMLU", "duty_officer")],
    "agreement": [Stranger("KEMENKES", "data_protection_officer")],
    "simulation": [Stranger("KEMENKES", "data_protection_officer")],
    "duplicate": [Stranger("BPS", "identity_steward", "identity_stewardship")],
    "round_id": [Stranger("UI", "mgi_coordinator"), Stranger("UI", kind="system")],
}
"""Whoever may see any round sees which institution each question is for, so `indicator` hides nothing, and every caller
who every organisation is."""


async def an_offer(api: Gateway) -> str:
    _, first, _ = await offered(api)
    async with api.as_(*OWNER) as owner:
        (listed,) = await waiting(owner, "owner", first["id"])
    return str(listed["offer"])


async def a_simulation(api: Gateway) -> str:
    body = {"agreement": None, "since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}
    async with api.as_("BPS", "data_protection_officer") as officer:
        answer = await officer.post("/v1/agreements/official-statistics/simulation", json=body)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["simulation"])


async def a_round(api: Gateway) -> str:
    async with api.as_("KEMLU", "mgi_coordinator") as coordinator:
        taken = {row["year"] for row in (await coordinator.get("/v1/rounds")).json()["rounds"]}
        body = {"catalogue": "mgi-national", "due_at": "2030-01-01T00:00:00Z"}
        year = next(year for year in range(2040, 2100) if year not in taken)
        answer = await coordinator.post("/v1/rounds", json=body | {"year": year})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def a_registration(api: Gateway) -> dict[str, Any]:
    async with kp2mi(api) as officer:
        answer = await officer.post("/v1/persons", json=registration())
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture(scope="module")
async def things(api: Gateway) -> dict[str, str]:
    """One of each kind, none of which is the strangers'."""
    registered = await a_registration(api)
    return {
        "person": registered["id"],
        "command": registered["command"],
        "alert": await raised(api),
        "offer": await an_offer(api),
        "agreement": "official-statistics",
        "simulation": await a_simulation(api),
        "duplicate": (await a_pair(api)).duplicate,
        "round_id": await a_round(api),
    }


def nobodys(api: Gateway, kind: str) -> list[str]:
    """Ids of this form that nothing has."""
    if kind == "person":
        return [f"p_{secrets.token_urlsafe(32)[:43]}", person_token(api.ring, "KP2MI", str(uuid4()))]
    return ["no-such-agreement"] if kind == "agreement" else [str(uuid4())]


def shown(answer: httpx.Response, thing: str) -> tuple[Any, ...]:
    """What there is to see of an answer. It may repeat the id that was asked for."""
    body = answer.json()
    body.pop("trace_id", None)
    headers = {name: value for name, value in answer.headers.items() if name not in OF_THE_REQUEST}
    return answer.status_code, str(body).replace(thing, "ID"), headers


async def test_every_route_with_an_id_is_asked(api: Gateway) -> None:
    paths = (await api.document())["paths"]
    parts = {part[1:-1] for path in paths for part in path.split("/") if part.startswith("{")}
    assert parts == STRANGERS.keys() | {"indicator", "number", "organisation"}


@pytest.mark.parametrize("kind", STRANGERS)
async def test_an_id_of_anothers_answers_as_an_id_of_nothings(api: Gateway, things: dict[str, str], kind: str) -> None:
    paths: dict[str, Any] = (await api.document())["paths"]
    routes = [(method, path) for path, methods in paths.items() for method in methods if f"{{{kind}}}" in path]
    for stranger in STRANGERS[kind]:
        roles = [stranger.role] if stranger.role else []
        async with api.as_(
            stranger.organisation, *roles, kind=stranger.kind, purpose=stranger.purpose, user="stranger"
        ) as client:
            for method, path in routes:

                async def seen(thing: str, method: str = method, path: str = path) -> tuple[Any, ...]:
                    place = (
                        path.replace(f"{{{kind}}}", thing).replace("{indicator}", "MGI-1.01").replace("{number}", "1")
                    )
                    body = None if method == "get" else BODIES.get(path, {})
                    answer = await client.request(method, place, json=body, headers={"If-Match": '"1"'})
                    return shown(answer, thing)

                of_another = await seen(things[kind])
                assert of_another[0] in (403, 404, 422), (method, path, of_another)
                for thing in nobodys(api, kind):
                    assert await seen(thing) == of_another, (method, path, stranger)


BODIES: dict[str, Any] = {
    "/v1/duplicates/{duplicate}/decision": {"decision": "different", "reason": "twin"},
    "/v1/duplicates/{duplicate}/reopen": {"reason": "twin"},
    "/v1/persons/{person}/unmerge": {"reason": "twin", "asof": "2026-01-01T00:00:00Z"},
    "/v1/offers/{offer}/decision": {"decision": "rejected", "reason": "not_confirmed"},
    "/v1/alerts/{alert}/resolution": {"resolution": "resolved"},
    "/v1/rounds/{round_id}/answers/{indicator}": {"value": "no"},
    "/v1/agreements/{agreement}/end": {"last_day": "2100-01-01"},
    "/v1/emergency-reviews/{alert}/closure": {"finding": "justified"},
    "/v1/agreements/{agreement}/simulation": {
        "agreement": None, "since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z",
    },
}  # fmt: skip
"""Whole, so that nothing but the id can be wrong."""

Ask = Callable[[httpx.AsyncClient, str], Any]


def placing(client: httpx.AsyncClient, person: str) -> Any:
    plan = {"occurred_at": "2026-04-01", "destination": "MY", "scheme": "p_to_p", "person": {"id": person}}
    return client.post("/v1/placements", json=plan)


def merging(client: httpx.AsyncClient, person: str) -> Any:
    asof = ["2026-01-01T00:00:00Z"] * 2
    body = {"persons": [person, f"p_{'A' * 43}"], "asof": asof, "reason": "confirmed_by_person"}
    return client.post("/v1/persons/merge", json=body)


def reviewing(client: httpx.AsyncClient, person: str) -> Any:
    return client.get("/v1/disclosures", params={"person": person})


@pytest.mark.parametrize(
    ("ask", "organisation", "role", "status"),
    [
        (placing, "33.07-DISNAKER", "registrar", 422),
        (merging, "KEMENDAGRI", "identity_steward", None),
        (reviewing, "BPS", "data_protection_officer", 200),
    ],
)
async def test_an_id_of_anothers_person_in_a_body_or_query_is_nobodys(
    api: Gateway, things: dict[str, str], ask: Ask, organisation: str, role: str, status: int | None
) -> None:
    async with api.as_(organisation, role, user="stranger") as client:
        of_another = shown(await ask(client, things["person"]), things["person"])
        assert of_another[0] == status or (status is None and of_another[0] in (403, 404, 422)), of_another
        for thing in nobodys(api, "person"):
            assert shown(await ask(client, thing), thing) == of_another
