"""Agreements: those of the caller's organisation, with their versions and who approved each."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Response

from chassis.security.keys import KeyRing
from contracts.authority import check_door
from contracts.gateway import Side
from contracts.model import Code, Model
from contracts.outcomes import Refused
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import refuses
from services.gateway.api.submit_and_wait import principal_of
from services.gateway.domain.agreement_record import AgreementRecord, AgreementVersion
from services.gateway.domain.agreements import Agreement, in_force
from services.gateway.domain.explanation import visible_to_any
from services.gateway.domain.parties import local_day, receiving_party
from services.gateway.store.agreements import AgreementStore
from services.gateway.tokens import Caller

AgreementName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{2,39}$", description="its id, as copies name it")]


class AgreementList(Model):
    """Every approved version, oldest first, and those that wait; `in_force` are the names of those that count today."""

    agreements: tuple[Agreement, ...]
    proposed: tuple[Agreement, ...]
    in_force: tuple[str, ...]


class ApprovalView(Model):
    """By one person of an organisation, for one side. In UTC."""

    side: Side
    organisation: Code
    at: datetime


class VersionView(Model):
    """One version. `adopted`: it was signed before the platform began. Times are in UTC, `last_day` is one in WIB."""

    agreement: Agreement
    status: Literal["proposed", "approved", "rejected"]
    proposed_by: str
    proposed_at: datetime
    adopted: bool
    approvals: tuple[ApprovalView, ...]
    rejected_by: Code | None = None
    rejected_at: datetime | None = None
    last_day: date | None = None
    ended_by: Code | None = None
    ended_at: datetime | None = None


class AgreementView(Model):
    """`version` goes into If-Match. `receiver`: who approves for the receivers."""

    agreement: str
    version: int
    giver: Code
    receiver: Code
    versions: tuple[VersionView, ...]


def router(identify: CallerOf, ring: KeyRing, store: AgreementStore) -> APIRouter:
    """The routes that read /v1/agreements."""
    routes = APIRouter(prefix="/v1/agreements", tags=["agreements"])
    CurrentCaller = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.get(
        "",
        summary="Agreements of your organisation",
        response_model_exclude_none=True,
        responses=refuses("not_permitted"),
    )
    async def list_agreements(caller: CurrentCaller) -> AgreementList:
        """Those that it gives by, signed or may receive by."""
        check_door("GET /v1/agreements", principal_of(ring, caller))
        records = await store.list_all()
        visible = _visible((agreement for record in records for agreement in record.approved), caller)
        versions = (version for record in records for version in record.versions)
        waiting = (version.agreement for version in versions if version.status == "proposed")
        return AgreementList(
            agreements=visible,
            proposed=_visible(waiting, caller),
            in_force=tuple(agreement.name for agreement in in_force(visible, local_day(datetime.now(UTC)))),
        )

    @routes.get(
        "/{agreement}",
        summary="One agreement: its versions, and who approved each when",
        response_model_exclude_none=True,
        responses=refuses("not_permitted", "not_found", "invalid_value"),
    )
    async def get_agreement(caller: CurrentCaller, agreement: AgreementName, response: Response) -> AgreementView:
        """For giver, signatories and receivers; whoever is none of these finds nothing."""
        check_door("GET /v1/agreements/{agreement}", principal_of(ring, caller))
        record = await store.find_named(agreement)
        if record is None or not _visible((version.agreement for version in record.versions), caller):
            raise Refused("not_found")
        response.headers["ETag"] = f'"{record.version}"'
        return _view(record)

    return routes


def _visible(agreements: Iterable[Agreement], caller: Caller) -> tuple[Agreement, ...]:
    return tuple(agreement for agreement in agreements if visible_to_any(agreement, caller.stands_for))


def _view(record: AgreementRecord) -> AgreementView:
    newest = record.versions[-1].agreement
    return AgreementView(
        agreement=record.name, version=record.version, giver=newest.giver, receiver=receiving_party(newest),
        versions=tuple(_version_view(version) for version in record.versions),
    )  # fmt: skip


def _version_view(version: AgreementVersion) -> VersionView:
    """Whose approval it was is told by organisation, not by person."""
    fields = {name: getattr(version, name) for name in VersionView.model_fields if name != "approvals"}
    approvals = tuple(
        ApprovalView(side=approval.side, organisation=approval.organisation, at=approval.at)
        for approval in version.approvals
    )
    return VersionView(**fields, approvals=approvals)
