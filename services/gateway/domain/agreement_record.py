"""An agreement as an aggregate: all its versions, who approved each and when, and what ended them. Pure.

Every step takes the record as it is and gives the new one with the event that happened, or raises Refused.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal
from uuid import NAMESPACE_OID, uuid5

from contracts.commands import Principal
from contracts.gateway import (
    AgreementAdopted,
    AgreementApproved,
    AgreementEnded,
    AgreementProposed,
    AgreementRejected,
    AgreementTerms,
    AgreementWording,
    ApproveAgreement,
    EndAgreement,
    RejectAgreement,
    Side,
)
from contracts.model import Model
from contracts.outcomes import Refused
from services.gateway.domain.agreements import Agreement
from services.gateway.domain.parties import local_day, receiving_party, side_of_any

RESERVED = frozenset({"why", "simulations", "data-protection", "registration-offers"})
"""What stands under /v1/agreements beside agreements, and what the record of disclosures calls what needs none."""


class Approval(Model):
    """One person's, for one side. `signer`: keyed hash of the issuer's name for whoever it was."""

    side: Side
    organisation: str
    signer: str
    at: datetime


class AgreementVersion(Model):
    """`adopted`: signed before the platform began. `last_day`: since it was ended early."""

    agreement: Agreement
    status: Literal["proposed", "approved", "rejected"]
    proposed_by: str
    proposed_at: datetime
    adopted: bool = False
    approvals: tuple[Approval, ...] = ()
    rejected_by: str | None = None
    rejected_at: datetime | None = None
    last_day: date | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None

    @property
    def in_effect(self) -> Agreement:
        """The agreement with the last day that counts."""
        return ended(self.agreement, self.last_day)


class AgreementRecord(Model):
    """`version` counts events, and is what `ifversion` means; `revision` is the store's."""

    id: str
    name: str
    version: int = 0
    revision: int = 0
    recorded_at: datetime
    versions: tuple[AgreementVersion, ...] = ()

    @property
    def approved(self) -> tuple[Agreement, ...]:
        """Versions that both sides approved, or that were adopted."""
        return tuple(version.in_effect for version in self.versions if version.status == "approved")

    @property
    def proposed_by(self) -> str:
        """The organisation that proposed the first version."""
        return self.versions[0].proposed_by

    def numbered(self, number: int) -> AgreementVersion | None:
        """One version."""
        return self.versions[number - 1] if 1 <= number <= len(self.versions) else None


def agreement_id(name: str) -> str:
    """The platform's id of an agreement."""
    return str(uuid5(NAMESPACE_OID, f"agreement/{name}"))


def ended(agreement: Agreement, last_day: date | None) -> Agreement:
    """The agreement, giving until that day at the latest."""
    if last_day is None or (agreement.valid_to is not None and agreement.valid_to <= last_day):
        return agreement
    return agreement.model_copy(update={"valid_to": last_day})


# -- words, which stand in no event


def terms_of(agreement: Agreement) -> AgreementTerms:
    """Without what the parties wrote themselves."""
    body = agreement.model_dump(exclude={"law": True, "signatories": {"__all__": {"office"}}})
    return AgreementTerms.model_validate(body)


def wording_of(agreement: Agreement) -> AgreementWording:
    """What the parties wrote themselves; of an agreement that is worded."""
    return AgreementWording(
        law=agreement.law or "", offices=tuple(signatory.office or "" for signatory in agreement.signatories)
    )


def read_terms(terms: AgreementTerms, wording: AgreementWording | None = None) -> Agreement:
    """The agreement that terms and words make. Raises ValueError where a rule of agreements is broken."""
    body = terms.model_dump()
    if wording is not None:
        signatories = zip(body["signatories"], wording.offices, strict=True)
        body |= {
            "law": wording.law,
            "signatories": [signatory | {"office": office} for signatory, office in signatories],
        }
    return Agreement.model_validate(body)


# -- steps


def require_proposable(agreement: Agreement) -> None:
    """Raises Refused `invalid_value` for an id that has another meaning, or with digits: it stands in events, and could
    be somebody's number; and `missing_value` without words."""
    if agreement.id in RESERVED or any(letter.isdigit() for letter in agreement.id):
        raise Refused("invalid_value", "/id", "letters a to z and -, no digit")
    if not agreement.is_worded:
        raise Refused("missing_value", "/law" if agreement.law is None else "/signatories")


def propose(
    before: AgreementRecord | None, principal: Principal, agreement: Agreement, ifversion: int | None, now: datetime
) -> tuple[AgreementRecord, AgreementProposed]:
    """A version that waits for both sides; `now` is its recorded time.

    Its number is the next one; giver and receiver stay as they were. Raises Refused `not_permitted`, `invalid_value`,
    `version_conflict`, or `state_conflict` while another version waits.
    """
    record = before or AgreementRecord(id=agreement_id(agreement.id), name=agreement.id, recorded_at=now)
    if side_of_any(agreement, principal.stands_for) is None:
        raise Refused("not_permitted")
    require_proposable(agreement)
    if agreement.giver == receiving_party(agreement):
        raise Refused("invalid_value", "/receiver", "another organisation than the giver")
    if record.versions:
        _require_same_parties(record.versions[-1].agreement, agreement)
    _require_version(record, ifversion)
    if agreement.version != len(record.versions) + 1:
        raise Refused("version_conflict", "/version")
    if record.versions and record.versions[-1].status == "proposed":
        raise Refused("state_conflict")
    if agreement.valid_to is not None and agreement.valid_to < local_day(now):
        raise Refused("invalid_value", "/valid_to", "today (WIB) or later")
    version = AgreementVersion(
        agreement=agreement, status="proposed", proposed_by=principal.organisation, proposed_at=now
    )
    event = AgreementProposed(
        agreement=record.id, number=agreement.version, by=principal.organisation, terms=terms_of(agreement)
    )
    return _with(record, version, now), event


