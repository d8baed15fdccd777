"""What stewards decide of duplicate reviews, and what the rule asks to be compared again."""

from datetime import datetime
from typing import Any

from chassis.commands.types import Applied, Command, NewEvent
from contracts.outcomes import Refused
from contracts.registry import ComparePair, DecideDuplicate, DuplicateReopened, ReopenDuplicate
from services.registry.commands.duplicates import LikelyPair, close, is_one, judged, opening, told
from services.registry.commands.loaded_batch import Draft
from services.registry.commands.merges import merge_pair, unmerge_one
from services.registry.domain.duplicates import DuplicateReview, decided, reopened, review_id
from services.registry.domain.merge_holds import hold_of
from services.registry.domain.merging import merged_for, survivor_of
from services.registry.domain.person import Person


def decide_duplicate(draft: Draft, command: Command, body: DecideDuplicate, now: datetime) -> Applied[Draft]:
    """`same` merges the two, unless they are one by now.

    Raises Refused `not_found`, `version_conflict`, `too_many_facts`, or `state_conflict` when the
    review is closed, or when those who are one by now are to be different: an unmerge says then which of them is meant.
    """
    review = _asked(draft, body.duplicate, body.ifversion)
    closed = decided(review, judged(command, body.decision, body.reason, now))
    first, second = _sides(draft, review)
    already_one = first.id == second.id
    if already_one and body.decision == "different":
        raise Refused("state_conflict")
    emitted = close(draft, closed)
    merged: tuple[NewEvent, ...] = ()
    if body.decision == "same" and not already_one:
        facts: dict[str, Any] = {"duplicate": review.id, "weight": review.weight, "model": review.model}
        merged = merge_pair(draft, survivor_of(first, second), command, "steward", now, reason=body.reason, **facts)
    return Applied(review.id, closed.version, (emitted, *merged), kind="duplicate")


def reopen_duplicate(draft: Draft, command: Command, body: ReopenDuplicate, now: datetime) -> Applied[Draft]:
    """The merge that came of it is undone. Raises Refused as `decide_duplicate`; `state_conflict` also when the two are
    one for another reason: an unmerge says then which of them is meant."""
    review = _asked(draft, body.duplicate, body.ifversion)
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

    Raises Refused `not_found`.
    """
    first, second = (_root_of(draft, person) for person in body.persons)
    compared = draft.compared.get(command.id)
    if first.id == second.id or compared is None or compared.likeness.side == "no" or _is_settled(draft, first, second):
        return Applied(first.id, first.version)
    hold = "records" if compared.contradicted else hold_of(first, second)
    if compared.likeness.side == "link" and hold is None:
        survivor, absorbed = survivor_of(first, second)
        facts = compared.likeness.facts(compared.model)
        merged = merge_pair(draft, (survivor, absorbed), command, "rule", now, reason="other", **facts)
        return Applied(survivor.id, merged[0].sequence, merged)
    emitted = opening(draft, command, (first.id, second.id), LikelyPair(*compared[:3]), hold, now)
    return Applied(first.id, first.version, (emitted,))


def _is_settled(draft: Draft, first: Person, second: Person) -> bool:
    """Whether a steward is asked already, or said that these two are different."""
    pair = {first.id, second.id}
    for review in draft.reviews.values():
        roots = {root.id for person in review.persons if (root := draft.root(person))}
        if roots == pair:
            return True
    return review_id(first.id, second.id) in draft.reviews


def _asked(draft: Draft, name: str, ifversion: int | None) -> DuplicateReview:
    review = draft.reviews.get(name)
    if review is None:
        raise Refused("not_found", "/duplicate")
    if ifversion is not None and ifversion != review.version:
        raise Refused("version_conflict")
    return review


def _sides(draft: Draft, review: DuplicateReview) -> tuple[Person, Person]:
    first, second = (_root_of(draft, person) for person in review.persons)
    return first, second


def _root_of(draft: Draft, person: str) -> Person:
    root = draft.root(person)
    if root is None:
        raise Refused("not_found", "/persons")
    return root
