"""Duplicate reviews of a batch: opened by the rule, closed when another merge settles them, redecided by an unmerge."""

from datetime import datetime
from typing import NamedTuple

from chassis.commands.types import Command, NewEvent
from contracts.registry import Decision, DuplicateDecided, DuplicateOpened, DuplicateReopened, Hold, Reason
from linkage.model import Model
from services.registry.commands.loaded_batch import Draft
from services.registry.domain.authority import RULE, because_of
from services.registry.domain.comparison import Likeness, explain, steps_of
from services.registry.domain.duplicates import DuplicateReview, Event, decided, opened, overruled, reopened, review_id
from services.registry.domain.matching_traits import Traits


class LikelyPair(NamedTuple):
    """What made the rule ask: how alike the two are, and what was compared by which model."""

    likeness: Likeness
    traits: tuple[Traits, Traits]
    model: Model


def opening(
    draft: Draft, command: Command, pair: tuple[str, str], likely_pair: LikelyPair, hold: Hold | None, now: datetime
) -> NewEvent:
    """A steward is asked whether two persons are one, of whom there is no duplicate review yet."""
    event = Event("OPENED", now, command.id, RULE.organisation, None, "rule")
    steps = steps_of(explain(*likely_pair.traits, likely_pair.model))
    review = opened(pair, likely_pair.likeness, likely_pair.model.version, hold, steps, event)
    draft.reviews.put(review)
    return told(review, DuplicateOpened(duplicate=review.id, persons=review.persons, weight_band=review.band))


def keep_review(draft: Draft, command: Command, pair: tuple[str, str], hold: Hold, now: datetime) -> NewEvent:
    """A steward is asked about two whom nothing was compared of, and of whom there is no duplicate review yet."""
    event = Event("OPENED", now, command.id, RULE.organisation, None, "rule")
    review = opened(pair, Likeness(0.0, 0.0, "no"), "", hold, (), event)
    draft.reviews.put(review)
    return told(review, DuplicateOpened(duplicate=review.id, persons=review.persons, weight_band=review.band))


def closings(draft: Draft, command: Command, reason: Reason, now: datetime) -> tuple[NewEvent, ...]:
    """The open duplicate reviews of those who are one by now are closed."""
    settled = [review for review in draft.reviews.values() if review.decision is None and is_one(draft, review)]
    event = Event("DECIDED", now, command.id, *_who(command), "rule", "same", reason)
    return tuple(close(draft, decided(review, event)) for review in settled)


def partings(
    draft: Draft, command: Command, pair: tuple[str, str], reason: Reason, now: datetime
) -> tuple[NewEvent, ...]:
    """Who unmerges two says that they differ: their reviews say so from now on; if they had none, one is made that
    remembers it, so that no rule finds them to be one again."""
    event = Event("DECIDED", now, command.id, *_who(command), because_of(command.principal), "different", reason)
    wrong = [review for review in draft.reviews.values() if review.decision == "same" and not is_one(draft, review)]
    pair_review = review_id(*pair)
    if pair_review not in draft.reviews and not wrong:
        new_review = opened(pair, Likeness(0.0, 0.0, "no"), "", None, (), event)
        return (close(draft, new_review),)
    return tuple(close(draft, overruled(review, event)) for review in wrong)


def reopenings(draft: Draft, command: Command, reason: Reason, now: datetime) -> tuple[NewEvent, ...]:
    """What a merge had settled by the way is open again when it is undone by its own review."""
    return _reopen(draft, judged(command, None, reason, now))


def reopen_settled(draft: Draft, command: Command, reason: Reason, now: datetime) -> tuple[NewEvent, ...]:
    """What a merge had settled by the way is open again when a rule undoes it."""
    return _reopen(draft, Event("REOPENED", now, command.id, RULE.organisation, None, "rule", None, reason))


def _reopen(draft: Draft, event: Event) -> tuple[NewEvent, ...]:
    settled = [
        review
        for review in draft.reviews.values()
        if review.history[-1].because == "rule" and review.decision == "same" and not is_one(draft, review)
    ]
    again = [reopened(review, event) for review in settled]
    for review in again:
        draft.reviews.put(review)
    return tuple(
        told(review, DuplicateReopened(duplicate=review.id, persons=review.persons, reason=event.reason or "other"))
        for review in again
    )


def is_one(draft: Draft, review: DuplicateReview) -> bool:
    """Whether both persons of a duplicate review lead to one."""
    first, second = (draft.root(person) for person in review.persons)
    return first is not None and second is not None and first.id == second.id


def told(review: DuplicateReview, event: DuplicateOpened | DuplicateDecided | DuplicateReopened) -> NewEvent:
    """What is announced of a duplicate review as it now is."""
    at = review.history[-1].at
    return NewEvent(event, review.id, review.version, at, at)


def judged(command: Command, decision: Decision | None, reason: Reason, now: datetime) -> Event:
    """What a steward says of a duplicate review: a decision, or that it is open again."""
    return Event("DECIDED" if decision else "REOPENED", now, command.id, *_who(command), "steward", decision, reason)


def close(draft: Draft, review: DuplicateReview) -> NewEvent:
    """Keep a duplicate review as decided."""
    draft.reviews.put(review)
    last = review.history[-1]
    assert last.decision
    assert last.reason
    return told(
        review,
        DuplicateDecided(
            duplicate=review.id,
            persons=review.persons,
            decision=last.decision,
            reason=last.reason,
            because=last.because,
        ),
    )


def _who(command: Command) -> tuple[str, str | None]:
    return command.principal.organisation, command.principal.user
