"""Ownership: who registered a person first, and what becomes of the registrations of others.

It follows the order of recording alone: what was registered first is the owner's, however far back a later one is
dated. A registration of somebody else has no effect until the owner or a steward accepts it; from then on its author
is the owner. One by the organisation that has taken over the owner's is the owner's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.registry.domain.actions import Action


class Answer(NamedTuple):
    """The decision on an offer, and who owned the person until then."""

    decision: Action
    owner: str


class Offer(NamedTuple):
    """A registration by somebody else than the owner; `answer` is None while it waits."""

    registration: Action
    answer: Answer | None = None

    @property
    def accepted(self) -> bool | None:
        """None while it waits."""
        return self.answer.decision.facts["accepted"] if self.answer else None


@dataclass(frozen=True, slots=True)
class Ownership:
    """`owner` is None while nobody has registered the person. `offers` stand in the order in which they came."""

    owner: str | None
    offers: tuple[Offer, ...] = ()

    @property
    def without_effect(self) -> frozenset[str]:
        """Command ids of the registrations that wait or were rejected."""
        return frozenset(offer.registration.command_id for offer in self.offers if not offer.accepted)

    @property
    def waiting(self) -> tuple[str, ...]:
        """Command ids of the registrations that wait, in the order in which they came."""
        return tuple(offer.registration.command_id for offer in self.offers if offer.answer is None)


def in_recorded_order(actions: Iterable[Action]) -> list[Action]:
    """Actions as they were recorded; those of persons merged later may have one time."""
    return sorted(actions, key=lambda action: (action.recorded_at, action.command_id))


def ownership_of(actions: Sequence[Action]) -> Ownership:
    """What the registrations among these actions, and the decisions on them, come to."""
    bearing = [action for action in actions if action.kind in ("REGISTRATION", "DECISION")]
    if len({action.owner for action in bearing if action.kind == "REGISTRATION"}) < 2:
        return Ownership(next((action.owner for action in bearing if action.kind == "REGISTRATION"), None))
    owner: str | None = None
    offers: dict[str, Offer] = {}
    for action in in_recorded_order(bearing):
        if action.kind == "REGISTRATION":
            owner = action.owner if owner is None or owner in action.succeeds else owner
            if action.owner != owner:
                offers[action.command_id] = Offer(action)
        elif (offer := offers.get(action.facts["offer"])) and owner and offer.answer is None:
            offers[offer.registration.command_id] = Offer(offer.registration, Answer(action, owner))
            if action.facts["accepted"]:
                owner = offer.registration.owner
                offers = {name: _stated_by_owner(other, action, owner) for name, other in offers.items()}
    return Ownership(owner, tuple(offers.values()))


def _stated_by_owner(offer: Offer, decision: Action, owner: str) -> Offer:
    """What else the new owner had offered needs no acceptance any more."""
    if offer.answer is None and offer.registration.owner == owner:
        return Offer(offer.registration, Answer(decision, owner))
    return offer
