"""Offers: registrations that wait for a person's owner, as they are listed and decided on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from contracts.registry import OfferReason, OfferStatus
from services.registry.domain.actions import Action
from services.registry.domain.merge_records import brought_together
from services.registry.domain.ownership import Offer, in_recorded_order, ownership_of
from services.registry.domain.person import Person
from services.registry.domain.working_days import end_of_working_day

_OFFERS = UUID("7c0a9a6e-4f7b-4f0e-9b1d-3c2f5a8d6e41")
WORKING_DAYS = 5
"""How long an offer waits for the owner alone; then stewards are shown it too."""


@dataclass(frozen=True, slots=True)
class ListedOffer:
    """An offer as it is listed. `version` grows with whatever bears on the decision: registrations and decisions."""

    id: str
    registration: str
    person: str
    version: int
    status: OfferStatus
    owner: str
    by: str
    offered_at: datetime
    decided_at: datetime | None = None
    reason: OfferReason | None = None

    @property
    def steward_from(self) -> datetime:
        """From when on stewards are shown it, if it still waits."""
        return end_of_working_day(self.offered_at, WORKING_DAYS)


def offer_id(command_id: str) -> str:
    """The offer that the registration of this command is."""
    return str(uuid5(_OFFERS, command_id))


def offers_of(person: Person) -> tuple[ListedOffer, ...]:
    """Every registration of a person that was offered to an owner."""
    if len({action.owner for action in person.actions if action.kind == "REGISTRATION"}) < 2:
        return ()
    ownership = ownership_of(person.actions)
    version = sum(action.kind in ("REGISTRATION", "DECISION") for action in person.actions)
    return tuple(_listed(person, version, ownership.owner or "", offer) for offer in ownership.offers)


def _listed(person: Person, version: int, owner: str, offer: Offer) -> ListedOffer:
    registration, answer = offer.registration, offer.answer
    return ListedOffer(
        id=offer_id(registration.command_id),
        registration=registration.command_id,
        person=person.id,
        version=version,
        status="waiting" if answer is None else "accepted" if offer.accepted else "rejected",
        owner=answer.owner if answer else owner,
        by=registration.owner,
        offered_at=_offered_at(person, registration, answer.owner if answer else owner),
        decided_at=answer.decision.recorded_at if answer else None,
        reason=answer.decision.facts["reason"] if answer else None,
    )


def _offered_at(person: Person, registration: Action, owner: str) -> datetime:
    """When it was recorded, or else found to be of a person whom somebody owns."""
    own = next(a for a in in_recorded_order(person.actions) if a.kind == "REGISTRATION" and a.owner == owner)
    merged_at = brought_together(person.merge_records, registration.origin_person, own.origin_person)
    return max(registration.recorded_at, merged_at) if merged_at else registration.recorded_at


def registration_of(person: Person, offer: ListedOffer) -> Action:
    """What was offered."""
    return next(action for action in person.actions if action.command_id == offer.registration)


def differing(person: Person, registration: Action) -> tuple[str, ...]:
    """Names of the values that are others than those in effect, or are stated by one of the two alone."""
    offered = {**registration.personal, "home_regency": registration.facts.get("home_regency")}
    in_effect = {**person.state.personal, "home_regency": person.state.facets.home_regency}
    names = (offered.keys() | in_effect.keys()) - {"employer", "birth_date_precision"}
    return tuple(sorted(name for name in names if offered.get(name) != in_effect.get(name)))
