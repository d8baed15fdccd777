"""Doubts: known persons of whom a newcomer may be one."""

from datetime import datetime
from typing import NamedTuple

from chassis.commands.types import Command, NewEvent
from contracts.registry import Hold
from services.registry.commands.duplicates import LikelyPair, opening
from services.registry.commands.loaded_batch import Draft
from services.registry.domain.actions import Action
from services.registry.domain.authority import RULE
from services.registry.domain.comparison import Likeness
from services.registry.domain.merge_holds import hold_of
from services.registry.domain.merge_records import MergeRecord
from services.registry.domain.person import Person

MOST = 3
"""Duplicate reviews that one newcomer opens."""


class MatchCandidate(NamedTuple):
    """Somebody whom a newcomer may be, found by one of that person's origin persons."""

    person: Person
    origin_person: str
    likeness: Likeness
    hold: Hold | None

    @property
    def may_link(self) -> bool:
        """Whether the two are one without anybody being asked."""
        return self.likeness.side == "link" and self.hold is None


def candidates_of(draft: Draft, command_id: str, newcomer: Person) -> list[MatchCandidate]:
    """Whom the newcomer of a command may be, the likeliest first."""
    candidates: dict[str, MatchCandidate] = {}
    for origin, likeness in draft.matches.likely.get(command_id, ()) if draft.matches else ():
        person = draft.root(origin)
        if person is not None and person.id not in candidates and len(candidates) < MOST:
            candidates[person.id] = MatchCandidate(person, origin, likeness, hold_of(person, newcomer))
    return list(candidates.values())


def merge_record_of(draft: Draft, candidate: MatchCandidate, action: Action) -> MergeRecord:
    """The merge by which a newcomer's origin person is the known person's from its first fact on."""
    assert draft.matches is not None
    facts = candidate.likeness.facts(draft.matches.model)
    by, at = RULE.organisation, action.recorded_at
    return MergeRecord("MERGE", candidate.person.id, action.origin_person, action.command_id, by, "rule", at, facts)


def open_review(draft: Draft, command: Command, newcomer: Person, candidate: MatchCandidate, now: datetime) -> NewEvent:
    """A steward is asked whether the newcomer is the person found."""
    assert draft.matches is not None
    traits = draft.matches.traits[command.id], draft.matches.profiles[candidate.origin_person].traits
    likely_pair = LikelyPair(candidate.likeness, traits, draft.matches.model)
    return opening(draft, command, (newcomer.id, candidate.person.id), likely_pair, candidate.hold, now)
