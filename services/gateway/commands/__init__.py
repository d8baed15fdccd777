"""Settles the commands of the gateway's own aggregates: load what a batch names, decide one by one, save once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, assert_never

from chassis.commands.overlay import Overlay
from chassis.commands.types import Applied, Command, Steps
from chassis.mongo import Session
from contracts import authority, gateway
from contracts.gateway import (
    AdoptAgreements,
    AgreementWording,
    AgreementWordings,
    ApproveAgreement,
    EndAgreement,
    OrganisationCommand,
    ProposeAgreement,
    RejectAgreement,
)
from contracts.model import Model
from contracts.schemas import members, message_type
from services.gateway.commands.agreements import adopt_agreements, change_agreement, propose_agreement
from services.gateway.commands.organisations import change_organisation
from services.gateway.domain.agreement_record import AgreementRecord, agreement_id
from services.gateway.store.agreements import AgreementStore
from services.gateway.store.organisations import OrganisationRecord, OrganisationStore

SEALED: Mapping[type[Any], type[Model]] = {ProposeAgreement: AgreementWording, AdoptAgreements: AgreementWordings}
TYPES: dict[str, tuple[type[Model], type[Model] | None]] = {
    message_type(model): (model, SEALED.get(model))  # type: ignore[misc]  # every command is a Model
    for model in members(gateway.Command)
}


@dataclass(frozen=True, slots=True)
class LoadedBatch:
    """What one batch touches, by the platform's id; of organisations all that ever changed.

    `unagreed`: by organisation, how many agreements it proposed in vain so far.
    """

    agreements: Overlay[AgreementRecord]
    unagreed: Mapping[str, int] = field(default_factory=dict)
    organisations: Overlay[OrganisationRecord] = field(default_factory=Overlay)


@dataclass(frozen=True, slots=True)
class Changes:
    """What one command brings: new states."""

    agreements: tuple[AgreementRecord, ...] = ()
    organisations: tuple[OrganisationRecord, ...] = ()


def steps(store: AgreementStore, organisations: OrganisationStore) -> Steps[LoadedBatch, Changes]:
    """How the gateway processes a batch."""

    async def load(commands: Sequence[Command]) -> LoadedBatch:
        changed = any(isinstance(command.body, OrganisationCommand) for command in commands)
        known = Overlay(await organisations.list_all() if changed else {})
        if any(isinstance(command.body, AdoptAgreements) for command in commands):
            every = {record.id: record for record in await store.list_all()}
            return LoadedBatch(Overlay(every), organisations=known)
        named = {
            _agreement_of(command.body) for command in commands if not isinstance(command.body, OrganisationCommand)
        }
        proposals = (command for command in commands if isinstance(command.body, ProposeAgreement))
        proposers = {command.principal.organisation for command in proposals}
        unagreed = {organisation: await store.count_unagreed(organisation) for organisation in proposers}
        return LoadedBatch(Overlay(await store.find(named)), unagreed, known)

    async def save(batch: LoadedBatch, session: Session) -> None:
        await store.save(batch.agreements.changed.values(), session)
        await organisations.save(batch.organisations.changed.values(), session)

    return Steps(load=load, decide=decide, apply=apply, save=save)


def _agreement_of(body: Any) -> str:
    return agreement_id(body.terms.id) if isinstance(body, ProposeAgreement) else body.agreement


def apply(batch: LoadedBatch, changes: Changes) -> None:
    """Later commands of the batch see what this one changed."""
    batch.agreements.put(*changes.agreements)
    batch.organisations.put(*changes.organisations)


def decide(batch: LoadedBatch, command: Command, now: datetime) -> Applied[Changes]:
    """What comes of one command. Raises Refused."""
    body: gateway.Command = command.body
    authority.check(body.type, command.principal)
    if isinstance(body, OrganisationCommand):
        changed, applied = change_organisation(batch.organisations, command, body, now)
        return applied if not changed else replace(applied, changes=Changes(organisations=changed))
    match body:
        case ProposeAgreement():
            records, applied = propose_agreement(batch.agreements, batch.unagreed, command, body, now)
        case ApproveAgreement() | RejectAgreement() | EndAgreement():
            records, applied = change_agreement(batch.agreements, command, body, now)
        case AdoptAgreements():
            records, applied = adopt_agreements(batch.agreements, command, body, now)
        case _:
            assert_never(body)
    return applied if not records else replace(applied, changes=Changes(agreements=records))
