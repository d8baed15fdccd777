"""Merges: two persons are found to be one, and taken apart again."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from chassis.commands.recorded_time import recorded_after
from chassis.commands.types import Applied, Command, NewEvent
from contracts.outcomes import Refused
from contracts.registry import Because, MergeEvent, MergePersons, UnmergePerson
from services.registry.commands.duplicates import closings, partings, reopenings
from services.registry.commands.loaded_batch import Draft
from services.registry.domain.authority import RULE
from services.registry.domain.events import announced_merge, announced_unmerge, offered
from services.registry.domain.merge_records import MergeRecord
from services.registry.domain.merging import merge, survivor_of, undoing, unmerge
from services.registry.domain.person import Person, Redirect, Stored


def merge_persons(draft: Draft, command: Command, body: MergePersons, now: datetime) -> Applied[Draft]:
    """A steward's decision; the registry's own rule compares first. What is one already stays so, with no event.

    Raises Refused `not_found`, `invalid_value`, `version_conflict` or `too_many_facts`.
    """
    if body.survivor is not None and body.survivor not in body.persons:
        raise Refused("invalid_value", "/survivor")
    first, second = (_root_of(draft, person, f"/persons/{place}") for place, person in enumerate(body.persons))
    if first.id == second.id:
        return Applied(first.id, first.version)
    if body.asof is not None and body.asof != (first.recorded_at, second.recorded_at):
        raise Refused("version_conflict")
    pair = survivor_of(first, second)
    if body.survivor is not None:
        pair = (first, second) if body.survivor == body.persons[0] else (second, first)
    emitted = merge_pair(draft, pair, command, "steward", now, reason=body.reason, duplicate=body.duplicate)
    return Applied(pair[0].id, emitted[0].sequence, emitted)


def unmerge_person(draft: Draft, command: Command, body: UnmergePerson, now: datetime) -> Applied[Draft]:
    """Raises Refused `not_found`, `not_merged` or `version_conflict`."""
    together = _root_of(draft, body.person, "/person")
    if not isinstance(draft.persons[body.person], Redirect):
        raise Refused("not_merged", "/person")
    if body.asof is not None and body.asof != together.recorded_at:
        raise Refused("version_conflict")
    emitted = unmerge_one(draft, body.person, command, now, reason=body.reason)
    return Applied(emitted[1].key, emitted[1].sequence, emitted)


def merge_pair(
    draft: Draft, pair: tuple[Person, Person], command: Command, because: Because, now: datetime,
    into: str | None = None, **facts: Any,
) -> tuple[NewEvent, ...]:  # fmt: skip
    """The second of the pair becomes the first; their events, the survivor's first, then those of reviews it settles.

    `into` names the origin person of the first that the second goes with, where that is not the first itself.
    `facts` of the merge record: `reason`, `duplicate`, `weight`, `model`, `link`; what is None stays out.
    Raises Refused `too_many_facts`.
    """
    survivor, absorbed = pair
    stated = {name: value for name, value in facts.items() if value is not None}
    by = RULE.organisation if because == "rule" else command.principal.organisation
    recorded_at = recorded_after(now, survivor.recorded_at, absorbed.recorded_at)
    record = MergeRecord("MERGE", into or survivor.id, absorbed.id, command.id, by, because, recorded_at, stated)
    together, stub = merge(survivor, absorbed, record)
    emitted = announce(draft, (together, stub), announced_merge(survivor, absorbed, together, record), recorded_at)
    waiting = _newly_waiting(draft, survivor.id, pair, recorded_at)
    return (*emitted, *waiting, *closings(draft, command, facts["reason"], recorded_at))


def unmerge_one(draft: Draft, person: str, command: Command, now: datetime, **facts: Any) -> tuple[NewEvent, ...]:
    """An absorbed person stands for itself again; the events of whoever it was, then its own, then those of reviews.

    With a `duplicate` among the facts that review undoes its own merge. Raises Refused.
    """
    together, stub = _root_of(draft, person, "/person"), draft.persons[person]
    if not isinstance(stub, Redirect):
        raise Refused("not_merged", "/person")
    recorded_at = recorded_after(now, together.recorded_at, stub.recorded_at)
    undone = undoing(together, person, command.id, command.principal.organisation, recorded_at, **facts)
    left, separated = unmerge(together, stub, undone)
    emitted = announce(draft, (left, separated), announced_unmerge(together, left, separated, undone), recorded_at)
    if "duplicate" in facts:
        return (*emitted, *reopenings(draft, command, facts["reason"], recorded_at))
    return (*emitted, *partings(draft, command, (left.id, separated.id), facts["reason"], recorded_at))


def _newly_waiting(
    draft: Draft, person: str, before: tuple[Person, ...], recorded_at: datetime
) -> tuple[NewEvent, ...]:
    """The owner is told of registrations that wait since persons were found to be one."""
    after = _root_of(draft, person, "")
    already_waiting = {name for earlier in before for name in earlier.state.waiting}
    new = [action for action in after.actions if action.command_id in set(after.state.waiting) - already_waiting]
    draft.persons.put(replace(after, version=after.version + len(new)))
    return tuple(
        NewEvent(offered(after, action), after.id, after.version + number, action.occurred.at, recorded_at)
        for number, action in enumerate(new, 1)
    )


def announce(
    draft: Draft, persons: Iterable[Stored], events: Iterable[MergeEvent], recorded_at: datetime
) -> tuple[NewEvent, ...]:
    """One event of each, which grows its version."""
    emitted = []
    for person, event in zip(persons, events, strict=True):
        changed = replace(person, version=person.version + 1)
        draft.persons.put(changed)
        emitted.append(NewEvent(event, changed.id, changed.version, recorded_at, recorded_at))
    return tuple(emitted)


def _root_of(draft: Draft, person: str, pointer: str) -> Person:
    root = draft.root(person)
    if root is None:
        raise Refused("not_found", pointer)
    return root
