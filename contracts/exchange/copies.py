"""Copies of events, as partners receive them on `to.<org>.v1`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from contracts import indicators
from contracts.codes import QuestionKind, Severity
from contracts.exchange.values import CivilDate, PersonToken
from contracts.model import Code, Country, Id, Regency, Region, StrictModel
from contracts.notifications import AlertState, EmergencyReason, Resolution, Withheld
from contracts.registry import FlagCode, Isco, Kbli, OfferDecision, Scheme, Status


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
    reason: EmergencyReason | None = None
    """Why its reporter names somebody whom no agreement of its own covers."""
    person_withheld: Withheld | None = None
    """Its reporter named somebody, and you are not told whom: ask the reporter."""
    source_suspended: bool = False
    """Its source was suspended when it was raised: whoever sent it may be somebody else."""
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
