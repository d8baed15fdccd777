"""Offers: registrations by others than the owner of a person, which wait for the owner or a steward."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from contracts.model import Code, Country, Id, Model, Moment
from contracts.registry.persons import PersonEvent, Scheme
from contracts.registry.warnings import OfferWarning

OfferDecision = Literal["accepted", "rejected"]
OfferReason = Literal["confirmed_by_person", "moved", "not_confirmed", "somebody_else", "wrong_data", "other"]
"""Why an owner lets a registration take effect, or does not."""
OfferStatus = Literal["waiting", "accepted", "rejected"]
OfferSide = Literal["owner", "author", "steward"]
"""Whose list: of those who own the persons, of those who stated the registrations, or of stewards (overdue ones)."""
WAITS_FOR_OWNER: OfferWarning = "waits_for_owner"
"""Warning of a registration that has no effect until the owner or a steward accepts it."""


class DecideOffer(Model):
    """The owner, or a steward, lets an offered registration take effect or rejects it for good."""

    type: Literal["registry.offer.decide.v1"] = "registry.offer.decide.v1"
    offer: Id
    person: Id
    decision: OfferDecision
    reason: OfferReason
    ifversion: int | None = None


class RegistrationOffered(PersonEvent):
    """`by` registered somebody whom another organisation owns. Facets are as before: nothing of it has effect yet."""

    type: Literal["registry.person.registration_offered.v1"] = "registry.person.registration_offered.v1"
    offer: Id
    by: Code


class OfferDecided(PersonEvent):
    """An offered registration of `by` was decided on. Accepted, it takes effect, and `by` owns the person."""

    type: Literal["registry.person.offer_decided.v1"] = "registry.person.offer_decided.v1"
    offer: Id
    by: Code
    decision: OfferDecision
    reason: OfferReason


class OfferSummary(Model):
    """An offer in a list. `version` is what `ifversion` means; times are UTC.

    `owner` is who owns the person, or did when it was decided. From `steward_from` on stewards are shown it.
    """

    offer: Id
    version: int
    person: Id
    status: OfferStatus
    owner: Code
    by: Code
    offered_at: datetime
    steward_from: datetime
    decided_at: datetime | None = None
    reason: OfferReason | None = None


class OfferPage(Model):
    """Answer to GET /offers?side=&status=&after=&limit=, the oldest first; `after` is the cursor of the next page."""

    offers: tuple[OfferSummary, ...]
    after: str | None = None


class OfferDetail(OfferSummary):
    """Answer to GET /offers/{offer}: the plan, and which values are others than those in effect. No value is told."""

    occurred: Moment
    destination: Country
    scheme: Scheme
    differs: tuple[str, ...]
    """Names of PersonDetails and `home_regency`; what only one of the two states is among them."""
