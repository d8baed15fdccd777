"""What a batch of commands is decided on: the persons, holders and reviews that they may be about."""

from collections.abc import Iterator, Mapping, Sequence

from chassis.commands.overlay import Overlay
from chassis.commands.types import Command
from contracts.registry import (
    ComparePair,
    ConfirmIdentity,
    DecideDuplicate,
    DecideOffer,
    MergePersons,
    RecordDeparture,
    RecordPlacement,
    ReopenDuplicate,
    UnmergePerson,
)
from services.registry.commands.load_holders import load_holders
from services.registry.commands.loaded_batch import LoadedBatch
from services.registry.commands.newcomer_matching import Matcher, match_newcomers
from services.registry.commands.pair_comparison import compare_pairs
from services.registry.domain.duplicates import DuplicateReview
from services.registry.domain.person import Stored, root_of
from services.registry.store import Store


async def load_batch(store: Store, matcher: Matcher | None, commands: Sequence[Command]) -> LoadedBatch:
    """Without a matcher only identifiers tell who somebody is."""
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
