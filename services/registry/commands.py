"""Settles a batch of commands: load the persons they may be about, decide one by one, save once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chassis.mongo import Session
from chassis.settling import Applied, Command, Emitted, Steps
from contracts.model import Model
from contracts.outcomes import Refused
from contracts.registry import (
    ConfirmIdentity,
    Identifiers,
    PersonDetails,
    PlacementDetails,
    RecordDeparture,
    RecordPlacement,
    RegisterPerson,
)
from services.registry.domain.actions import Action, facts_of, kind_of
from services.registry.domain.claims import SYSTEMS, Claim, Resolution, System, is_shared, resolve
from services.registry.domain.events import announced
from services.registry.domain.guards import check_authority, check_content
from services.registry.domain.person import Person, added, opened, recorded_after
from services.registry.store import Store

TYPES: dict[str, tuple[type[Model], type[Model] | None]] = {
    "registry.person.register.v1": (RegisterPerson, PersonDetails),
    "registry.identity.confirm.v1": (ConfirmIdentity, Identifiers),
    "registry.placement.record.v1": (RecordPlacement, PlacementDetails),
    "registry.departure.record.v1": (RecordDeparture, Identifiers),
}

Identifier = tuple[System, str]


@dataclass(slots=True)
class Workspace:
    """What one batch touches, as it stands after the commands decided so far.

    `claim_ids` names the claim of every identifier in the batch; a claim that is not in `claims` does not exist.
    """

    claim_ids: Mapping[Identifier, str]
    claims: dict[str, Claim]
    persons: dict[str, Person]
    changed_claims: set[str] = field(default_factory=set)
    changed_persons: set[str] = field(default_factory=set)

    def carriers(self, system: System, personal: Mapping[str, str]) -> list[Person]:
        """The persons that carry this record's identifier of one kind."""
        value = personal.get(system)
        claim = self.claims.get(self.claim_ids[system, value]) if value else None
        return [self.persons[person] for person in claim.persons] if claim else []

    def put(self, person: Person, personal: Mapping[str, str]) -> None:
        """The person as changed, and its claims on the identifiers that the record brought."""
        self.persons[person.id] = person
        self.changed_persons.add(person.id)
        for identifier in _identifiers(personal):
            claim_id = self.claim_ids[identifier]
            claim = self.claims.get(claim_id) or Claim(claim_id)
            if person.id not in claim.persons:
                self.claims[claim_id] = claim.of(person.id)
                self.changed_claims.add(claim_id)

    def changes(self) -> tuple[list[Person], list[Claim]]:
        """What has to be saved."""
        return [self.persons[one] for one in self.changed_persons], [self.claims[one] for one in self.changed_claims]


def steps(store: Store) -> Steps[Workspace]:
    """How the registry settles a batch."""

    async def load(batch: Sequence[Command]) -> Workspace:
        brought = {one for command in batch for one in _identifiers(_personal(command))}
        claim_ids = {identifier: store.claim_id(*identifier) for identifier in brought}
        claims = await store.load_claims(claim_ids.values())
        named = {command.body.person for command in batch if not isinstance(command.body, RegisterPerson)} - {None}
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
    body, personal = command.body, _personal(command)
    kind = kind_of(body)
    check_authority(kind, command.principal)
    warnings = check_content(body, command.personal)
    before, shared = _subject(work, None if isinstance(body, RegisterPerson) else body.person, personal)
    if before and before.knows(command.id):
        return Applied(before.id, before.version)
    action = Action(
        kind=kind,
        command_id=command.id,
        owner=command.principal.organisation,
        occurred=body.occurred,
        recorded_at=recorded_after(before, now),
        facts=facts_of(body) | ({"warnings": list(warnings)} if warnings else {}),
        personal=personal,
        shared=shared,
    )
    after = added(before, action) if before else opened(action)
    events = announced(before, after, action)
    emitted = tuple(
        Emitted(event, after.id, after.version + number, action.occurred.at, action.recorded_at)
        for number, event in enumerate(events, 1)
    )
    after = replace(after, version=after.version + len(events))
    work.put(after, personal)
    return Applied(after.id, after.version, emitted, warnings)


def _subject(work: Workspace, person_id: str | None, personal: Mapping[str, str]) -> Resolution:
    """Whom the record is about: the person it names, else by its identifiers. Raises Refused `person_unknown`."""
    by_nik, by_passport = (work.carriers(system, personal) for system in SYSTEMS)
    if person_id is None:
        return resolve(personal, by_nik, by_passport)
    person = work.persons.get(person_id)
    if person is None:
        raise Refused("person_unknown", "/person/id")
    return Resolution(person, is_shared(person, by_nik, by_passport))


def _personal(command: Command) -> dict[str, str]:
    """The personal values of a record; what was not given is absent."""
    given = command.personal
    return {name: value for name, value in given.__dict__.items() if value is not None} if given else {}


def _identifiers(personal: Mapping[str, str]) -> Iterator[Identifier]:
    for system in SYSTEMS:
        if value := personal.get(system):
            yield system, value