def approve(
    before: AgreementRecord | None, principal: Principal, body: ApproveAgreement, now: datetime
) -> tuple[AgreementRecord, AgreementApproved]:
    """One side's approval; with the other's it gives from its first day on.

    Raises Refused `not_found` for whoever is not a party, `version_conflict`, `state_conflict`, or `already_approved`
    where the side or the person has approved.
    """
    record, version, side = _waiting(before, principal, body.number, body.ifversion)
    if version.agreement.valid_to is not None and version.agreement.valid_to < local_day(now):
        raise Refused("state_conflict")
    if any(approval.side == side or approval.signer == body.signer for approval in version.approvals):
        raise Refused("already_approved")
    approval = Approval(side=side, organisation=principal.organisation, signer=body.signer, at=now)
    approvals = (*version.approvals, approval)
    complete = len(approvals) == 2
    status = "approved" if complete else "proposed"
    event = AgreementApproved(
        agreement=record.id, number=body.number, by=principal.organisation, side=side, complete=complete
    )
    return _with(record, version.model_copy(update={"approvals": approvals, "status": status}), now), event


def reject(
    before: AgreementRecord | None, principal: Principal, body: RejectAgreement, now: datetime
) -> tuple[AgreementRecord, AgreementRejected]:
    """Refused by one side, or withdrawn by whoever proposed it. Raises as `approve`."""
    record, version, _ = _waiting(before, principal, body.number, body.ifversion)
    rejected = {"status": "rejected", "rejected_by": principal.organisation, "rejected_at": now}
    event = AgreementRejected(agreement=record.id, number=body.number, by=principal.organisation)
    return _with(record, version.model_copy(update=rejected), now), event


def end(
    before: AgreementRecord | None, principal: Principal, body: EndAgreement, now: datetime
) -> tuple[AgreementRecord, AgreementEnded]:
    """Every approved version gives until that day at the latest. An end is never moved to a later day.

    Raises Refused `not_found`, `version_conflict`, `invalid_value` for a day that is over, or `state_conflict` where
    nothing would go on beyond it.
    """
    record = _of_party(before, principal)
    _require_version(record, body.ifversion)
    if body.last_day < local_day(now):
        raise Refused("invalid_value", "/last_day", "today (WIB) or later")
    approved = [version for version in record.versions if version.status == "approved"]
    ending = [version for version in approved if _goes_beyond(version, body.last_day)]
    if not ending:
        raise Refused("state_conflict")
    values = {"last_day": body.last_day, "ended_by": principal.organisation, "ended_at": now}
    number = approved[-1].agreement.version
    event = AgreementEnded(agreement=record.id, number=number, by=principal.organisation, last_day=body.last_day)
    return _with(record, [version.model_copy(update=values) for version in ending], now), event


def adopt(
    before: AgreementRecord | None, principal: Principal, agreement: Agreement, now: datetime
) -> tuple[AgreementRecord, AgreementAdopted]:
    """The next version, signed before the platform began. Raises Refused `version_conflict`."""
    record = before or AgreementRecord(id=agreement_id(agreement.id), name=agreement.id, recorded_at=now)
    if agreement.version != len(record.versions) + 1:
        raise Refused("version_conflict", "/version")
    version = AgreementVersion(
        agreement=agreement, status="approved", proposed_by=principal.organisation, proposed_at=now, adopted=True
    )
    event = AgreementAdopted(
        agreement=record.id, number=agreement.version, by=principal.organisation, terms=terms_of(agreement)
    )
    return _with(record, version, now), event


def _waiting(
    before: AgreementRecord | None, principal: Principal, number: int, ifversion: int | None
) -> tuple[AgreementRecord, AgreementVersion, Side]:
    """A version that waits for approval, and the side that the principal stands for."""
    record = _of_party(before, principal)
    version = record.numbered(number)
    if version is None:
        raise Refused("not_found")
    _require_version(record, ifversion)
    if version.status != "proposed":
        raise Refused("state_conflict")
    side = side_of_any(version.agreement, principal.stands_for)
    assert side is not None  # parties never change
    return record, version, side


def _of_party(record: AgreementRecord | None, principal: Principal) -> AgreementRecord:
    """Denied looks like not found."""
    if record is None or side_of_any(record.versions[-1].agreement, principal.stands_for) is None:
        raise Refused("not_found")
    return record


def _require_version(record: AgreementRecord, ifversion: int | None) -> None:
    if ifversion is not None and ifversion != record.version:
        raise Refused("version_conflict")


def _require_same_parties(before: Agreement, agreement: Agreement) -> None:
    for name in ("giver", "receiver"):
        if getattr(before, name) != getattr(agreement, name):
            raise Refused(
                "invalid_value", f"/{name}", "as in the version before; others need an agreement of their own"
            )


def _goes_beyond(version: AgreementVersion, day: date) -> bool:
    last = version.in_effect.valid_to
    return last is None or last > day


def _with(
    record: AgreementRecord, versions: AgreementVersion | Iterable[AgreementVersion], now: datetime
) -> AgreementRecord:
    changed = [versions] if isinstance(versions, AgreementVersion) else versions
    by_number = {version.agreement.version: version for version in (*record.versions, *changed)}
    return record.model_copy(
        update={
            "versions": tuple(by_number[number] for number in sorted(by_number)),
            "version": record.version + 1,
            "recorded_at": now,
        }
    )
