"""What stewards decide of duplicate reviews, and what the rule asks to be compared again."""

from datetime import datetime

from chassis.commands.types import Applied, Command, NewEvent
from contracts.outcomes import Refused
from contracts.registry import ComparePair, DecideDuplicate, DuplicateReopened, ReopenDuplicate
from services.registry.commands.duplicates import Found, close, is_one, judged, opening, told
from services.registry.commands.loaded_batch import Draft
from services.registry.commands.merges import merge_pair, unmerge_one
from services.registry.domain.authority import who_decides
from services.registry.domain.duplicates import DuplicateReview, decided, reopened, review_id
from services.registry.domain.merge_holds import hold_of
from services.registry.domain.merging import merged_for, survivor_of
from services.registry.domain.person import Person


def decide_duplicate(draft: Draft, command: Command, body: DecideDuplicate, now: datetime) -> Applied[Draft]:
    """`same` merges the two, unless they are one by now.

    Raises Refused `not_permitted`, `not_found`, `version_conflict`, `too_many_facts`, or `state_conflict` when the
    review is closed, or when those who are one by now are to be different: an unmerge says then which of them is meant.
    """
    review = _asked(draft, command, body.duplicate, body.ifversion)
    closed = decided(review, judged(command, body.decision, body.reason, now))
    one, other = _sides(draft, review)
    already_one = one.id == other.id
    if already_one and body.decision == "different":
        raise Refused("state_conflict")
    emitted = close(draft, closed)
    merged: tuple[NewEvent, ...] = ()
    if body.decision == "same" and not already_one:
        facts = {"duplicate": review.id, "weight": review.weight, "model": review.model}
        merged = merge_pair(draft, survivor_of(one, other), command, "steward", now, reason=body.reason, **facts)
    return Applied(review.id, closed.version, (emitted, *merged), kind="duplicate")


def reopen_duplicate(draft: Draft, command: Command, body: ReopenDuplicate, now: datetime) -> Applied[Draft]:
    """The merge that came of it is undone. Raises Refused as `decide_duplicate`; `state_conflict` also when the two are
    one for another reason: an unmerge says then which of them is meant."""
    review = _asked(draft, command, body.duplicate, body.ifversion)
    again = reopened(review, judged(command, None, body.reason, now))
    draft.reviews.put(again)
    undone: tuple[NewEvent, ...] = ()
    if is_one(draft, review):
        together = draft.root(review.persons[0])
        absorbed = merged_for(together, review.id) if together else None
        if absorbed is None:
            raise Refused("state_conflict")
        undone = unmerge_one(draft, absorbed, command, now, reason=body.reason, duplicate=review.id)
    emitted = told(again, DuplicateReopened(duplicate=review.id, persons=review.persons, reason=body.reason))
    return Applied(review.id, again.version, (emitted, *undone), kind="duplicate")


def compare_pair(draft: Draft, command: Command, body: ComparePair, now: datetime) -> Applied[Draft]:
    """What the registry does with two persons as they now are: merge them, open a duplicate review, or nothing.

    Raises Refused `not_permitted` or `not_found`.
    """
    if who_decides(command.principal) != "rule":
        raise Refused("not_permitted")
    one, other = (_found(draft, person) for person in body.persons)
    found = draft.compared.get(command.id)
    if one.id == other.id or found is None or found.likeness.side == "no" or _is_settled(draft, one, other):
        return Applied(one.id, one.version)
    hold = "records" if found.contradicted else hold_of(one, other)
    if found.likeness.side == "link" and hold is None:
        survivor, absorbed = survivor_of(one, other)
        facts = found.likeness.facts(found.model)
        merged = merge_pair(draft, (survivor, absorbed), command, "rule", now, reason="other", **facts)
        return Applied(survivor.id, merged[0].sequence, merged)
    emitted = opening(draft, command, (one.id, other.id), Found(*found[:3]), hold, now)
    return Applied(one.id, one.version, (emitted,))


def _is_settled(draft: Draft, one: Person, other: Person) -> bool:
    """Whether a steward is asked already, or said that these two are different."""
    pair = {one.id, other.id}
    for review in draft.reviews.values():
        roots = {root.id for person in review.persons if (root := draft.root(person))}
        if roots == pair:
            return True
    return review_id(one.id, other.id) in draft.reviews


def _asked(draft: Draft, command: Command, name: str, ifversion: int | None) -> DuplicateReview:
    if who_decides(command.principal) != "steward":
        raise Refused("not_permitted")
    review = draft.reviews.get(name)
    if review is None:
        raise Refused("not_found", "/duplicate")
    if ifversion is not None and ifversion != review.version:
        raise Refused("version_conflict")
    return review


def _sides(draft: Draft, review: DuplicateReview) -> tuple[Person, Person]:
    one, other = (_found(draft, person) for person in review.persons)
    return one, other


def _found(draft: Draft, person: str) -> Person:
    found = draft.root(person)
    if found is None:
        raise Refused("not_found", "/persons")
    return found
