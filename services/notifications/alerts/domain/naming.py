"""Whether an alert may say whom it is about: by an agreement of its reporter's, by its reason, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple, get_args

from contracts.codes import AlertType
from contracts.envelope import stamp
from contracts.notifications import AlertDetails, EmergencyReason, NamedUnder, RaiseAlert, Withheld
from contracts.outcomes import Refused

PER_HOUR = 20
"""Persons whom an organisation may name in an hour by a reason alone, unless the settings say otherwise."""
HOUR = timedelta(hours=1)
REASONS = ", ".join(get_args(EmergencyReason))


@dataclass(frozen=True, slots=True)
class Allowance:
    """When (UTC) an organisation named somebody by a reason alone, of late. `revision` is the saved one."""

    id: str
    used: tuple[datetime, ...] = ()
    revision: int = 0

    def again_at(self, now: datetime, per_hour: int) -> datetime | None:
        """When it may name somebody again; None for now."""
        late = self._of_late(now)
        return None if len(late) < per_hour else late[len(late) - per_hour] + HOUR

    def use(self, now: datetime) -> Allowance:
        """Somebody was named by a reason alone."""
        return replace(self, used=(*self._of_late(now), now))

    def _of_late(self, now: datetime) -> tuple[datetime, ...]:
        return tuple(at for at in self.used if at > now - HOUR)


class Naming(NamedTuple):
    """Under what the person is named; `withheld` says why those who respond are not told whom the reporter named."""

    under: NamedUnder | None = None
    withheld: Withheld | None = None


def names_person(body: RaiseAlert, details: AlertDetails | None) -> bool:
    """Whether its reporter names somebody, by whatever id."""
    return bool(body.person or (details and (details.person or details.nik or details.passport)))


def naming_of(
    body: RaiseAlert, details: AlertDetails | None, alert_type: AlertType, allowance: Allowance, now: datetime,
    per_hour: int = PER_HOUR,
) -> Naming:  # fmt: skip
    """A critical alert is never refused: it goes without the person.

    Raises Refused `reason_missing` or `emergency_limit`, which never depend on whether the person is known to anybody
    but the reporter.
    """
    if not names_person(body, details):
        return Naming()
    if body.covered:
        return Naming("agreement")
    critical = alert_type.initial_severity == "critical"
    if body.reason is None:
        if body.covered is None:
            return Naming("unconfirmed")
        if critical:
            return Naming(withheld="no_reason")
        raise Refused("reason_missing", "/reason", REASONS)
    again_at = allowance.again_at(now, per_hour)
    if again_at is None:
        return Naming("reason")
    if body.covered is None:
        return Naming("unconfirmed")
    if critical:
        return Naming(withheld="limit")
    raise Refused("emergency_limit", "/reason", f"again from {stamp(again_at)}")
