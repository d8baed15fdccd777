"""How stewards keep up with their duplicate reviews, and how often they and the model say the same."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from chassis.security.keys import KeyRing
from contracts.registry import DuplicateAgreement, DuplicateWorkload
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import refuses
from services.gateway.api.submit_and_wait import principal_of
from services.gateway.clients import Services
from services.gateway.tokens import Caller

MONTHLY = refuses("not_permitted", "missing_value", "invalid_value")
Month = Annotated[str, Query(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2026-03"])]


def router(identify: CallerOf, ring: KeyRing, services: Services) -> APIRouter:
    """The figures under /v1/duplicates; registered before its `{duplicate}`, which would take their names for ids."""
    routes = APIRouter(prefix="/v1/duplicates", tags=["duplicates"])
    CurrentSteward = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.get(
        "/workload",
        summary="Open reviews by age; what was opened and decided of late",
        responses=refuses("not_permitted"),
    )
    async def get_workload(caller: CurrentSteward) -> DuplicateWorkload:
        return await services.get_duplicate_workload(principal_of(ring, caller))

    @routes.get("/agreement", summary="Stewards' decisions of a month beside the model's", responses=MONTHLY)
    async def get_agreement(caller: CurrentSteward, month: Month) -> DuplicateAgreement:
        return await services.get_duplicate_agreement(principal_of(ring, caller), month)

    return routes
