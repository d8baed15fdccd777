"""Who the platform takes the caller for."""

from typing import Annotated

from fastapi import APIRouter, Depends

from contracts import authority, codes
from contracts.model import Model
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import refuses
from services.gateway.tokens import Caller


class Me(Model):
    """The token as read: those of its roles that the organisation may give out, and the purpose that it names.

    `organisation_roles` are the functions of the institution in the code list.
    """

    organisation: str
    name_id: str
    organisation_roles: tuple[str, ...]
    roles: tuple[str, ...]
    purpose: str | None
    kind: str


def router(identify: CallerOf) -> APIRouter:
    """The route /v1/me."""
    routes = APIRouter(prefix="/v1/me", tags=["me"])

    @routes.get("", summary="Your organisation, roles and purpose", responses=refuses())
    async def get_me(caller: Annotated[Caller, Depends(identify)]) -> Me:
        institution = codes.organisations()[caller.organisation]
        return Me(
            organisation=caller.organisation,
            name_id=institution.name_id,
            organisation_roles=tuple(sorted(institution.roles)),
            roles=authority.held_roles(caller.organisation, caller.roles),
            purpose=caller.purpose,
            kind=caller.kind,
        )

    return routes
