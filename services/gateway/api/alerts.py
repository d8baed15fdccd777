"""Alerts: those that an organisation received or raised."""

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime

from chassis.security.keys import KeyRing
from contracts.exchange import PersonToken
from contracts.model import Id, Model
from contracts.notifications import (
    AlertCount,
    AlertRaised,
    AlertState,
    AlertSummary,
    AlertsWanted,
    AlertWithPerson,
)
from contracts.schemas import message_type
from services.gateway.api.caller import CallerOf
from services.gateway.api.disclosures import disclosures
from services.gateway.api.openapi import refuses
from services.gateway.api.submit_and_wait import principal_of
from services.gateway.clients import Services
from services.gateway.domain.copies import SHOWN
from services.gateway.domain.receiver_ids import person_token
from services.gateway.domain.routing import Routing
from services.gateway.store import Store
from services.gateway.tokens import Caller

RAISED = message_type(AlertRaised)


class AlertView(AlertSummary):
    """An alert without anything that the reporter wrote. Times are UTC; `version` goes into If-Match."""

    person: PersonToken | None = None


class AlertList(Model):
    """Oldest first; `after` is the cursor of the next page."""

    alerts: tuple[AlertView, ...]
    after: str | None = None


def router(
    identify: CallerOf, ring: KeyRing, services: Services, store: Store, routing: Callable[[], Routing]
) -> APIRouter:
    """The routes that read /v1/alerts."""
    routes = APIRouter(prefix="/v1/alerts", tags=["alerts"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    async def disclose_views(caller: Caller, alerts: Sequence[AlertWithPerson]) -> tuple[AlertView, ...]:
        """Every person named is put on record before the answer."""
        current = routing()
        views = tuple(_view(ring, caller, current, alert) for alert in alerts)
        named = [alert.person for alert, view in zip(alerts, views, strict=True) if alert.person and view.person]
        for purpose, grant in current.emergency(RAISED).items():
            given_by = tuple((name, ("person",)) for name in grant.names)
            await store.disclose(
                row for person in named for row in disclosures(ring, caller, purpose, person, given_by, None)
            )
        return views

    @routes.get("", summary="Alerts that your organisation received or raised", responses=refuses("invalid_value"))
    async def list_alerts(
        caller: CurrentCaller,
        state: AlertState | None = None,
        after: Annotated[str | None, Query(max_length=64)] = None,
        since: AwareDatetime | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        *,
        wanted: Annotated[AlertsWanted, Depends()],
    ) -> AlertList:
        """Those raised since an instant: 30 days ago unless said, or ever where `state` is an open one."""
        page = await services.list_alerts(
            principal_of(ring, caller), state=state, after=after, limit=limit, since=since, wanted=wanted
        )
        return AlertList(alerts=await disclose_views(caller, page.alerts), after=page.after)

    @routes.get("/count", summary="How many alerts such a list has", responses=refuses("invalid_value"))
    async def count_alerts(
        caller: CurrentCaller,
        state: AlertState | None = None,
        since: AwareDatetime | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        *,
        wanted: Annotated[AlertsWanted, Depends()],
    ) -> AlertCount:
        """Counted no further than `limit`; no person is named, so nothing is put on record."""
        return await services.count_alerts(
            principal_of(ring, caller), state=state, limit=limit, since=since, wanted=wanted
        )

    @routes.get("/{alert}", summary="One alert", responses=refuses("invalid_value", "not_found"))
    async def get_alert(caller: CurrentCaller, alert: Id, response: Response) -> AlertView:
        (view,) = await disclose_views(caller, [await services.get_alert(principal_of(ring, caller), alert)])
        response.headers["ETag"] = f'"{view.version}"'
        return view

    return routes


def _view(ring: KeyRing, caller: Caller, routing: Routing, alert: AlertWithPerson) -> AlertView:
    """The person goes by the id that the caller's organisation knows, and to those who respond to the alert alone.

    Its reporter learns nothing by it: not even whether somebody has the NIK or passport that it named.
    """
    responds = not set(caller.stands_for).isdisjoint(alert.responders) and bool(routing.emergency(RAISED))
    shown = responds and alert.named_under in SHOWN
    person = person_token(ring, caller.organisation, alert.person) if alert.person and shown else None
    return AlertView(**{name: getattr(alert, name) for name in AlertSummary.model_fields}, person=person)
