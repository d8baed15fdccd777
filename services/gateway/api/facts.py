"""Facts about a person: registered, placed, departed."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response

from chassis.security.keys import KeyRing
from contracts import exchange
from contracts.exchange import DepartureReported, PlacementReported, RegistrationSubmitted
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import OF_FACTS, SUBMISSION
from services.gateway.api.responses import IdempotencyKey, Result, response_about_person, writes
from services.gateway.api.submit_and_wait import Submit
from services.gateway.domain.receiver_ids import person_of_any
from services.gateway.domain.translation import translate
from services.gateway.domain.validation import canonical
from services.gateway.tokens import Caller

EPISODE: dict[str, Any] = {"destination": "MY", "scheme": "p_to_p"}
REGISTRATION: dict[str, Any] = {
    "occurred_at": "2026-03-01T08:30:00+07:00",
    "person": {"full_name": "Contoh", "birth_date": "1996-04", "sex": "P", "home_regency": "33.07"},
    "episode": EPISODE,
}
FACT: dict[str, Any] = {"occurred_at": "2026-04-01", "person": {"passport": "X0000000"}}
STATED = writes(*SUBMISSION, *OF_FACTS)


def router(identify: CallerOf, ring: KeyRing, submit: Submit) -> APIRouter:
    """The routes that write under /v1/persons, /v1/placements and /v1/departures."""
    routes = APIRouter(prefix="/v1", tags=["persons"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.post("/persons", summary="Register a person", status_code=201, response_model=Result, responses=STATED)
    async def register(
        caller: CurrentCaller, body: Annotated[RegistrationSubmitted, Body(examples=[REGISTRATION])],
        key: IdempotencyKey = None,
    ) -> Response:  # fmt: skip
        return await submit_fact(caller, body, key)

    @routes.post("/placements", summary="Record a placement", status_code=201, response_model=Result, responses=STATED)
    async def place(
        caller: CurrentCaller, body: Annotated[PlacementReported, Body(examples=[FACT | EPISODE])],
        key: IdempotencyKey = None,
    ) -> Response:  # fmt: skip
        return await submit_fact(caller, body, key)

    @routes.post("/departures", summary="Record a departure", status_code=201, response_model=Result, responses=STATED)
    async def depart(
        caller: CurrentCaller, body: Annotated[DepartureReported, Body(examples=[FACT | {"destination": "MY"}])],
        key: IdempotencyKey = None,
    ) -> Response:  # fmt: skip
        return await submit_fact(caller, body, key)

    async def submit_fact(caller: Caller, body: exchange.Submission, key: str | None) -> Response:
        draft = translate(body, partial(person_of_any, ring, caller.stands_for), datetime.now(UTC))
        published = await submit(caller, draft, content=canonical(body), key=key)
        return response_about_person(ring, caller, published, created=True)

    return routes
