"""Doubts: known persons of whom a newcomer may be one."""

from datetime import datetime
from typing import NamedTuple

from chassis.commands.types import Command, NewEvent
from contracts.registry import Hold
from services.registry.commands.duplicates import Found, opening
from services.registry.commands.loaded_batch import Draft
from services.registry.domain.actions import Action
from services.registry.domain.comparison import Likeness
from services.registry.domain.guards import RULE
from services.registry.domain.likeness import hold_of
from services.registry.domain.merge_records import MergeRecord
from services.registry.domain.person import Person

MOST = 3
"""Duplicate reviews that one newcomer opens."""


class Doubt(NamedTuple):
    """Somebody whom a newcomer may be, found by one of that person's origin persons."""

    person: Person
    origin_person: str
    likeness: Likeness
    hold: Hold | None

    @property
    def may_link(self) -> bool:
        """Whether the two are one without anybody being asked."""
        return self.likeness.side == "link" and self.hold is None


def doubts_of(draft: Draft, command_id: str, newcomer: Person) -> list[Doubt]:
    """Whom the newcomer of a command may be, the likeliest first."""
    found: dict[str, Doubt] = {}
    for origin, likeness in draft.recognised.likely.get(command_id, ()) if draft.recognised else ():
        person = draft.root(origin)
        if person is not None and person.id not in found and len(found) < MOST:
            found[person.id] = Doubt(person, origin, likeness, hold_of(person, newcomer))
    return list(found.values())


def merge_record_of(draft: Draft, doubt: Doubt, action: Action) -> MergeRecord:
    """The merge by which a newcomer's origin person is the known person's from its first fact on."""
    assert draft.recognised is not None
    facts = doubt.likeness.facts(draft.recognised.model)
    by, at = RULE.organisation, action.recorded_at
    return MergeRecord("MERGE", doubt.person.id, action.origin_person, action.command_id, by, "rule", at, facts)


def open_review(draft: Draft, command: Command, newcomer: Person, doubt: Doubt, now: datetime) -> NewEvent:
    """A steward is asked whether the newcomer is the person found."""
    assert draft.recognised is not None
    traits = draft.recognised.traits[command.id], draft.recognised.found[doubt.origin_person].traits
    found = Found(doubt.likeness, traits, draft.recognised.model)
    return opening(draft, command, (newcomer.id, doubt.person.id), found, doubt.hold, now)
