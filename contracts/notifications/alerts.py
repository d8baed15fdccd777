"""Alerts and what becomes of them, as commands and as events."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from contracts.codes import PrivacyClass, Severity
from contracts.model import Code, Country, Id, Model, Moment, Region
from contracts.notifications.reviews import CloseReview, EmergencyReason, NamedUnder, ReviewClosed, Withheld

AlertState = Literal["raised", "acknowledged", "resolved"]
Resolution = Literal["helped", "handed_over", "false_alarm", "unreachable"]


class AlertDetails(Model):
    """What of an alert may identify people; travels sealed for the alerts service. `phone` is E.164.

    Of a survivor also the person id and the regency: their command carries neither in clear.
    """

    narrative: str | None = None
    place: str | None = None
    phone: str | None = None
    nik: str | None = None
    passport: str | None = None
    person: Id | None = None
    region: Region | None = None


class RaiseAlert(Model):
    """Sealed part: AlertDetails. `country` is where it happens, `region` the province or regency concerned."""

    type: Literal["alerts.alert.raise.v1"] = "alerts.alert.raise.v1"
    occurred: Moment
    alert_type: Code
    person: Id | None = None
    country: Country | None = None
    region: Region | None = None
    reason: EmergencyReason | None = None
    """Why it names a person whom no agreement of the reporter's covers."""
    covered: bool | None = None
    """Whether one does; None where that could not be asked in time, or, of a survivor, is not asked."""
    source_suspended: bool = False
    """Its source was suspended when the gateway took it: whoever sent it may be somebody else."""


class AcknowledgeAlert(Model):
    """A duty officer of one of the recipients takes the alert."""

    type: Literal["alerts.alert.acknowledge.v1"] = "alerts.alert.acknowledge.v1"
    alert: Id
    ifversion: int | None = None


class ResolveAlert(Model):
    """The alert is dealt with."""

    type: Literal["alerts.alert.resolve.v1"] = "alerts.alert.resolve.v1"
    alert: Id
    resolution: Resolution
    ifversion: int | None = None


Command = Annotated[RaiseAlert | AcknowledgeAlert | ResolveAlert | CloseReview, Field(discriminator="type")]


class AlertEvent(Model):
    """What every event of an alert carries; when it is of class survivor, `person`, `reason`, `named_under` and
    `withheld` are absent.
    """

    alert: Id
    alert_type: Code
    severity: Severity
    privacy: PrivacyClass
    source: Code
    recipients: tuple[Code, ...]
    """Who gets it, by the routing of alert_types.csv."""
    responders: tuple[Code, ...] = ()
    """Those of them that are given the person and the report."""
    unrouted: tuple[str, ...] = ()
    """Entries of the routing that name nobody connected by code (for example the placement company)."""
    person: Id | None = None
    named_under: NamedUnder | None = None
    reason: EmergencyReason | None = None
    withheld: Withheld | None = None
    country: Country | None = None
    region: Region | None = None
    occurred: Moment
    source_suspended: bool = False
    """Its source was suspended when it was raised: whoever sent it may be somebody else."""


class AlertRaised(AlertEvent):
    """Due times are UTC; None where the list counts in working days."""

    type: Literal["alerts.alert.raised.v1"] = "alerts.alert.raised.v1"
    acknowledge_by: datetime | None = None
    first_action_by: datetime | None = None


class AlertAcknowledged(AlertEvent):
    """Taken by `by` at `at` (UTC)."""

    type: Literal["alerts.alert.acknowledged.v1"] = "alerts.alert.acknowledged.v1"
    by: Code
    at: datetime


class AlertResolved(AlertEvent):
    """Ended by `by` at `at` (UTC)."""

    type: Literal["alerts.alert.resolved.v1"] = "alerts.alert.resolved.v1"
    by: Code
    at: datetime
    resolution: Resolution


Event = Annotated[AlertRaised | AlertAcknowledged | AlertResolved | ReviewClosed, Field(discriminator="type")]
