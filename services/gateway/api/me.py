"""Who the platform takes the caller for."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends

from contracts import authority
from contracts.authority import PLATFORM
from contracts.model import Model
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import refuses
from services.gateway.domain.organisations import Organisations
from services.gateway.tokens import Caller


class Me(Model):
    """The token as read: those of its roles that the organisation may give out, and the purpose that it names.

    `organisation_roles` are the functions of the institution today, those of whom it succeeded among them.
    """

    organisation: str
    name_id: str
    organisation_roles: tuple[str, ...]
    roles: tuple[str, ...]
    purpose: str | None
    kind: str


def router(identify: CallerOf, organisations: Callable[[], Organisations]) -> APIRouter:
    """The route /v1/me."""
    routes = APIRouter(prefix="/v1/me", tags=["me"])

    @routes.get("", summary="Your organisation, roles and purpose", responses=refuses())
    async def get_me(caller: Annotated[Caller, Depends(identify)]) -> Me:
        if caller.kind == "operator":
            return _operator(caller)
        institution = organisations().at(datetime.now(UTC))[caller.organisation]
        return Me(
            organisation=caller.organisation,
            name_id=institution.name_id,
            organisation_roles=tuple(sorted(institution.functions)),
            roles=authority.held_roles(caller.functions or (), caller.roles),
            purpose=caller.purpose,
            kind=caller.kind,
        )

    return routes


def _operator(caller: Caller) -> Me:
    """Of the platform itself, which is in no list of institutions."""
    return Me(
        organisation=PLATFORM, name_id="Simpul", organisation_roles=(), roles=caller.roles, purpose=caller.purpose,
        kind=caller.kind,
    )  # fmt: skip
