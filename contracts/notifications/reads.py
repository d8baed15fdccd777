"""What the alerts service answers to the gateway over HTTP. Times are UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from contracts.codes import PrivacyClass, Severity
from contracts.model import Code, Country, Id, Model, Moment, Region
from contracts.notifications.alerts import AlertState, Resolution
from contracts.notifications.reviews import EmergencyReason, NamedUnder, Withheld


class AlertStep(Model):
    """What was done, by which organisation, and when that was recorded."""

    state: AlertState
    by: Code
    at: datetime
    resolution: Resolution | None = None


class AlertSummary(Model):
    """An alert without whom it is about and without anything that its reporter wrote."""

    alert: Id
    version: Annotated[int, Field(ge=1)]
    state: AlertState
    alert_type: Code
    severity: Severity
    privacy: PrivacyClass
    source: Code
    recipients: tuple[Code, ...]
    responders: tuple[Code, ...] = ()
    """Those of them that are given the person and the report."""
    reason: EmergencyReason | None = None
    """Why its reporter names somebody whom no agreement of its own covers."""
    withheld: Withheld | None = None
    """Why those who respond are not told whom it names."""
    country: Country | None = None
    region: Region | None = None
    occurred: Moment
    acknowledge_by: datetime | None = None
    first_action_by: datetime | None = None
    overdue: bool
    """Nobody took it by `acknowledge_by`."""
    steps: tuple[AlertStep, ...]
    source_suspended: bool = False
    """Its source was suspended when it was raised: whoever sent it may be somebody else."""


class AlertWithPerson(AlertSummary):
    """Answer to GET /alerts/{alert}; `person` is absent when the alert is of class survivor."""

    person: Id | None = None
    named_under: NamedUnder | None = None
    unrouted: tuple[str, ...] = ()
    """Entries of the routing that name nobody connected by code."""


class AlertPage(Model):
    """Answer to GET /alerts?state=&since=&after=&limit=, oldest first; `after` is the cursor of the next page."""

    alerts: tuple[AlertWithPerson, ...]
    after: str | None = None


class AlertsWanted(Model):
    """Which alerts of a list are wanted: parameters of GET /alerts and of GET /alerts/count."""

    severity: Severity | None = None
    alert_type: Code | None = None
    country: Country | None = None
    region: Region | None = None
    """A province with all that lies in it, or one regency."""
    overdue: bool = False
    """Nobody took them by `acknowledge_by`."""
    ours: bool = False
    """The caller's organisation raised them or was told of them."""


class AlertCount(Model):
    """Answer to GET /alerts/count: `more` where there are more than were counted."""

    number: int
    more: bool


class AlertIds(Model):
    """Body of POST /alerts/find, and the answer to it: those of them that exist."""

    alerts: Annotated[tuple[Id, ...], Field(max_length=500)]


class Report(Model):
    """What the reporter said. Of a survivor, `region` may be a regency."""

    alert: Id
    asof: datetime
    """When it was recorded."""
    region: Region | None = None
    narrative: str | None = None
    place: str | None = None
    phone: str | None = None


class ReportWithIdentifiers(Report):
    """With the identifiers by which the reporter named somebody: for the exchange, which finds out whom."""

    nik: str | None = None
    passport: str | None = None


class ReportForOfficer(ReportWithIdentifiers):
    """Answer to GET /alerts/{alert}/report: for the gateway, which names the person by the reader's own id.

    Of a survivor `person` stands here too.
    """

    privacy: PrivacyClass
    source: Code
    person: Id | None = None
    named_under: NamedUnder | None = None
    withheld: Withheld | None = None


class ReportsWanted(Model):
    """Body of POST /alerts/reports/read."""

    alerts: Annotated[tuple[Id, ...], Field(max_length=500)]


class Reports(Model):
    """Answer to POST /alerts/reports/read; alerts about which nothing was said are absent."""

    reports: tuple[ReportWithIdentifiers, ...]
