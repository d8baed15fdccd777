"""Sharing agreements as commands and as events. What the parties wrote in words travels sealed, or not at all."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from contracts.exchange import Form
from contracts.model import Code, Country, Id, Model, Region
from contracts.registry import FactKind, Kbli, Status

AgreementId = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,39}$"),
    Field(description="3 to 40 of a-z, 0-9 and -, a letter first"),
]
"""What copies and disclosures name an agreement by, such as `official-statistics`."""
Purpose = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z_]{1,39}$"), Field(description="2 to 40 of a-z and _, a letter first")
]
Side = Literal["giver", "receiver"]


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Forms = Annotated[tuple[Form, ...], BeforeValidator(_as_tuple), Field(min_length=1, max_length=4)]
"""One form, or several that stand side by side."""
FieldNames = Annotated[tuple[str, ...], Field(max_length=100)]


class AgreementReceiver(Model):
    """Exactly one way to choose receivers."""

    organisation: str | None = None
    mission_of: Literal["destination"] | None = None
    regency_of: Literal["home_regency"] | None = None
    owner: Literal[True] | None = None
    """The institution that registered the person."""
    author: Literal[True] | None = None
    """Of the decision on an offer: whose registration was offered."""
    recipient: Literal[True] | None = None
    """Those whom the routing of an alert names."""
    respondent: Literal[True] | None = None
    """Those to whom a round assigns questions."""
    stewards: Literal[True] | None = None
    """Those whose stewards decide, over the api, whether two persons are one."""


class AgreementFilter(Model):
    """The rows that an agreement is limited to; None is no limit, and what is not known is outside every limit."""

    region: Annotated[tuple[Region, ...], Field(max_length=600)] | None = None
    """Home regency: Kemendagri codes of regencies, or of provinces for all of theirs."""
    destination: Annotated[tuple[Country, ...], Field(max_length=250)] | None = None
    phase: Annotated[tuple[Status, ...], Field(max_length=50)] | None = None
    """Of the life cycle."""
    sector: Annotated[tuple[Kbli, ...], Field(max_length=250)] | None = None
    """KBLI codes, each with all that begin with it."""


class Signatory(Model):
    """Who signed, by office: the people who hold it change. `office` is None where words are not told."""

    organisation: str
    office: Annotated[str, StringConstraints(min_length=2, max_length=120)] | None = None


class AgreementTerms(Model):
    """One version of an agreement, without words. What it does not name is not given."""

    id: AgreementId
    version: Annotated[int, Field(ge=1, le=500)]
    giver: str
    """The organisation that answers for what is given."""
    receiver: AgreementReceiver
    purpose: Purpose
    base: Literal["consent", "contract", "legal_duty", "vital_interest", "public_task", "legitimate_interest"]
    """Legal base, UU 27/2022 art. 20."""
    events: FieldNames
    facts: FieldNames = ()
    personal: dict[str, Forms] = Field(default_factory=dict)
    report: FieldNames = ()
    """Of an alert: what the reporter said."""
    stated_in: Annotated[tuple[FactKind, ...], Field(min_length=1, max_length=20)] | Literal["all"]
    """A value is given if it was stated in a fact of these kinds."""
    pseudonymised: bool = False
    """Neither a name nor a trace leads back to the person; never united with other agreements."""
    release: Literal["at_once", "daily"] = "at_once"
    """`daily`: once a day, shuffled, with times by the day, because the moment of arrival would tell who it is."""
    filter: AgreementFilter = AgreementFilter()
    retention_days: Annotated[int, Field(ge=1, le=36500)]
    """How long a receiver may keep what it was given (UU 27/2022 art. 43, 44)."""
    signatories: Annotated[tuple[Signatory, ...], Field(max_length=20)]
    standing: bool = False
    """Stands for emergencies, without an end date."""
    valid_from: date
    valid_to: date | None = None


class AgreementWording(Model):
    """What of an agreement its parties wrote themselves; travels sealed for the gateway."""

    law: str
    """The rule that the legal base rests on, with article."""
    offices: tuple[str, ...]
    """Of the signatories, in their order."""


class AgreementWordings(Model):
    """Of several agreements, in their order."""

    agreements: tuple[AgreementWording, ...]


# -- commands

SIGNER = "Keyed hash of the issuer's own name for whoever decides: the same in whichever organisation they sign."


class ProposeAgreement(Model):
    """Sealed part: AgreementWording. `ifversion`: of the agreement, where it is there already."""

    type: Literal["gateway.agreement.propose.v1"] = "gateway.agreement.propose.v1"
    terms: AgreementTerms
    ifversion: int | None = None


class ApproveAgreement(Model):
    """Of one version, for the side that the principal's organisation stands for."""

    type: Literal["gateway.agreement.approve.v1"] = "gateway.agreement.approve.v1"
    agreement: Id
    number: int
    signer: Annotated[str, Field(description=SIGNER)]
    ifversion: int | None = None


class RejectAgreement(Model):
    """Of a proposed version: refused by one side, or withdrawn by whoever proposed it."""

    type: Literal["gateway.agreement.reject.v1"] = "gateway.agreement.reject.v1"
    agreement: Id
    number: int
    ifversion: int | None = None


class EndAgreement(Model):
    """Every version that was approved so far gives for the last time on `last_day` (WIB)."""

    type: Literal["gateway.agreement.end.v1"] = "gateway.agreement.end.v1"
    agreement: Id
    last_day: date
    ifversion: int | None = None


class AdoptAgreements(Model):
    """Sealed part: AgreementWordings. Agreements signed before the platform began; taken only while it has no other."""

    type: Literal["gateway.agreements.adopt.v1"] = "gateway.agreements.adopt.v1"
    agreements: Annotated[tuple[AgreementTerms, ...], Field(min_length=1)]


AgreementCommand = ProposeAgreement | ApproveAgreement | RejectAgreement | EndAgreement | AdoptAgreements

# -- events


class AgreementEvent(Model):
    """`agreement` is the platform's id of it, `number` that of the version; `by` an organisation."""

    agreement: Id
    number: int
    by: Code


class AgreementProposed(AgreementEvent):
    """A version waits for one person each of giver and receiver."""

    type: Literal["gateway.agreement.proposed.v1"] = "gateway.agreement.proposed.v1"
    terms: AgreementTerms


class AgreementAdopted(AgreementEvent):
    """A version that was signed before the platform began."""

    type: Literal["gateway.agreement.adopted.v1"] = "gateway.agreement.adopted.v1"
    terms: AgreementTerms


class AgreementApproved(AgreementEvent):
    """By one person of one side; `complete` where the other side has approved too: it gives from its first day on."""

    type: Literal["gateway.agreement.approved.v1"] = "gateway.agreement.approved.v1"
    side: Side
    complete: bool


class AgreementRejected(AgreementEvent):
    """It never gives anything."""

    type: Literal["gateway.agreement.rejected.v1"] = "gateway.agreement.rejected.v1"


class AgreementEnded(AgreementEvent):
    """Versions up to `number` give for the last time on `last_day` (WIB)."""

    type: Literal["gateway.agreement.ended.v1"] = "gateway.agreement.ended.v1"
    last_day: date


AnyAgreementEvent = AgreementProposed | AgreementAdopted | AgreementApproved | AgreementRejected | AgreementEnded
