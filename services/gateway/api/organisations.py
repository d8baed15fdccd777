"""Organisations: who they are today, for everybody who is signed in."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from contracts.gateway import FunctionsChanged, Named, OrganisationKind, OrganisationLevel, Succeeded, Suspended
from contracts.model import Code, Model
from contracts.outcomes import Refused
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import refuses
from services.gateway.domain.organisations import Institution, Organisations
from services.gateway.tokens import Caller

OrganisationsNow = Callable[[], Organisations]
OrganisationPath = Annotated[Code, Path(description="Its permanent code.")]


class OrganisationView(Model):
    """An organisation today. `functions` are those that count; of one that was succeeded none does.

    `successor` is who stands for it now, `stands_for` are those that it has taken over. Nothing goes to one that is
    `suspended`, and nothing comes from it but alerts.
    """

    organisation: str
    name_id: str
    name_en: str
    kind: OrganisationKind
    level: OrganisationLevel
    region_code: str
    functions: tuple[str, ...]
    successor: str | None = None
    stands_for: tuple[str, ...] = ()
    suspended: bool = False


class OrganisationList(Model):
    """Every organisation, in the order of the code list."""

    organisations: tuple[OrganisationView, ...]


class OrganisationDetail(OrganisationView):
    """With all that has changed since the code list, and what is stated for days to come.

    `suspension` is told to operators alone.
    """

    names: tuple[Named, ...] = ()
    functions_changed: tuple[FunctionsChanged, ...] = ()
    successors: tuple[Succeeded, ...] = ()
    suspension: Suspended | None = None


def router(identify: CallerOf, organisations: OrganisationsNow) -> APIRouter:
    """The routes that read /v1/organisations."""
    routes = APIRouter(prefix="/v1/organisations", tags=["organisations"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.get("", summary="Every organisation", response_model_exclude_none=True, responses=refuses())
    async def list_organisations(caller: CurrentCaller) -> OrganisationList:
        current = organisations()
        listed = current.at(datetime.now(UTC)).values()
        views = tuple(OrganisationView(**_view(current, institution)) for institution in listed)
        return OrganisationList(organisations=views)

    @routes.get(
        "/{organisation}", summary="One organisation", response_model_exclude_none=True,
        responses=refuses("invalid_value", "not_found"),
    )  # fmt: skip
    async def get_organisation(caller: CurrentCaller, organisation: OrganisationPath) -> OrganisationDetail:
        current = organisations()
        institution = current.at(datetime.now(UTC)).get(organisation)
        if institution is None:
            raise Refused("not_found")
        return _detail(current, institution, told_why=caller.kind == "operator")

    return routes


def _view(organisations: Organisations, institution: Institution) -> dict[str, Any]:
    code = institution.code
    return {
        "organisation": code,
        "name_id": institution.name_id,
        "name_en": institution.name_en,
        "kind": institution.kind,
        "level": institution.level,
        "region_code": institution.region_code,
        "functions": tuple(sorted(institution.functions)),
        "successor": institution.successor if institution.successor != code else None,
        "stands_for": institution.predecessors,
        "suspended": code in organisations.suspended,
    }


def _detail(organisations: Organisations, institution: Institution, *, told_why: bool) -> OrganisationDetail:
    state = organisations.states.get(institution.code)
    if state is None:
        return OrganisationDetail(**_view(organisations, institution))
    return OrganisationDetail(
        **_view(organisations, institution),
        names=state.names,
        functions_changed=state.functions,
        successors=state.successors,
        suspension=state.suspension if told_why else None,
    )
