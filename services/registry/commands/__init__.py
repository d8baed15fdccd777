"""Processes a batch of commands: load the persons they may be about, decide one by one, save once."""

from dataclasses import replace
from datetime import datetime
from functools import partial

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
from services.registry.commands.load_batch import load_batch
from services.registry.commands.loaded_batch import Draft, LoadedBatch
from services.registry.commands.merges import merge_persons, unmerge_person
from services.registry.commands.newcomer_matching import Matcher
from services.registry.commands.offers import decide_offer
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

    def committed(batch: LoadedBatch) -> None:
        store.remember(batch.persons.changed.values(), batch.entries.changed.values())
        metrics.count(batch)

    def on_conflict(batch: LoadedBatch) -> None:
        store.forget(batch.persons, batch.entries)

    return Steps(
        load=partial(load_batch, store, matcher),
        decide=decide,
        apply=LoadedBatch.apply,
        save=partial(_save, store),
        committed=committed,
        on_conflict=on_conflict,
    )


async def _save(store: Store, batch: LoadedBatch, session: Session) -> None:
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
