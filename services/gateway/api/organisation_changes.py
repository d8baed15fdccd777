"""What operators change of organisations, under their own names."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response

from contracts.gateway import (
    ChangeFunctions,
    Function,
    LiftSuspension,
    Name,
    NameSuccessor,
    OrganisationCommand,
    OrganisationKind,
    OrganisationLevel,
    RegionCode,
    RegisterOrganisation,
    RenameOrganisation,
    SuspendOrganisation,
    SuspensionReason,
)
from contracts.model import WIB, Code, StrictModel
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import BODY, COMMAND
from services.gateway.api.organisations import OrganisationPath
from services.gateway.api.responses import IdempotencyKey, Result, response_of, writes
from services.gateway.api.submit_and_wait import Submit
from services.gateway.domain.organisation import organisation_id
from services.gateway.domain.translation import CommandDraft
from services.gateway.tokens import Caller

CHANGED = writes(*COMMAND, *BODY, "unknown_code", "state_conflict")
NEW: dict[str, Any] = {
    "organisation": "BARU", "name_id": "Lembaga Baru", "name_en": "New Agency", "kind": "agency", "level": "national",
    "region_code": "ID", "functions": ["case_support"],
}  # fmt: skip


class NewOrganisation(StrictModel):
    """One that the code list does not have. Its code is for good."""

    organisation: Code
    name_id: Name
    name_en: Name
    kind: OrganisationKind
    level: OrganisationLevel
    region_code: RegionCode
    functions: tuple[Function, ...] = ()


class NameRequest(StrictModel):
    """Its names from a day on (Western Indonesia); today where none is named."""

    name_id: Name
    name_en: Name
    since: date | None = None


class FunctionsRequest(StrictModel):
    """Functions to give and to take from a day on (Western Indonesia), at the earliest from now on."""

    give: tuple[Function, ...] = ()
    take: tuple[Function, ...] = ()
    since: date | None = None


class SuccessorRequest(StrictModel):
    """Who takes over from a day on (Western Indonesia), at the earliest from now on; null: nobody."""

    successor: Code | None
    since: date | None = None


class SuspensionRequest(StrictModel):
    """Why it is suspended."""

    reason: SuspensionReason


def router(identify: CallerOf, submit: Submit) -> APIRouter:
    """The routes that write /v1/organisations."""
    routes = APIRouter(prefix="/v1/organisations", tags=["organisations"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.post("", summary="Add an organisation", status_code=201, response_model=Result, responses=CHANGED)
    async def register(
        caller: CurrentCaller, body: Annotated[NewOrganisation, Body(examples=[NEW])], key: IdempotencyKey = None
    ) -> Response:
        return await change(caller, RegisterOrganisation.model_validate(body.model_dump()), key, created=True)

    @routes.put("/{organisation}/name", summary="Rename it", response_model=Result, responses=CHANGED)
    async def rename(
        caller: CurrentCaller, organisation: OrganisationPath, body: NameRequest, key: IdempotencyKey = None
    ) -> Response:
        """The code stays. Of two names from one day the one that was stated last counts."""
        since = body.since or today()
        command = RenameOrganisation(organisation=organisation, name_id=body.name_id, name_en=body.name_en, since=since)
        return await change(caller, command, key)

    @routes.post("/{organisation}/functions", summary="Give and take functions", response_model=Result,
                 responses=CHANGED)  # fmt: skip
    async def change_functions(
        caller: CurrentCaller, organisation: OrganisationPath, body: FunctionsRequest, key: IdempotencyKey = None
    ) -> Response:
        """What was accepted before keeps what it was judged by."""
        since = body.since or today()
        return await change(
            caller, ChangeFunctions(organisation=organisation, give=body.give, take=body.take, since=since), key
        )

    @routes.put("/{organisation}/successor", summary="Name its successor", response_model=Result, responses=CHANGED)
    async def name_successor(
        caller: CurrentCaller, organisation: OrganisationPath, body: SuccessorRequest, key: IdempotencyKey = None
    ) -> Response:
        """From then on the successor has its functions, copies, agreements and persons; its own code stays in facts."""
        since = body.since or today()
        return await change(
            caller, NameSuccessor(organisation=organisation, successor=body.successor, since=since), key
        )

    @routes.put("/{organisation}/suspension", summary="Suspend it", response_model=Result, responses=CHANGED)
    async def suspend(
        caller: CurrentCaller, organisation: OrganisationPath, body: SuspensionRequest, key: IdempotencyKey = None
    ) -> Response:
        """In force everywhere within five seconds: no tokens, no copies, no rights at the broker but for alerts."""
        return await change(caller, SuspendOrganisation(organisation=organisation, reason=body.reason), key)

    @routes.delete("/{organisation}/suspension", summary="Lift its suspension", response_model=Result,
                   responses=CHANGED)  # fmt: skip
    async def lift(caller: CurrentCaller, organisation: OrganisationPath, key: IdempotencyKey = None) -> Response:
        """Everything goes on where it stopped."""
        return await change(caller, LiftSuspension(organisation=organisation), key)

    async def change(caller: Caller, body: OrganisationCommand, key: str | None, *, created: bool = False) -> Response:
        draft = CommandDraft("gateway", body, key=organisation_id(body.organisation))
        published = await submit(caller, draft, content=body.model_dump_json().encode(), key=key)
        return response_of(published, f"/v1/organisations/{body.organisation}", name=body.organisation, created=created)

    return routes


def today() -> date:
    """In Western Indonesia."""
    return datetime.now(WIB).date()
