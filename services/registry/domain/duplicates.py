"""Duplicate reviews: pairs that might be one person and are left to somebody to decide, and what was decided when."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

from contracts.outcomes import Refused
from contracts.registry import Band, Because, Decision, Hold, Reason
from services.registry.domain.comparison import Likeness, Step

_REVIEWS = UUID("0b0d7a53-54a5-4a3e-8f6b-6a1d5f0c9b27")

HIGH, MIDDLE = 0.95, 0.75
"""Probabilities from which a review is of the band high and middle: a steward works through many likely ones fast."""


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a duplicate review's history. `by` is an organisation code, `user` an opaque user id."""

    kind: Literal["OPENED", "DECIDED", "REOPENED"]
    at: datetime
    command_id: str
    by: str
    user: str | None
    because: Because
    decision: Decision | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class DuplicateReview:
    """A review as stored. `persons` are ids as they were when it was opened; each leads to whoever it is today.

    `steps` explain the weight without the values compared. `version` counts events, `revision` saves.
    """

    id: str
    revision: int
    version: int
    persons: tuple[str, str]
    weight: float
    probability: float
    model: str
    hold: Hold | None
    steps: tuple[Step, ...]
    history: tuple[Event, ...]

    @property
    def opened_at(self) -> datetime:
        """When the pair was first found."""
        return self.history[0].at

    @property
    def decision(self) -> Decision | None:
        """What stands decided; None while it is open."""
        last = self.history[-1]
        return last.decision if last.kind == "DECIDED" else None

    @property
    def band(self) -> Band:
        """How much speaks for one person."""
        return "high" if self.probability >= HIGH else "middle" if self.probability >= MIDDLE else "low"

    @property
    def judgements(self) -> tuple[Event, ...]:
        """What stewards decided, in order; what a rule closed is none."""
        return tuple(event for event in self.history if event.kind == "DECIDED" and event.because == "steward")

    def knows(self, command_id: str) -> bool:
        """Whether the command already did its part."""
        return any(event.command_id == command_id for event in self.history)


def review_id(first: str, second: str) -> str:
    """The one duplicate review of these two persons."""
    return str(uuid5(_REVIEWS, "/".join(sorted((first, second)))))


def opened(
    persons: tuple[str, str],
    likeness: Likeness,
    model: str,
    hold: Hold | None,
    steps: tuple[Step, ...],
    event: Event,
) -> DuplicateReview:
    """A duplicate review not yet stored, one event on."""
    first, second = sorted(persons)
    return DuplicateReview(
        id=review_id(first, second),
        revision=0,
        version=1,
        persons=(first, second),
        weight=likeness.weight,
        probability=likeness.probability,
        model=model,
        hold=hold,
        steps=steps,
        history=(event,),
    )


def decided(review: DuplicateReview, event: Event) -> DuplicateReview:
    """The review, closed. Raises Refused `state_conflict` when it is closed already."""
    if review.decision is not None:
        raise Refused("state_conflict")
    return _with(review, event)


def reopened(review: DuplicateReview, event: Event) -> DuplicateReview:
    """The review, open again. Raises Refused `state_conflict` when it is open."""
    if review.decision is None:
        raise Refused("state_conflict")
    return _with(review, event)


def overruled(review: DuplicateReview, event: Event) -> DuplicateReview:
    """The review with another decision than before: who was found to be one was taken apart."""
    return _with(review, event)


def _with(review: DuplicateReview, event: Event) -> DuplicateReview:
    return replace(review, version=review.version + 1, history=(*review.history, event))
