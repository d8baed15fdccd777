"""Organisations: what operators change of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chassis.commands.recorded_time import recorded_after
from chassis.commands.types import Applied, Command, NewEvent
from contracts.gateway import OrganisationChanged, OrganisationCommand
from services.gateway.domain.organisation import KIND, decide, organisation_id
from services.gateway.domain.organisations import Organisations
from services.gateway.store.organisations import OrganisationRecord

Decided = tuple[tuple[OrganisationRecord, ...], Applied[Any]]


def change_organisation(
    records: Mapping[str, OrganisationRecord], command: Command, body: OrganisationCommand, now: datetime
) -> Decided:
    """Nothing where it is so already. `records` are all that ever changed. Raises Refused."""
    identity = organisation_id(body.organisation)
    before = records.get(identity)
    recorded = recorded_after(now, before.state.recorded_at) if before else now
    changed = decide(Organisations(record.state for record in records.values()), body, recorded)
    if changed is None:
        return (), Applied(identity, before.state.version if before else 0, kind=KIND)
    change, state = changed
    record = replace(before, state=state) if before else OrganisationRecord(state)
    event = OrganisationChanged(change=change, by=command.principal.user or "", state=state)
    new = NewEvent(event, identity, state.version, recorded, recorded)
    return (record,), Applied(identity, state.version, (new,), kind=KIND)
