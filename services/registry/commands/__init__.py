"""Settles a batch of commands: load the persons they may be about, decide one by one, save once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from prometheus_client import Counter

from chassis.commands.processor import Applied, Command, Steps
from chassis.mongo import Session
from contracts.model import Model
from contracts.registry import (
    ComparePair,
    ConfirmIdentity,
    DecideCase,
    Identifiers,
    MergePersons,
    PersonDetails,
    PlacementDetails,
    RecordDeparture,
    RecordPlacement,
    RegisterPerson,
    ReopenCase,
    UnmergePerson,
)
from services.registry.commands.facts import add_fact
from services.registry.commands.merges import merge_persons, unmerge_person
from services.registry.commands.recognition import Matcher, compare, recognise
from services.registry.commands.stewards import compare_pair, decide_case, reopen_case
from services.registry.commands.workspace import Identifier, Workspace, identifiers, personal_of
from services.registry.domain.duplicates import Case
from services.registry.store import Store

__all__ = ["TYPES", "Identifier", "Workspace", "decide", "steps"]

TYPES: dict[str, tuple[type[Model], type[Model] | None]] = {
    "registry.person.register.v1": (RegisterPerson, PersonDetails),
    "registry.identity.confirm.v1": (ConfirmIdentity, Identifiers),
    "registry.placement.record.v1": (RecordPlacement, PlacementDetails),
    "registry.departure.record.v1": (RecordDeparture, Identifiers),
    "registry.person.merge.v1": (MergePersons, None),
    "registry.person.unmerge.v1": (UnmergePerson, None),
    "registry.pair.compare.v1": (ComparePair, None),
    "registry.case.decide.v1": (DecideCase, None),
    "registry.case.reopen.v1": (ReopenCase, None),
}


NEWCOMERS = Counter("simpul_registry_newcomers_total", "Whom no identifier led to, and what became of them", ["result"])


def steps(store: Store, matcher: Matcher | None = None) -> Steps[Workspace]:
    """How the registry settles a batch. Without a matcher only identifiers tell who somebody is."""

    async def load(batch: Sequence[Command]) -> Workspace:
        brought = {one for command in batch for one in identifiers(personal_of(command))}
        claim_ids = {identifier: store.claim_id(*identifier) for identifier in brought}
        claims = await store.load_claims(claim_ids.values())
        recognised = await recognise(matcher, batch) if matcher else None
        cases = await store.cases.find(case for command in batch for case in _cases_named(command.body))
        named = {person for command in batch for person in _named(command.body)}
        carriers = {person for claim in claims.values() for person in claim.persons}
        sides = {person for case in cases.values() for person in case.persons}
        likely = recognised.homes() if recognised else set()
        persons = await store.load_persons(named | carriers | sides | likely)
        work = Workspace(claim_ids, claims, persons, recognised=recognised)
        if joined := {home for command in batch for home in _joined(work, command.body, cases)}:
            work.cases = cases | await store.cases.find_of(joined)
            work.persons |= await store.load_persons(
                person for case in work.cases.values() for person in case.persons if person not in work.persons
            )
        if matcher:
            work.compared = await compare(matcher, work, batch)
        return work

    async def save(work: Workspace, session: Session) -> None:
        await store.save(*work.changes(), session)
        await store.cases.save([work.cases[one] for one in work.changed_cases], session)
        if work.recognised and work.recognised.keys:
            new, grown = work.recognised.new.values(), work.recognised.grown.values()
            await store.profiles.save(new, grown, session)
            await store.profiles.committed(session)

    def saved(work: Workspace) -> None:
        store.remember(*work.changes())
        if work.recognised:
            for result, count in work.recognised.counts.items():
                NEWCOMERS.labels(result).inc(count)

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
        case ComparePair() as body:
            return compare_pair(work, command, body, now)
        case DecideCase() as body:
            return decide_case(work, command, body, now)
        case ReopenCase() as body:
            return reopen_case(work, command, body, now)
        case body:
            return add_fact(work, command, body, now)


def _named(body: object) -> Iterator[str]:
    """Ids of the persons that a command names."""
    match body:
        case MergePersons() | ComparePair():
            yield from body.persons
        case UnmergePerson() | ConfirmIdentity() | RecordPlacement() | RecordDeparture():
            yield from filter(None, [body.person])
        case _:
            pass


def _cases_named(body: object) -> Iterator[str]:
    if isinstance(body, DecideCase | ReopenCase):
        yield body.case


def _joined(work: Workspace, body: object, cases: Mapping[str, Case]) -> Iterator[str]:
    """Homes of the persons that a command may merge or take apart."""
    persons: tuple[str, ...] = ()
    match body:
        case MergePersons() | ComparePair():
            persons = body.persons
        case UnmergePerson():
            persons = (body.person,)
        case DecideCase() | ReopenCase() if body.case in cases:
            persons = cases[body.case].persons
        case _:
            return
    for person in persons:
        if root := work.root(person):
            yield from root.homes
