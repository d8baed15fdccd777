"""Topic and group names. Each entry names its writers, its readers and its key; ACLs and AsyncAPI are made from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Service = Literal["registry", "indicators", "alerts", "gateway"]
SERVICES: tuple[Service, ...] = ("registry", "indicators", "alerts", "gateway")
DOMAIN_SERVICES: tuple[Service, ...] = ("registry", "indicators", "alerts")
Process = Literal["registry", "indicators", "alerts", "gateway-api", "gateway-exchange", "gateway-exchange-urgent"]
"""Each is a user of its own at the broker and the database, and has keys of its own."""
PROCESSES: tuple[Process, ...] = (
    "registry", "indicators", "alerts", "gateway-api", "gateway-exchange", "gateway-exchange-urgent",
)  # fmt: skip
API: Process = "gateway-api"
EXCHANGE: Process = "gateway-exchange"
URGENT: Process = "gateway-exchange-urgent"
DOORS = (API, EXCHANGE, URGENT)


@dataclass(frozen=True)
class Topic:
    """One internal topic."""

    name: str
    writers: tuple[Process, ...]
    readers: tuple[Process, ...]
    key: str
    partitions: int
    kept: Literal["for ever", "7 days", "72 h behind the committed offset", "7 days behind the committed offset"]

    @property
    def janitor(self) -> Process | None:
        """Who deletes what is behind the offset: a consumer, never the api, which reads without one."""
        if self.kept in ("for ever", "7 days"):
            return None
        return next(reader for reader in self.readers if reader != API)

    @property
    def kept_hours(self) -> int | None:
        """How long the broker keeps a record by itself; None where it deletes none."""
        return 7 * 24 if self.kept == "7 days" else None


BEHIND_3_DAYS: Literal["72 h behind the committed offset"] = "72 h behind the committed offset"
BEHIND_7_DAYS: Literal["7 days behind the committed offset"] = "7 days behind the committed offset"

INTERNAL: tuple[Topic, ...] = (
    # people and urgent facts; drained before the bulk lane
    Topic(
        "registry.commands.v1",
        (*DOORS, "registry"),
        ("registry",),
        "person or duplicate id, else identifier hash",
        12,
        BEHIND_3_DAYS,
    ),
    # loads
    Topic(
        "registry.bulk.v1",
        (EXCHANGE,),
        ("registry",),
        "person or duplicate id, else identifier hash",
        12,
        BEHIND_3_DAYS,
    ),
    Topic("registry.outcomes.v1", ("registry",), (API, EXCHANGE), "command id", 12, BEHIND_7_DAYS),
    Topic(
        "registry.events.v1",
        ("registry",),
        ("registry", "alerts", EXCHANGE),
        "person or duplicate id",
        12,
        "for ever",
    ),
    Topic("indicators.commands.v1", (*DOORS, "indicators"), ("indicators",), "round and indicator", 6, BEHIND_3_DAYS),
    Topic("indicators.outcomes.v1", ("indicators",), (API, EXCHANGE), "command id", 6, BEHIND_7_DAYS),
    Topic("indicators.events.v1", ("indicators",), ("alerts", API, EXCHANGE), "round or answer id", 6, "for ever"),
    Topic("alerts.commands.v1", (*DOORS, "alerts"), ("alerts",), "alert id", 6, BEHIND_3_DAYS),
    Topic("alerts.outcomes.v1", ("alerts",), (API, URGENT), "command id", 6, BEHIND_7_DAYS),
    Topic("alerts.events.v1", ("alerts",), ("alerts", API, URGENT), "alert id", 6, "for ever"),
    # the gateway's own aggregates, settled by the exchange of loads; the api alone waits for their outcomes
    Topic("gateway.commands.v1", (API,), (EXCHANGE,), "agreement or organisation id", 6, BEHIND_3_DAYS),
    Topic("gateway.outcomes.v1", (EXCHANGE,), (API,), "command id", 6, "7 days"),
    # read whole at the start of every process that has to know it
    Topic("gateway.events.v1", (EXCHANGE,), DOORS, "agreement or organisation id", 6, "for ever"),
)

PARTNER_KEPT_HOURS = 7 * 24
"""How long a receiver's own topics are kept; older copies are made anew from events."""


@dataclass(frozen=True)
class Names:
    """Every name on the wire, behind an optional prefix (tests give each run its own)."""

    prefix: str = ""

    def commands(self, service: str) -> str:
        """The interactive lane of a service."""
        return f"{self.prefix}{service}.commands.v1"

    def bulk(self, service: str) -> str:
        """Loads for a service, which its interactive commands overtake."""
        return f"{self.prefix}{service}.bulk.v1"

    def outcomes(self, service: str) -> str:
        """Outcomes of a service's commands."""
        return f"{self.prefix}{service}.outcomes.v1"

    def events(self, service: str) -> str:
        """Events of a service."""
        return f"{self.prefix}{service}.events.v1"

    def intake(self, organisation: str, *, urgent: bool = False) -> str:
        """Where a partner writes; `organisation` is its code."""
        return f"{self.prefix}from.{organisation.lower()}{'.urgent' if urgent else ''}.v1"

    def delivery(self, organisation: str, *, urgent: bool = False) -> str:
        """Where a partner reads."""
        return f"{self.prefix}to.{organisation.lower()}{'.urgent' if urgent else ''}.v1"

    def intake_pattern(self, *, urgent: bool = False) -> str:
        """Regular expression over all partners' topics of one lane."""
        lane = r"\.urgent" if urgent else ""
        return rf"^{re.escape(self.prefix)}from\.[a-z0-9_\-]+(\.[0-9][a-z0-9_\-]*)?{lane}\.v1$"

    def group(self, name: str) -> str:
        """Consumer group: <service>, <service>-follows, gateway-exchange, gateway-exchange-urgent."""
        return f"{self.prefix}{name}"

    def internal(self) -> tuple[str, ...]:
        """Every internal topic."""
        return tuple(f"{self.prefix}{topic.name}" for topic in INTERNAL)


def partner_slug(topic: str, prefix: str = "") -> str:
    """The organisation part (lower case) of a `from.` or `to.` topic, for example `kp2mi` or `kab-33.07`."""
    name = topic.removeprefix(prefix).removesuffix(".v1").removesuffix(".urgent")
    return name.split(".", 1)[1]
