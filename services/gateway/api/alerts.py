"""Alerts: those that an organisation was told of or raised."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response

from chassis.security import keys
from chassis.security.keys import KeyRing
from contracts.exchange import PersonToken
from contracts.model import Id, Model, Moment
from contracts.notifications import AlertRaised, Resolution, Severity
from contracts.schemas import message_type
from services.gateway.api.caller import CallerOf
from services.gateway.api.disclosures import disclosure
from services.gateway.api.responses import READS
from services.gateway.api.submit_and_wait import principal_of
from services.gateway.clients import Services
from services.gateway.domain.agreements import Agreement, Routing
from services.gateway.store import Store
from services.gateway.tokens import Caller

State = Literal["raised", "acknowledged", "resolved"]
RAISED = message_type(AlertRaised)


class Step(Model):
    """What was done, by which organisation, and when that was recorded (UTC)."""

    state: State
    by: str
    at: datetime
    resolution: Resolution | None = None


class AlertView(Model):
    """An alert without anything that the reporter wrote. Times are UTC; `version` goes into If-Match."""

    alert: Id
    version: int
    state: State
    alert_type: str
    severity: Severity
    privacy: str
    source: str
    recipients: tuple[str, ...]
    person: PersonToken | None = None
    country: str | None = None
    region: str | None = None
    occurred: Moment
    acknowledge_by: datetime | None = None
    first_action_by: datetime | None = None
    overdue: bool
    steps: tuple[Step, ...]


class AlertPage(Model):
    """Oldest first; `after` is the cursor of the next page."""

    alerts: tuple[AlertView, ...]
    after: str | None = None


def router(
    identify: CallerOf, ring: KeyRing, services: Services, store: Store, agreements: Sequence[Agreement]
) -> APIRouter:
    """The routes that read /v1/alerts."""
    routes = APIRouter(prefix="/v1/alerts", tags=["alerts"])
    CallerHere = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    async def ask(path: str, caller: Caller, query: dict[str, Any] | None = None) -> Any:
        return await services.ask("alerts", "GET", path, principal_of(ring, caller), query=query)

    async def shown(caller: Caller, found: Sequence[dict[str, Any]]) -> tuple[AlertView, ...]:
        """Every person named is put on record before the answer."""
        agreement = _emergency(agreements, caller)
        views = tuple(_view(ring, caller, agreement, one) for one in found)
        named = [one["person"] for one, view in zip(found, views, strict=True) if view.person]
        if agreement:
            await store.disclose(disclosure(ring, caller, agreement, person, ("person",), None) for person in named)
        return views

    @routes.get("", summary="Alerts that your organisation was told of or raised", responses=READS)
    async def list_alerts(
        caller: CallerHere,
        state: State | None = None,
        after: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> AlertPage:
        query = {"state": state, "after": after, "limit": limit}
        found = await ask("/alerts", caller, {name: value for name, value in query.items() if value is not None})
        return AlertPage(alerts=await shown(caller, found["alerts"]), after=found["after"])

    @routes.get("/{alert}", summary="One alert", responses=READS)
    async def get_alert(caller: CallerHere, alert: Id, response: Response) -> AlertView:
        (found,) = await shown(caller, [await ask(f"/alerts/{alert}", caller)])
        response.headers["ETag"] = f'"{found.version}"'
        return found

    return routes


def _emergency(agreements: Sequence[Agreement], caller: Caller) -> Agreement | None:
    """The agreement under which organisations that an alert concerns learn whom it is about."""
    selection = Routing(agreements, frozenset({caller.organisation}), datetime.now(UTC).date())
    return next((share.agreement for share in selection.of_alert(RAISED, [caller.organisation])), None)


def _view(ring: KeyRing, caller: Caller, agreement: Agreement | None, found: dict[str, Any]) -> AlertView:
    """The person goes by the id that the caller's organisation knows, and to those whom the alert concerns alone."""
    person = (
        found.get("person") if agreement and caller.organisation in (found["source"], *found["recipients"]) else None
    )
    known = keys.token(ring, caller.organisation, person) if person else None
    return AlertView.model_validate(found | {"person": known})
