"""What partners send to `from.<org>.v1` and receive on `to.<org>.v1`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts import indicators
from contracts.codes import QuestionKind, Severity
from contracts.model import Code, Country, Id, MomentText, Precision, Regency, Region, StrictModel
from contracts.notifications import AlertState, Resolution
from contracts.outcomes import Problem
from contracts.registry import FlagCode, Isco, Kbli, OfferDecision, Scheme, Status

SOURCE = "/simpul/gateway"
"""`ce_source` of everything that the gateway sends."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Nik = Annotated[str, StringConstraints(max_length=32), Field(description="16 digits")]
Passport = Annotated[
    str, StringConstraints(pattern=r"^[A-Z0-9]{6,9}$"), Field(description="6 to 9 capitals and digits")
]
Phone = Annotated[
    str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$"), Field(description="E.164: + and 7 to 15 digits")
]
Form = Literal["clear", "masked", "hashed", "year"]
"""`masked` keeps the last four characters, `hashed` means something to this receiver only, `year` is of a date."""
PersonToken = Annotated[
    str,
    StringConstraints(pattern=r"^p_[A-Za-z0-9_-]{43}$"),
    Field(description="p_ and 43 characters, as it stands in copies and receipts"),
]
"""The receiver's own id of a person: useless to anybody else."""
CivilDate = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), Field(description="a date YYYY-MM-DD")
]
BirthDate = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"),
    Field(description="a date YYYY-MM-DD, YYYY-MM or YYYY, as much of it as is known"),
]


# -- partner to platform


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


Submission = Annotated[
    RegistrationSubmitted | IdentityConfirmed | PlacementReported | DepartureReported | AnswerSubmitted | AlertReported,
    Field(discriminator="type"),
]
"""`type` stands in the header ce_type; in the body it may be left out."""


# -- platform to partner


class Copied(StrictModel):
    """What every copy carries, for the one purpose in `ce_purpose`. Fields that no agreement gives are absent."""

    agreements: tuple[str, ...]
    """Ids and versions of the sharing agreements that it rests on, for example `mission-destination/1`."""
    given_by: dict[str, tuple[str, ...]] | None = None
    """Where there are several: by agreement, the fields that came by it."""
    event: str
    """Type of the event that this copy is of."""
    occurred_at: str | None = None
    completes: str | None = None
    """ce_id of the earlier copy of the same event that went without its personal part."""


class PersonalFields(StrictModel):
    """Fields of one form."""

    full_name: str | None = None
    nik: str | None = None
    passport: str | None = None
    birth_date: str | None = None
    sex: str | None = None
    """L or P."""
    phone: str | None = None
    address: str | None = None
    mother_name: str | None = None
    employer: str | None = None


class PersonalPart(StrictModel):
    """State of the person when fetched, by form. Keep the one with the newest `asof` of the copy."""

    clear: PersonalFields | None = None
    masked: PersonalFields | None = None
    """The last four characters, and nothing of what is shorter than nine."""
    hashed: PersonalFields | None = None
    """The same for the same value, and of use to this receiver only."""
    year: PersonalFields | None = None
    """Of a date."""


class PersonFacts(StrictModel):
    """Non-identifying attributes of a person's episode."""

    status: Status | None = None
    flags: tuple[FlagCode, ...] | None = None
    destination: Country | None = None
    home_regency: Regency | None = None
    sector: Kbli | None = None
    occupation: Isco | None = None
    scheme: Scheme | None = None
    contract_start: CivilDate | None = None
    contract_end: CivilDate | None = None
    identity_matched: bool | None = None
    owner: Code | None = None
    absorbed: PersonToken | None = None
    """Of `merged`: the receiver's id of another record of the same person; `person` stands for both from now on."""
    separated: PersonToken | None = None
    """Of `unmerged`: the receiver's id of a record that was held for the same person, and is another's."""
    offer: Id | None = None
    """Of `registration_offered` and `offer_decided`: the offer, as /v1/offers has it."""
    offered_by: Code | None = None
    """The organisation whose registration waits, or waited."""
    offer_decision: OfferDecision | None = None


class PersonCopied(Copied):
    """A fact about one person, for one receiver and one purpose."""

    type: Literal["exchange.person.copied.v1"] = "exchange.person.copied.v1"
    person: PersonToken
    facts: PersonFacts
    personal: PersonalPart | None = None
    asof: datetime | None = None
    """Recording time (UTC) of the newest action in `personal`."""
    left: tuple[str, ...] = ()
    """Agreements that covered the person until this change. Where no other does, nothing more is told, or follows."""


class ReportPart(StrictModel):
    """What the reporter said."""

    narrative: str | None = None
    place: str | None = None
    phone: str | None = None


class Candidate(StrictModel):
    """One of several persons whom an alert may be about."""

    person: PersonToken
    personal: PersonalPart | None = None
    asof: datetime | None = None


class AlertCopied(Copied):
    """An alert for one of its recipients; of class survivor it names no person and tells nothing of the report."""

    type: Literal["exchange.alert.copied.v1"] = "exchange.alert.copied.v1"
    alert: Id
    alert_type: Code
    severity: Severity
    state: AlertState
    country: Country | None = None
    region: Region | None = None
    acknowledge_by: datetime | None = None
    first_action_by: datetime | None = None
    acknowledged_by: Code | None = None
    resolution: Resolution | None = None
    person: PersonToken | None = None
    candidates: tuple[Candidate, ...] = ()
    """In place of `person`: those who carry an identifier by which the reporter named somebody, at most five."""
    personal: PersonalPart | None = None
    report: ReportPart | None = None
    asof: datetime | None = None


class Question(StrictModel):
    """One question assigned to the receiver."""

    indicator: Code
    question_en: str
    kind: QuestionKind


class RoundCopied(Copied):
    """A round opened: the questions that the receiver leads."""

    type: Literal["exchange.round.copied.v1"] = "exchange.round.copied.v1"
    round: Id
    catalogue: indicators.Catalogue
    year: int
    due_at: datetime
    questions: tuple[Question, ...]


class Receipt(StrictModel):
    """What became of one record. `record` is the sender's own ce_id; absent when that could not be read."""

    receipt: str
    """Id of this receipt; a receipt delivered twice carries the same id."""
    record: str | None = None
    offset: int | None = None
    """Position in the sender's topic, when the record had no readable id."""
    result: Literal["applied", "refused", "held"]
    person: PersonToken | None = None
    subject: str | None = None
    """Id of the alert, round or answer that came of it."""
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    """`waits_for_owner`: the registration has no effect until the owner of the person accepts it."""


class ReceiptsReported(StrictModel):
    """Receipts of one batch, for the organisation that sent the records."""

    type: Literal["exchange.receipts.reported.v1"] = "exchange.receipts.reported.v1"
    receipts: tuple[Receipt, ...]


Delivery = Annotated[PersonCopied | AlertCopied | RoundCopied | ReceiptsReported, Field(discriminator="type")]
