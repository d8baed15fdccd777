"""What partners send on `from.<org>.v1`, and over HTTPS."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts import indicators
from contracts.exchange.values import BirthDate, CivilDate, LongText, Nik, Passport, PersonToken, Phone, Text
from contracts.model import Code, Country, Id, MomentText, Precision, Regency, Region, StrictModel
from contracts.notifications import EmergencyReason, Resolution
from contracts.registry import Isco, Kbli, Scheme


class PersonReference(StrictModel):
    """Whom a fact is about: the id that copies carry, else a NIK, else a passport number."""

    id: PersonToken | None = None
    nik: Nik | None = None
    passport: Passport | None = None


class Person(StrictModel):
    """Identity core; a person without NIK is served too."""

    full_name: Text
    nik: Nik | None = None
    passport: Passport | None = None
    birth_date: BirthDate
    birth_date_precision: Precision | None = None
    sex: Literal["L", "P"]
    phone: Phone | None = None
    address: Text | None = None
    mother_name: Text | None = None
    home_regency: Regency | None = None


class EpisodePlan(StrictModel):
    """The migration as planned."""

    destination: Country
    sector: Kbli | None = None
    occupation: Isco | None = None
    scheme: Scheme
    formal: bool | None = None


class RegistrationSubmitted(StrictModel):
    """A prospective worker registered. Owner of the fact: KP2MI and the placement services."""

    type: Literal["partner.registration.submitted.v1"] = "partner.registration.submitted.v1"
    occurred_at: MomentText
    person: Person
    episode: EpisodePlan


class IdentityConfirmed(StrictModel):
    """Yes or no on a NIK; no population data is copied (UU 23/2006, Permendagri 102/2019). Owner: Kemendagri."""

    type: Literal["partner.identity.confirmed.v1"] = "partner.identity.confirmed.v1"
    occurred_at: MomentText
    person: PersonReference
    matched: bool


class PlacementReported(StrictModel):
    """A placement agreement was signed and noted. Owner: KP2MI."""

    type: Literal["partner.placement.reported.v1"] = "partner.placement.reported.v1"
    occurred_at: MomentText
    person: PersonReference
    destination: Country
    employer: Text | None = None
    sector: Kbli | None = None
    occupation: Isco | None = None
    scheme: Scheme
    contract_start: CivilDate | None = None
    contract_end: CivilDate | None = None


class DepartureReported(StrictModel):
    """A border crossing outwards. Owner: Immigration."""

    type: Literal["partner.departure.reported.v1"] = "partner.departure.reported.v1"
    occurred_at: MomentText
    person: PersonReference
    destination: Country


class Evidence(indicators.Evidence):
    """The instrument an answer rests on."""

    model_config = StrictModel.model_config


class AnswerSubmitted(StrictModel):
    """An institution's answer to one question of a round."""

    type: Literal["partner.answer.submitted.v1"] = "partner.answer.submitted.v1"
    occurred_at: MomentText
    round: Id
    indicator: Code
    value: Literal["yes", "no"] | Annotated[float, Field(allow_inf_nan=False)] | None = None
    text: LongText | None = None
    explanation: LongText | None = None
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=20)] = ()


class AlertReported(StrictModel):
    """Something that must be told at once; by `from.<org>.urgent.v1` it overtakes every load."""

    type: Literal["partner.alert.reported.v1"] = "partner.alert.reported.v1"
    occurred_at: MomentText
    alert_type: Code
    person: PersonReference | None = None
    country: Country | None = None
    region: Region | None = None
    narrative: LongText | None = None
    place: Text | None = None
    phone: Phone | None = None
    reason: EmergencyReason | None = None
    """Why it names a person whom no agreement of yours covers. Each such alert is reviewed."""


class AlertAcknowledged(StrictModel):
    """Your organisation takes an alert that it was told of. A decision: it carries no time, for it counts from now."""

    type: Literal["partner.alert.acknowledged.v1"] = "partner.alert.acknowledged.v1"
    alert: Id
    """As copies name it."""


class AlertResolved(StrictModel):
    """An alert that somebody took is dealt with."""

    type: Literal["partner.alert.resolved.v1"] = "partner.alert.resolved.v1"
    alert: Id
    resolution: Resolution


AlertStep = AlertAcknowledged | AlertResolved
Submission = Annotated[
    RegistrationSubmitted
    | IdentityConfirmed
    | PlacementReported
    | DepartureReported
    | AnswerSubmitted
    | AlertReported
    | AlertAcknowledged
    | AlertResolved,
    Field(discriminator="type"),
]
"""`type` stands in the header ce_type; in the body it may be left out."""
