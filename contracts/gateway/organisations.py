"""Organisations as the gateway keeps them: what has changed since the code list, as commands and as events."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.model import Code, Model

Function = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,59}(:[A-Z0-9]{2,10})?$"),
    Field(description="a function of an organisation, such as placement or consular_mission:MY"),
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
RegionCode = Annotated[str, StringConstraints(pattern=r"^(ID|[0-9]{2}(\.[0-9]{2})?)$")]
OrganisationKind = Literal["ministry", "agency", "local_government", "civil_society", "university", "un_agency"]
OrganisationLevel = Literal["national", "province", "regency", "city"]
SuspensionReason = Literal["credentials_stolen", "agreement_broken", "asked_for_itself", "dissolved", "ordered_by_law"]
"""Why nothing goes to an organisation, and nothing comes from it, for a while."""
Change = Literal["registered", "renamed", "functions_changed", "succeeded", "suspended", "suspension_lifted"]


class RegisterOrganisation(Model):
    """Add an organisation that the code list does not have. Its code is never used for another one."""

    type: Literal["gateway.organisation.register.v1"] = "gateway.organisation.register.v1"
    organisation: Code
    name_id: Name
    name_en: Name
    kind: OrganisationKind
    level: OrganisationLevel
    region_code: RegionCode
    functions: tuple[Function, ...] = ()


class RenameOrganisation(Model):
    """Its names from the beginning of a day in Western Indonesia, which may be past: the code stays."""

    type: Literal["gateway.organisation.rename.v1"] = "gateway.organisation.rename.v1"
    organisation: Code
    name_id: Name
    name_en: Name
    since: date


class ChangeFunctions(Model):
    """Give and take functions from the beginning of a day in Western Indonesia, at the earliest from now on."""

    type: Literal["gateway.organisation.change_functions.v1"] = "gateway.organisation.change_functions.v1"
    organisation: Code
    give: tuple[Function, ...] = ()
    take: tuple[Function, ...] = ()
    since: date


class NameSuccessor(Model):
    """Who takes over from the beginning of a day in Western Indonesia, at the earliest from now on; None: nobody."""

    type: Literal["gateway.organisation.name_successor.v1"] = "gateway.organisation.name_successor.v1"
    organisation: Code
    successor: Code | None
    since: date


class SuspendOrganisation(Model):
    """No tokens, copies and rights at the broker until it is lifted."""

    type: Literal["gateway.organisation.suspend.v1"] = "gateway.organisation.suspend.v1"
    organisation: Code
    reason: SuspensionReason


class LiftSuspension(Model):
    """Everything goes on where it stopped."""

    type: Literal["gateway.organisation.lift_suspension.v1"] = "gateway.organisation.lift_suspension.v1"
    organisation: Code


OrganisationCommand = (
    RegisterOrganisation | RenameOrganisation | ChangeFunctions | NameSuccessor | SuspendOrganisation | LiftSuspension
)


class RegisteredAs(Model):
    """What the code list says of others, of one that it does not have."""

    kind: OrganisationKind
    level: OrganisationLevel
    region_code: str
    functions: tuple[Function, ...]


class Named(Model):
    """Names from a day on, in Western Indonesia."""

    name_id: str
    name_en: str
    since: date


class FunctionsChanged(Model):
    """Functions given and taken from an instant on (UTC); `since` is the day that was stated."""

    give: tuple[Function, ...]
    take: tuple[Function, ...]
    since: date
    counts_from: datetime


class Succeeded(Model):
    """Who takes over from an instant on (UTC); `since` is the day that was stated. None: nobody, it stands again."""

    successor: Code | None
    since: date
    counts_from: datetime


class Suspended(Model):
    """Since when (UTC), and why."""

    reason: SuspensionReason
    since: datetime


class OrganisationState(Model):
    """All that has changed of one organisation since the code list, each in the order in which it was recorded.

    What the list says itself is not repeated, so that a newer list counts.
    """

    organisation: Code
    version: int
    recorded_at: datetime
    registered: RegisteredAs | None = None
    """None for one of the code list."""
    names: tuple[Named, ...] = ()
    functions: tuple[FunctionsChanged, ...] = ()
    successors: tuple[Succeeded, ...] = ()
    suspension: Suspended | None = None


class OrganisationChanged(Model):
    """Something has changed, and this is all of it now: of two events that of the higher version counts."""

    type: Literal["gateway.organisation.changed.v1"] = "gateway.organisation.changed.v1"
    change: Change
    by: str
    """The operator."""
    state: OrganisationState
