"""Agreements: those of the caller's organisation with their versions, and why one gives a field or does not."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from chassis.security.keys import KeyRing
from contracts import registry
from contracts.authority import check_door
from contracts.gateway import Side
from contracts.model import Code, Country, Model, Regency
from contracts.outcomes import Refused
from contracts.registry import FactKind
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import refuses
from services.gateway.api.submit_and_wait import principal_of
from services.gateway.domain.agreement_record import AgreementRecord, AgreementVersion
from services.gateway.domain.agreements import FACT_KINDS, PERSON_EVENTS, Agreement, in_force
from services.gateway.domain.explanation import PATHS, Question, explain, visible_to, visible_to_any
from services.gateway.domain.parties import local_day, receiving_party
from services.gateway.store.agreements import AgreementStore
from services.gateway.tokens import Caller

Agreements = Callable[[], Sequence[Agreement]]
"""Every approved version of every agreement, as of now."""
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


class Turned(Model):
    """The fewest attributes of one agreement whose change turns the answer; `pseudonymised` and `personal` together."""

    agreement: str
    attributes: tuple[str, ...]


class Why(Model):
    """Whether a field is given, by which agreements, and for each other one the attributes that withhold it.

    `turn` is absent where no change of a single agreement turns it.
    """

    given: bool
    given_by: tuple[str, ...]
    withheld_by: dict[str, tuple[str, ...]]
    turn: Turned | None = None


def router(identify: CallerOf, ring: KeyRing, agreements: Agreements, store: AgreementStore) -> APIRouter:
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
        visible = _visible((one for record in records for one in record.approved), caller)
        waiting = (one for record in records for one in record.versions if one.status == "proposed")
        return AgreementList(
            agreements=visible,
            proposed=_visible((one.agreement for one in waiting), caller),
            in_force=tuple(one.name for one in in_force(visible, _today())),
        )

    @routes.get(
        "/why",
        summary="Why a receiver gets a field of an event, or does not",
        response_model_exclude_none=True,
        responses=refuses("not_permitted", "invalid_value", "missing_value", "unknown_code"),
    )
    async def get_why(
        caller: CurrentCaller,
        receiver: Code,
        event: Annotated[
            str, Query(pattern=r"^registry(\.[a-z_]+){2}\.v1$", description="type of an event of a person")
        ],
        field: Annotated[
            str,
            Query(
                pattern=r"^(facts|personal)(\.[a-z_]+){1,2}$",
                description="its path in a copy, such as facts.status or personal.masked.nik",
            ),
        ],
        purpose: Annotated[str | None, Query(pattern=r"^[a-z][a-z_]{1,39}$")] = None,
        owner: Code | None = None,
        home_regency: Regency | None = None,
        destination: Country | None = None,
        sector: registry.Kbli | None = None,
        phase: registry.Status | None = None,
        stated_in: Annotated[tuple[FactKind, ...], Query()] = tuple(FACT_KINDS),
    ) -> Why:
        """What is left out is unknown, and outside every limit. No person is read, and none told of."""
        check_door("GET /v1/agreements/why", principal_of(ring, caller))
        if event not in PERSON_EVENTS:
            raise Refused("unknown_code", "/query/event")
        if field not in PATHS:
            raise Refused("unknown_code", "/query/field")
        visible = [one for one in agreements() if _concerns(one, caller.stands_for, receiver)]
        facets = registry.Facets.model_construct(
            owner=owner or "",
            home_regency=home_regency,
            destination=destination,
            sector=sector,
            status=phase,  # type: ignore[arg-type]  # unknown is outside every limit
        )
        question = Question(receiver, purpose, event, field, facets, frozenset(stated_in), _today())
        explanation = explain(visible, question)
        turn = explanation.turn
        return Why(
            given=bool(explanation.given_by),
            given_by=explanation.given_by,
            withheld_by=dict(explanation.withheld_by),
            turn=Turned(agreement=turn.agreement, attributes=turn.attributes) if turn else None,
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
        if record is None or not _visible((one.agreement for one in record.versions), caller):
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
        ApprovalView(side=one.side, organisation=one.organisation, at=one.at) for one in version.approvals
    )
    return VersionView(**fields, approvals=approvals)


def _concerns(agreement: Agreement, organisations: Sequence[str], receiver: str) -> bool:
    """Of another receiver one learns what oneself gives, and nothing of what others give it."""
    return visible_to(agreement, receiver) if receiver in organisations else agreement.giver in organisations


def _today() -> date:
    return local_day(datetime.now(UTC))
