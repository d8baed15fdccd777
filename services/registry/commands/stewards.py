"""What stewards decide of duplicate reviews, and what the rule asks to be compared again."""

from datetime import datetime

from chassis.commands.processor import Applied, Command, NewEvent
from contracts.outcomes import Refused
from contracts.registry import ComparePair, DecideDuplicate, DuplicateReopened, ReopenDuplicate
from services.registry.commands.duplicates import Found, close, is_one, judged, opening, told
from services.registry.commands.merges import join, separate
from services.registry.commands.workspace import Workspace
from services.registry.domain.duplicates import DuplicateReview, decided, reopened, review_id
from services.registry.domain.guards import who_decides
from services.registry.domain.likeness import hold_of
from services.registry.domain.merging import fits, merged_for, survivor_of
from services.registry.domain.person import Person


def decide_duplicate(work: Workspace, command: Command, body: DecideDuplicate, now: datetime) -> Applied:
    """`same` merges the two, unless they are one by now.

    Raises Refused `not_permitted`, `not_found`, `version_conflict`, `too_many_facts`, or `state_conflict` when the
    review is closed, or when those who are one by now are to be different: an unmerge says then which of them is meant.
    """
    review = _asked(work, command, body.duplicate, body.ifversion)
    closed = decided(review, judged(command, body.decision, body.reason, now))
    one, other = _sides(work, review)
    joined = one.id == other.id
    if joined and body.decision == "different":
        raise Refused("state_conflict")
    if body.decision == "same" and not joined and not fits(one, other):
        raise Refused("too_many_facts")
    emitted = close(work, closed)
    merged: tuple[NewEvent, ...] = ()
    if body.decision == "same" and not joined:
        facts = {"duplicate": review.id, "weight": review.weight, "model": review.model}
        merged = join(work, survivor_of(one, other), command, "steward", now, reason=body.reason, **facts)
    return Applied(review.id, closed.version, (emitted, *merged), kind="duplicate")


def reopen_duplicate(work: Workspace, command: Command, body: ReopenDuplicate, now: datetime) -> Applied:
    """The merge that came of it is undone. Raises Refused as `decide_duplicate`; `state_conflict` also when the two are
    one for another reason: an unmerge says then which of them is meant."""
    review = _asked(work, command, body.duplicate, body.ifversion)
    again = reopened(review, judged(command, None, body.reason, now))
    undone: tuple[NewEvent, ...] = ()
    if is_one(work, review):
        together = work.root(review.persons[0])
        absorbed = merged_for(together, review.id) if together else None
        if absorbed is None:
            raise Refused("state_conflict")
        work.put_review(again)
        undone = separate(work, absorbed, command, now, reason=body.reason, duplicate=review.id)
    work.put_review(again)
    emitted = told(again, DuplicateReopened(duplicate=review.id, persons=review.persons, reason=body.reason))
    return Applied(review.id, again.version, (emitted, *undone), kind="duplicate")


def compare_pair(work: Workspace, command: Command, body: ComparePair, now: datetime) -> Applied:
    """What the registry does with two persons as they now are: merge them, open a duplicate review, or nothing.

    Raises Refused `not_permitted` or `not_found`.
    """
    if who_decides(command.principal) != "rule":
        raise Refused("not_permitted")
    one, other = (_found(work, person) for person in body.persons)
    found = work.compared.get(command.id)
    if one.id == other.id or found is None or found.likeness.side == "no" or _is_settled(work, one, other):
        return Applied(one.id, one.version)
    hold = "records" if found.contradicted else hold_of(one, other)
    if found.likeness.side == "link" and hold is None:
        survivor, absorbed = survivor_of(one, other)
        facts = found.likeness.facts(found.model)
        merged = join(work, (survivor, absorbed), command, "rule", now, reason="other", **facts)
        return Applied(survivor.id, merged[0].sequence, merged)
    emitted = opening(work, command, (one.id, other.id), Found(*found[:3]), hold, now)
    return Applied(one.id, one.version, (emitted,))


def _is_settled(work: Workspace, one: Person, other: Person) -> bool:
    """Whether a steward is asked already, or said that these two are different."""
    pair = {one.id, other.id}
    for review in work.reviews.values():
        roots = {root.id for person in review.persons if (root := work.root(person))}
        if roots == pair:
            return True
    return review_id(one.id, other.id) in work.reviews


def _asked(work: Workspace, command: Command, name: str, ifversion: int | None) -> DuplicateReview:
    if who_decides(command.principal) != "steward":
        raise Refused("not_permitted")
    review = work.reviews.get(name)
    if review is None:
        raise Refused("not_found", "/duplicate")
    if ifversion is not None and ifversion != review.version:
        raise Refused("version_conflict")
    return review


def _sides(work: Workspace, review: DuplicateReview) -> tuple[Person, Person]:
    one, other = (_found(work, person) for person in review.persons)
    return one, other


def _found(work: Workspace, person: str) -> Person:
    found = work.root(person)
    if found is None:
        raise Refused("not_found", "/persons")
    return found
