"""Facts about persons: their episodes, placements and departures, as commands and as events."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.model import Code, Country, Id, Model, Moment, Precision, Regency
from contracts.registry.warnings import ContentWarning

Scheme = Literal["g_to_g", "p_to_p", "ukps", "individual"]
Status = Literal["C0_PROSPECT", "C1_REGISTERED", "C4_PLACEMENT_AGREED", "P1_DEPARTED"]
FactKind = Literal["REGISTRATION", "IDENTITY", "PLACEMENT", "DEPARTURE"]
"""What an institution states about a person."""
FlagCode = Literal[
    "nik_unverified", "nik_mismatch", "nik_rejected", "identifier_shared", "non_procedural", "provisional"
]

Isco = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}$"), Field(description="four digits, a unit group of ISCO-08")
]
"""ISCO-08 unit group (KBJI 2014 mirrors it)."""
Kbli = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,5}$"), Field(description="two to five digits of KBLI 2020")]
"""KBLI 2020, two to five digits (mirrors ISIC Rev. 4)."""

ADULT = 18
"""Years from which somebody may be placed (UU 18/2017 art. 5)."""


# -- personal parts: these travel sealed for the registry and never stand on a topic in clear


class Identifiers(Model):
    """What a person can be found by."""

    nik: str | None = None
    passport: str | None = None


class PersonDetails(Identifiers):
    """The identity core as the sender knows it. `phone` is E.164."""

    full_name: str
    birth_date: str
    birth_date_precision: Precision = "day"
    sex: Literal["L", "P"]
    phone: str | None = None
    address: str | None = None
    mother_name: str | None = None


class PlacementDetails(Identifiers):
    """What of a placement identifies people or firms."""

    employer: str | None = None


# -- commands


class Episode(Model):
    """One migration of one person, as planned at registration."""

    destination: Country
    sector: Kbli | None = None
    occupation: Isco | None = None
    scheme: Scheme
    formal: bool | None = None


class RegisterPerson(Model):
    """Sealed part: PersonDetails."""

    type: Literal["registry.person.register.v1"] = "registry.person.register.v1"
    occurred: Moment
    home_regency: Regency | None = None
    episode: Episode


class ConfirmIdentity(Model):
    """Dukcapil's yes or no on a NIK. Sealed part: Identifiers, unless `person` is given."""

    type: Literal["registry.identity.confirm.v1"] = "registry.identity.confirm.v1"
    occurred: Moment
    person: Id | None = None
    matched: bool


class RecordPlacement(Model):
    """Sealed part: PlacementDetails. Dates are civil dates in Indonesia."""

    type: Literal["registry.placement.record.v1"] = "registry.placement.record.v1"
    occurred: Moment
    person: Id | None = None
    destination: Country
    sector: Kbli | None = None
    occupation: Isco | None = None
    scheme: Scheme
    contract_start: str | None = None
    contract_end: str | None = None


class RecordDeparture(Model):
    """A border crossing outwards. Sealed part: Identifiers, unless `person` is given."""

    type: Literal["registry.departure.record.v1"] = "registry.departure.record.v1"
    occurred: Moment
    person: Id | None = None
    destination: Country


def may_be_adult(born: date, occurred: Moment) -> bool:
    """Whether 18 years may have passed since the first day of birth, in favour of the person where a date is coarse."""
    if occurred.precision == "instant":
        day = occurred.local.date()
    else:
        day = occurred.until.astimezone(occurred.local.tzinfo).date() - timedelta(days=1)
    return (born.year + ADULT, born.month, born.day) <= (day.year, day.month, day.day)


Fact = RegisterPerson | ConfirmIdentity | RecordPlacement | RecordDeparture
"""What an institution states, and no state it meets refuses."""


# -- events


class Facets(Model):
    """What a receiver is chosen by, without a lookup."""

    owner: str
    home_regency: Regency | None = None
    destination: Country | None = None
    sector: Kbli | None = None
    status: Status


class Flag(Model):
    """A guard that failed in the fold: its code and what is missing. Never a reason to refuse a fact."""

    code: FlagCode
    missing: tuple[str, ...] = ()


class PersonEvent(Model):
    """What every event of a person carries; its sequence is the person's version."""

    person: Id
    occurred: Moment
    facets: Facets
    facets_before: Facets | None = None
    flags: tuple[Flag, ...] = ()


class PersonRegistered(PersonEvent):
    """A registration was added; `first` when it also made the person known."""

    type: Literal["registry.person.registered.v1"] = "registry.person.registered.v1"
    episode: int
    scheme: Scheme
    occupation: Isco | None = None
    first: bool
    warnings: tuple[ContentWarning, ...] = ()


class IdentityConfirmed(PersonEvent):
    """Kemendagri answered for the NIK on file."""

    type: Literal["registry.person.identity_confirmed.v1"] = "registry.person.identity_confirmed.v1"
    matched: bool


class PlacementRecorded(PersonEvent):
    """A placement agreement was recorded."""

    type: Literal["registry.episode.placement_recorded.v1"] = "registry.episode.placement_recorded.v1"
    episode: int
    scheme: Scheme
    occupation: Isco | None = None
    contract_start: str | None = None
    contract_end: str | None = None


class Departed(PersonEvent):
    """A crossing outwards was recorded; flag `non_procedural` when no placement preceded it."""

    type: Literal["registry.episode.departed.v1"] = "registry.episode.departed.v1"
    episode: int


class PersonRestated(PersonEvent):
    """A late fact changed what was announced before: old and new status and flags."""

    type: Literal["registry.person.restated.v1"] = "registry.person.restated.v1"
    status_before: Status
    flags_before: tuple[Flag, ...] = ()
    because: Code
    """Kind of the late fact: REGISTRATION, IDENTITY, PLACEMENT or DEPARTURE."""
