"""What the notifications service is told, announces and answers: alerts and the reports about them."""

from __future__ import annotations

from contracts.codes import Severity
from contracts.notifications.alerts import (
    AcknowledgeAlert,
    AlertAcknowledged,
    AlertDetails,
    AlertEvent,
    AlertRaised,
    AlertResolved,
    AlertState,
    Command,
    Event,
    RaiseAlert,
    Resolution,
    ResolveAlert,
)
from contracts.notifications.reads import (
    AlertIds,
    AlertPage,
    AlertStep,
    AlertSummary,
    AlertWithPerson,
    Report,
    Reports,
    ReportForOfficer,
    ReportsWanted,
    ReportWithIdentifiers,
)

__all__ = [
    "AcknowledgeAlert",
    "AlertAcknowledged",
    "AlertDetails",
    "AlertEvent",
    "AlertIds",
    "AlertPage",
    "AlertRaised",
    "AlertResolved",
    "AlertState",
    "AlertStep",
    "AlertSummary",
    "AlertWithPerson",
    "Command",
    "Event",
    "RaiseAlert",
    "Report",
    "ReportForOfficer",
    "ReportWithIdentifiers",
    "Reports",
    "ReportsWanted",
    "Resolution",
    "ResolveAlert",
    "Severity",
]
