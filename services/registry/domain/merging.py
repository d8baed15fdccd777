"""Two persons become one, and are taken apart again: facts move, each keeps its origin person."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from contracts.outcomes import Refused
from services.registry.domain import size_bounds
from services.registry.domain.merge_records import MergeRecord, below, in_recorded_order, standing
from services.registry.domain.person import Person, Redirect
from services.registry.domain.state import fold, in_order


def survivor_of(one_person: Person, other_person: Person) -> tuple[Person, Person]:
    """Who stays, and who is absorbed: verified identity or else more assurance stays, else who was known first."""
    first, second = sorted((one_person, other_person), key=_precedence)
    return first, second


def fits(first: Person, second: Person) -> bool:
    """Whether the two may be one document."""
    actions, merge_records = (*first.actions, *second.actions), (*first.merge_records, *second.merge_records)
    return size_bounds.fits(actions, merge_records, further=1)


def merge(survivor: Person, absorbed: Person, record: MergeRecord) -> tuple[Person, Redirect]:
    """The two as one, and what is left of the other; versions stay. Raises Refused `too_many_facts`.

    The record may name an origin person of the survivor instead: whoever takes that one away takes the absorbed along.
    """
    if not fits(survivor, absorbed):
        raise Refused("too_many_facts")
    actions = in_order((*survivor.actions, *absorbed.actions))
    merge_records = in_recorded_order((*survivor.merge_records, *absorbed.merge_records, record))
    together = replace(
        survivor, recorded_at=record.recorded_at, actions=actions, merge_records=merge_records, state=fold(actions)
    )
    return together, Redirect(absorbed.id, absorbed.revision, absorbed.version, record.recorded_at, record.survivor)


def unmerge(together: Person, stub: Redirect, record: MergeRecord) -> tuple[Person, Person]:
    """Who stays, and the absorbed one with the facts of its origin persons; versions stay."""
    origins = below(together.merge_records, stub.id)
    merge_records = in_recorded_order((*together.merge_records, record))
    separated = Person(
        id=stub.id,
        revision=stub.revision,
        version=stub.version,
        recorded_at=record.recorded_at,
        **_of(together, origins, merge_records),
    )
    left = replace(
        together, recorded_at=record.recorded_at, **_of(together, together.origin_persons - origins, merge_records)
    )
    return left, separated


def undoing(
    together: Person, absorbed: str, command_id: str, by: str, recorded_at: datetime, **facts: Any
) -> MergeRecord:
    """The merge record that undoes the merge by which this origin person came here; there is one."""
    merged = standing(together.merge_records)[absorbed]
    facts = {name: value for name, value in facts.items() if value is not None}
    return MergeRecord("UNMERGE", merged.survivor, absorbed, command_id, by, "steward", recorded_at, facts)


def merged_for(together: Person, review: str) -> str | None:
    """The origin person that was absorbed because of a duplicate review, as long as that merge stands."""
    absorbed = (
        record.absorbed
        for record in standing(together.merge_records).values()
        if record.facts.get("duplicate") == review
    )
    return next(absorbed, None)


def _of(person: Person, origins: frozenset[str], merge_records: Sequence[MergeRecord]) -> dict[str, Any]:
    actions = tuple(action for action in person.actions if action.origin_person in origins)
    return {
        "actions": actions,
        "merge_records": tuple(record for record in merge_records if record.touches(origins)),
        "state": fold(actions),
    }


def _precedence(person: Person) -> tuple[int, datetime, str]:
    return -_assurance(person), min(action.recorded_at for action in person.actions), person.id


def _assurance(person: Person) -> int:
    """3: Kemendagri says yes. 2: a passport was seen at the border. 1: somebody declared a number."""
    if person.state.identity_matched:
        return 3
    if any(action.kind == "DEPARTURE" and "passport" in action.personal for action in person.actions):
        return 2
    return int(not person.state.personal.keys().isdisjoint(("nik", "passport")))
