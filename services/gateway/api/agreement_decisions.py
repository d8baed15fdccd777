"""What the parties of an agreement decide: propose a version, approve or reject it, end all early."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Response

from chassis.security.keys import KeyRing
from contracts.gateway import ApproveAgreement, EndAgreement, ProposeAgreement, RejectAgreement
from contracts.model import Model, StrictModel
from services.gateway.api.agreements import AgreementName
from services.gateway.api.caller import CallerOf
from services.gateway.api.openapi import BODY, DECISION, OF_AGREEMENTS
from services.gateway.api.responses import IdempotencyKey, IfMatch, Result, response_of, writes
from services.gateway.api.submit_and_wait import Submit
from services.gateway.domain.agreement_record import agreement_id, require_proposable, terms_of, wording_of
from services.gateway.domain.agreements import Agreement
from services.gateway.domain.translation import CommandDraft
from services.gateway.tokens import Caller

Number = Annotated[int, Path(ge=1, le=500, description="of the version, counted from 1")]
DECIDED = writes(*DECISION, *BODY, *OF_AGREEMENTS)
APPROVED = writes(*DECISION, *OF_AGREEMENTS)
PROPOSAL: dict[str, Any] = {
    "id": "housing-statistics", "version": 1, "giver": "KP2MI", "receiver": {"organisation": "BPS"},
    "purpose": "official_statistics", "base": "public_task", "law": "UU 16/1997",
    "events": ["registry.person.registered.v1"], "facts": ["status"],
    "stated_in": ["REGISTRATION"], "retention_days": 365,
    "signatories": [
        {"organisation": "KP2MI", "office": "Sekretaris Kementerian"},
        {"organisation": "BPS", "office": "Sekretaris Utama"},
    ],
    "valid_from": "2027-01-01", "valid_to": "2027-12-31",
}  # fmt: skip


class EndRequest(StrictModel):
    """The last day (WIB) on which the agreement gives: today or later, and earlier than it would end anyway."""

    last_day: date


def router(identify: CallerOf, ring: KeyRing, submit: Submit) -> APIRouter:
    """The routes that write /v1/agreements."""
    routes = APIRouter(prefix="/v1/agreements", tags=["agreements"])
    CurrentPerson = Annotated[Caller, Depends(identify)]  # noqa: N806  # a type

    @routes.post("", summary="Propose a version", status_code=201, response_model=Result, responses=DECIDED)
    async def propose(
        caller: CurrentPerson, body: Annotated[Agreement, Body(examples=[PROPOSAL])], version: IfMatch,
        key: IdempotencyKey = None,
    ) -> Response:  # fmt: skip
        """For giver and receiver, or whoever approves for a class of receivers. `version` is the next number.

        It gives nothing before one person of each has approved it.
        """
        require_proposable(body)
        return await decide(
            caller, body.id, ProposeAgreement(terms=terms_of(body), ifversion=version), key,
            personal=wording_of(body), content=body, created=True,
        )  # fmt: skip

    @routes.post(
        "/{agreement}/versions/{number}/approval", summary="Approve a version for your side", response_model=Result,
        responses=APPROVED,
    )  # fmt: skip
    async def approve(
        caller: CurrentPerson, agreement: AgreementName, number: Number, version: IfMatch, key: IdempotencyKey = None
    ) -> Response:
        """With the other side's approval, by another person, it gives from its first day on."""
        signer = ring.id("intake", "signer", caller.issuer, caller.subject)
        body = ApproveAgreement(agreement=agreement_id(agreement), number=number, signer=signer, ifversion=version)
        return await decide(caller, agreement, body, key)

    @routes.post(
        "/{agreement}/versions/{number}/rejection", summary="Reject or withdraw a version", response_model=Result,
        responses=writes(*DECISION),
    )  # fmt: skip
    async def reject(
        caller: CurrentPerson, agreement: AgreementName, number: Number, version: IfMatch, key: IdempotencyKey = None
    ) -> Response:
        """By either side, until both have approved."""
        body = RejectAgreement(agreement=agreement_id(agreement), number=number, ifversion=version)
        return await decide(caller, agreement, body, key)

    @routes.post("/{agreement}/end", summary="End an agreement early", response_model=Result, responses=DECIDED)
    async def end(
        caller: CurrentPerson, agreement: AgreementName, body: EndRequest, version: IfMatch, key: IdempotencyKey = None
    ) -> Response:
        """By either side, for every version that is approved; a later proposal may begin it anew."""
        ending = EndAgreement(agreement=agreement_id(agreement), last_day=body.last_day, ifversion=version)
        return await decide(caller, agreement, ending, key)

    async def decide(
        caller: Caller, agreement: str, body: Model, key: str | None, *,
        personal: Model | None = None, content: Model | None = None, created: bool = False,
    ) -> Response:  # fmt: skip
        draft = CommandDraft("gateway", body, personal=personal, key=agreement_id(agreement))
        published = await submit(caller, draft, content=(content or body).model_dump_json().encode(), key=key)
        return response_of(published, f"/v1/agreements/{agreement}", name=agreement, created=created, versioned=True)

    return routes
