"""Processes a batch of commands: load the persons they may be about, decide one by one, save once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chassis.commands.overlay import Overlay
from chassis.commands.types import Applied, Command, Steps
from chassis.mongo import Session
from contracts import authority
from contracts.model import Model
from contracts.registry import (
    ComparePair,
    ConfirmIdentity,
    DecideDuplicate,
    DecideOffer,
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
from services.registry.commands import metrics
from services.registry.commands.duplicate_decisions import compare_pair, decide_duplicate, reopen_duplicate
from services.registry.commands.facts import add_fact
from services.registry.commands.load_holders import load_holders
from services.registry.commands.loaded_batch import Draft, LoadedBatch
from services.registry.commands.merges import merge_persons, unmerge_person
from services.registry.commands.newcomer_matching import Matcher, match_newcomers
from services.registry.commands.offers import decide_offer
from services.registry.commands.pair_comparison import compare_pairs
from services.registry.domain.duplicates import DuplicateReview
from services.registry.domain.person import Stored, root_of
from services.registry.store import Store

__all__ = ["TYPES", "Draft", "LoadedBatch", "decide", "steps"]

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
    "registry.offer.decide.v1": (DecideOffer, None),
}


def steps(store: Store, matcher: Matcher | None = None) -> Steps[LoadedBatch, Draft]:
    """How the registry processes a batch. Without a matcher only identifiers tell who somebody is."""

    async def load(commands: Sequence[Command]) -> LoadedBatch:
        matches = await match_newcomers(matcher, commands) if matcher else None
        reviews = await store.reviews.find(review for command in commands for review in _reviews_named(command.body))
        named = {person for command in commands for person in _named(command.body)}
        sides = {person for review in reviews.values() for person in review.persons}
        likely = matches.origin_persons() if matches else set()
        holders = await load_holders(store, commands, named | sides | likely)
        persons = holders.persons
        mergeable = {origin for command in commands for origin in _mergeable(persons, command.body, reviews)}
        if mergeable := mergeable | holders.of_shared_passports():
            reviews |= await store.reviews.find_of(mergeable)
            persons |= await store.load_persons(
                person for review in reviews.values() for person in review.persons if person not in persons
            )
        compared = await compare_pairs(matcher, persons, commands) if matcher else {}
        return LoadedBatch(
            holders.entry_ids, Overlay(holders.entries), Overlay(persons), Overlay(reviews), matches, compared
        )

    async def save(batch: LoadedBatch, session: Session) -> None:
        await store.save(batch.persons.changed.values(), batch.entries.changed.values(), session)
        await store.reviews.save(batch.reviews.changed.values(), session)
        changes = ((batch.persons.below.get(person.id), person) for person in batch.persons.changed.values())
        await store.offers.save(changes, session)
        if batch.matches and batch.matches.later:
            await store.profiles.put_pending(batch.matches.later, session)
        if batch.matches and batch.matches.keys:
            new, grown = batch.matches.new.values(), batch.matches.grown.values()
            await store.profiles.save(new, grown, session)
            await store.profiles.committed(session)

    def committed(batch: LoadedBatch) -> None:
        store.remember(batch.persons.changed.values(), batch.entries.changed.values())
        metrics.count(batch)

    def on_conflict(batch: LoadedBatch) -> None:
        store.forget(batch.persons, batch.entries)

    return Steps(
        load=load, decide=decide, apply=LoadedBatch.apply, save=save, committed=committed, on_conflict=on_conflict
    )


def decide(batch: LoadedBatch, command: Command, now: datetime) -> Applied[Draft]:
    """What comes of one command. Raises Refused."""
    draft = Draft(batch)
    return replace(_decide(draft, command, now), changes=draft)


def _decide(draft: Draft, command: Command, now: datetime) -> Applied[Draft]:
    authority.check(command.body.type, command.principal)
    match command.body:
        case MergePersons() as body:
            return merge_persons(draft, command, body, now)
        case UnmergePerson() as body:
            return unmerge_person(draft, command, body, now)
        case ComparePair() as body:
            return compare_pair(draft, command, body, now)
        case DecideDuplicate() as body:
            return decide_duplicate(draft, command, body, now)
        case ReopenDuplicate() as body:
            return reopen_duplicate(draft, command, body, now)
        case DecideOffer() as body:
            return decide_offer(draft, command, body, now)
        case body:
            return add_fact(draft, command, body, now)


def _named(body: object) -> Iterator[str]:
    """Ids of the persons that a command names."""
    match body:
        case MergePersons() | ComparePair():
            yield from body.persons
        case UnmergePerson() | ConfirmIdentity() | RecordPlacement() | RecordDeparture() | DecideOffer():
            yield from filter(None, [body.person])
        case _:
            pass


def _reviews_named(body: object) -> Iterator[str]:
    if isinstance(body, DecideDuplicate | ReopenDuplicate):
        yield body.duplicate


def _mergeable(persons: Mapping[str, Stored], body: object, reviews: Mapping[str, DuplicateReview]) -> Iterator[str]:
    """Origin persons of the persons that a command may merge or take apart."""
    named: tuple[str, ...] = ()
    match body:
        case MergePersons() | ComparePair():
            named = body.persons
        case UnmergePerson():
            named = (body.person,)
        case DecideDuplicate() | ReopenDuplicate() if body.duplicate in reviews:
            named = reviews[body.duplicate].persons
        case _:
            return
    for person in named:
        if root := root_of(persons, person):
            yield from root.origin_persons
