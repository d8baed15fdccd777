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
    DecideDuplicate,
    Identifiers,
    MergePersons,
    PersonDetails,
    PlacementDetails,
    RecordDeparture,
    RecordPlacement,
    RegisterPerson,
    ReopenDuplicate,
    UnmergePerson,
)
from services.registry.commands.facts import add_fact
from services.registry.commands.merges import merge_persons, unmerge_person
from services.registry.commands.recognition import Matcher, compare, recognise
from services.registry.commands.stewards import compare_pair, decide_duplicate, reopen_duplicate
from services.registry.commands.workspace import Identifier, Workspace, identifiers, personal_of
from services.registry.domain.duplicates import DuplicateReview
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
    "registry.duplicate.decide.v1": (DecideDuplicate, None),
    "registry.duplicate.reopen.v1": (ReopenDuplicate, None),
}


NEWCOMERS = Counter("simpul_registry_newcomers_total", "Whom no identifier led to, and what became of them", ["result"])


def steps(store: Store, matcher: Matcher | None = None) -> Steps[Workspace]:
    """How the registry settles a batch. Without a matcher only identifiers tell who somebody is."""

    async def load(batch: Sequence[Command]) -> Workspace:
        brought = {one for command in batch for one in identifiers(personal_of(command))}
        claim_ids = {identifier: store.claim_id(*identifier) for identifier in brought}
        claims = await store.load_claims(claim_ids.values())
        recognised = await recognise(matcher, batch) if matcher else None
        reviews = await store.reviews.find(review for command in batch for review in _reviews_named(command.body))
        named = {person for command in batch for person in _named(command.body)}
        carriers = {person for claim in claims.values() for person in claim.persons}
        sides = {person for review in reviews.values() for person in review.persons}
        likely = recognised.homes() if recognised else set()
        persons = await store.load_persons(named | carriers | sides | likely)
        work = Workspace(claim_ids, claims, persons, recognised=recognised)
        if joined := {home for command in batch for home in _joined(work, command.body, reviews)}:
            work.reviews = reviews | await store.reviews.find_of(joined)
            work.persons |= await store.load_persons(
                person for review in work.reviews.values() for person in review.persons if person not in work.persons
            )
        if matcher:
            work.compared = await compare(matcher, work, batch)
        return work

    async def save(work: Workspace, session: Session) -> None:
        await store.save(*work.changes(), session)
        await store.reviews.save([work.reviews[one] for one in work.changed_reviews], session)
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
        case DecideDuplicate() as body:
            return decide_duplicate(work, command, body, now)
        case ReopenDuplicate() as body:
            return reopen_duplicate(work, command, body, now)
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


def _reviews_named(body: object) -> Iterator[str]:
    if isinstance(body, DecideDuplicate | ReopenDuplicate):
        yield body.duplicate


def _joined(work: Workspace, body: object, reviews: Mapping[str, DuplicateReview]) -> Iterator[str]:
    """Homes of the persons that a command may merge or take apart."""
    persons: tuple[str, ...] = ()
    match body:
        case MergePersons() | ComparePair():
            persons = body.persons
        case UnmergePerson():
            persons = (body.person,)
        case DecideDuplicate() | ReopenDuplicate() if body.duplicate in reviews:
            persons = reviews[body.duplicate].persons
        case _:
            return
    for person in persons:
        if root := work.root(person):
            yield from root.homes
