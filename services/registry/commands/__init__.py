"""Settles a batch of commands: load the persons they may be about, decide one by one, save once."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from chassis.mongo import Session
from chassis.settling import Applied, Command, Steps
from contracts.model import Model
from contracts.registry import (
    ConfirmIdentity,
    Identifiers,
    MergePersons,
    PersonDetails,
    PlacementDetails,
    RecordDeparture,
    RecordPlacement,
    RegisterPerson,
    UnmergePerson,
)
from services.registry.commands.facts import add_fact
from services.registry.commands.merges import merge_persons, unmerge_person
from services.registry.commands.workspace import Identifier, Workspace, identifiers, personal_of
from services.registry.store import Store

__all__ = ["TYPES", "Identifier", "Workspace", "decide", "steps"]

TYPES: dict[str, tuple[type[Model], type[Model] | None]] = {
    "registry.person.register.v1": (RegisterPerson, PersonDetails),
    "registry.identity.confirm.v1": (ConfirmIdentity, Identifiers),
    "registry.placement.record.v1": (RecordPlacement, PlacementDetails),
    "registry.departure.record.v1": (RecordDeparture, Identifiers),
    "registry.person.merge.v1": (MergePersons, None),
    "registry.person.unmerge.v1": (UnmergePerson, None),
}


def steps(store: Store) -> Steps[Workspace]:
    """How the registry settles a batch."""

    async def load(batch: Sequence[Command]) -> Workspace:
        brought = {one for command in batch for one in identifiers(personal_of(command))}
        claim_ids = {identifier: store.claim_id(*identifier) for identifier in brought}
        claims = await store.load_claims(claim_ids.values())
        named = {person for command in batch for person in _named(command.body)}
        carriers = {person for claim in claims.values() for person in claim.persons}
        persons = await store.load_persons(named | carriers)
        return Workspace(claim_ids, claims, persons)

    async def save(work: Workspace, session: Session) -> None:
        await store.save(*work.changes(), session)

    def saved(work: Workspace) -> None:
        store.remember(*work.changes())

    def recall(work: Workspace) -> None:
        store.forget(work.persons, work.claims)

    return Steps(load=load, decide=decide, save=save, saved=saved, recall=recall)


def decide(work: Workspace, command: Command, now: datetime) -> Applied:
    """Settle one command against the workspace. Raises Refused and then leaves the workspace as it was."""
    match command.body:
        case MergePersons() as body:
            return merge_persons(work, command, body, now)
        case UnmergePerson() as body:
            return unmerge_person(work, command, body, now)
        case body:
            return add_fact(work, command, body, now)


def _named(body: object) -> Iterator[str]:
    """Ids of the persons that a command names."""
    match body:
        case MergePersons():
            yield from body.persons
        case UnmergePerson() | ConfirmIdentity() | RecordPlacement() | RecordDeparture():
            yield from filter(None, [body.person])
        case _:
            pass
