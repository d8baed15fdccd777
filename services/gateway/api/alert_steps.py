"""Steps of an alert: it is raised, taken and resolved."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response

from chassis.security.keys import KeyRing
from contracts.alert_types import check_raised
from contracts.authority import functions_at
from contracts.exchange import AlertReported
from contracts.model import Id, StrictModel
from contracts.notifications import AcknowledgeAlert, Resolution, ResolveAlert
from services.gateway.api.caller import CallerOf, principal_at_door
from services.gateway.api.openapi import BODY, DECISION, OF_ALERTS
from services.gateway.api.responses import IdempotencyKey, IfMatch, Result, response_of, writes
from services.gateway.api.submit_and_wait import Submit
from services.gateway.clients import Services
from services.gateway.domain.receiver_ids import person_of_any
from services.gateway.domain.routing import Routing
from services.gateway.domain.translation import CommandDraft, translate
from services.gateway.domain.validation import canonical
from services.gateway.person_lookup import with_person
from services.gateway.tokens import Caller

EXAMPLE: dict[str, Any] = {
    "occurred_at": "2026-03-01T08:30:00+08:00",
    "alert_type": "ALT-DISTRESS",
    "country": "MY",
    "narrative": "Calls from a locked house, asks to be fetched.",
}


class ResolveRequest(StrictModel):
    """How an alert ended."""

    resolution: Resolution


def router(
    identify: CallerOf, ring: KeyRing, services: Services, submit: Submit, routing: Callable[[], Routing]
) -> APIRouter:
    """The routes that write /v1/alerts; `routing` gives the agreements of this moment."""
    routes = APIRouter(prefix="/v1/alerts", tags=["alerts"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.post("", summary="Raise an alert", status_code=201, response_model=Result, responses=writes(*OF_ALERTS))
    async def raise_alert(
        caller: CurrentCaller, body: Annotated[AlertReported, Body(examples=[EXAMPLE])], key: IdempotencyKey = None
    ) -> Response:
        principal = principal_at_door(caller)
        check_raised(body.alert_type, functions_at(principal), names_person=body.person is not None)
        draft = translate(body, partial(person_of_any, ring, caller.stands_for), datetime.now(UTC))
        named = await with_person(services, draft, partial(routing().knows, caller.organisation))
        published = await submit(caller, named, content=canonical(body), key=key)
        return response_of(published, "/v1/alerts/{id}", created=True)

    @routes.post(
        "/{alert}/acknowledgement", summary="Take an alert", response_model=Result, responses=writes(*DECISION)
    )
    async def acknowledge(caller: CurrentCaller, alert: Id, version: IfMatch, key: IdempotencyKey = None) -> Response:
        return await decide(caller, AcknowledgeAlert(alert=alert, ifversion=version), key)

    @routes.post(
        "/{alert}/resolution", summary="End an alert", response_model=Result, responses=writes(*DECISION, *BODY)
    )
    async def resolve(
        caller: CurrentCaller, alert: Id, body: ResolveRequest, version: IfMatch, key: IdempotencyKey = None
    ) -> Response:
        return await decide(caller, ResolveAlert(alert=alert, resolution=body.resolution, ifversion=version), key)

    async def decide(caller: Caller, body: AcknowledgeAlert | ResolveAlert, key: str | None) -> Response:
        draft = CommandDraft("alerts", body, key=body.alert)
        published = await submit(caller, draft, content=body.model_dump_json().encode(), key=key)
        return response_of(published, "/v1/alerts/{id}")

    return routes
