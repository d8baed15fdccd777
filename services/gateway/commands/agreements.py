"""What comes of a command about sharing agreements."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chassis.commands.overlay import Overlay
from chassis.commands.recorded_time import recorded_after
from chassis.commands.types import Applied, Command, NewEvent
from contracts.gateway import (
    AdoptAgreements,
    AgreementEvent,
    AgreementTerms,
    AgreementWording,
    AgreementWordings,
    ApproveAgreement,
    EndAgreement,
    ProposeAgreement,
    RejectAgreement,
)
from contracts.outcomes import Refused
from services.gateway.domain.agreement_record import (
    AgreementRecord,
    adopt,
    agreement_id,
    approve,
    end,
    propose,
    read_terms,
    reject,
)
from services.gateway.domain.agreements import Agreement

Records = Mapping[str, AgreementRecord]
Decided = tuple[tuple[AgreementRecord, ...], Applied[Any]]
"""New states, and what becomes of the command."""
MAX_UNAGREED = 100
"""Agreements of one proposer that were never approved: every process holds what waits, and the log all of it."""
KIND = "agreement"
"""What outcomes say that the aggregate is."""


def propose_agreement(
    records: Overlay[AgreementRecord], unagreed: Mapping[str, int], command: Command, body: ProposeAgreement,
    now: datetime,
) -> Decided:  # fmt: skip
    """Raises Refused; `too_many_proposals` for one more agreement of whoever has proposed so many in vain."""
    agreement = _worded(body.terms, command.personal or AgreementWording(law="", offices=()))
    before, organisation = records.get(agreement_id(agreement.id)), command.principal.organisation
    if before is None:
        new = [record for name, record in records.changed.items() if name not in records.below]
        in_batch = sum(record.proposed_by == organisation and not record.approved for record in new)
        if unagreed.get(organisation, 0) + in_batch >= MAX_UNAGREED:
            raise Refused("too_many_proposals")
    record, event = propose(before, command.principal, agreement, body.ifversion, _recorded(before, now))
    return _applied(record, event)


def change_agreement(
    records: Records, command: Command, body: ApproveAgreement | RejectAgreement | EndAgreement, now: datetime
) -> Decided:
    """Raises Refused."""
    before, principal = records.get(body.agreement), command.principal
    recorded = _recorded(before, now)
    match body:
        case ApproveAgreement():
            return _applied(*approve(before, principal, body, recorded))
        case RejectAgreement():
            return _applied(*reject(before, principal, body, recorded))
        case EndAgreement():
            return _applied(*end(before, principal, body, recorded))


def adopt_agreements(records: Records, command: Command, body: AdoptAgreements, now: datetime) -> Decided:
    """Nothing changes where they were adopted before. Raises Refused `state_conflict` where there are others."""
    wordings = (command.personal or AgreementWordings(agreements=())).agreements
    if len(wordings) != len(body.agreements):
        raise Refused("missing_value", "/agreements")
    agreements = [_worded(terms, wording) for terms, wording in zip(body.agreements, wordings, strict=True)]
    if records:
        versions = (version for record in records.values() for version in record.versions)
        adopted = [version.agreement for version in versions if version.adopted]
        if _ordered(adopted) != _ordered(agreements):
            raise Refused("state_conflict")
        first = records[agreement_id(agreements[0].id)]
        return (), Applied(first.id, first.version, kind=KIND)
    made: dict[str, AgreementRecord] = {}
    events = []
    for agreement in _ordered(agreements):
        before = made.get(agreement_id(agreement.id))
        record, event = adopt(before, command.principal, agreement, _recorded(before, now))
        made[record.id] = record
        events.append(_new_event(record, event))
    first = made[agreement_id(agreements[0].id)]
    return tuple(made.values()), Applied(first.id, first.version, tuple(events), kind=KIND)


def _ordered(agreements: Sequence[Agreement]) -> list[Agreement]:
    return sorted(agreements, key=lambda agreement: (agreement.id, agreement.version))


def _worded(terms: AgreementTerms, wording: AgreementWording) -> Agreement:
    """Raises Refused `invalid_value`: the gateway's own door lets no such thing in."""
    try:
        return read_terms(terms, wording)
    except ValueError:
        raise Refused("invalid_value", "/terms") from None


def _recorded(before: AgreementRecord | None, now: datetime) -> datetime:
    return recorded_after(now, before.recorded_at) if before else now


def _applied(record: AgreementRecord, event: AgreementEvent) -> Decided:
    return (record,), Applied(record.id, record.version, (_new_event(record, event),), kind=KIND)


def _new_event(record: AgreementRecord, event: AgreementEvent) -> NewEvent:
    return NewEvent(event, record.id, record.version, record.recorded_at, record.recorded_at)
