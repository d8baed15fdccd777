"""What was known of a person when, whoever holds the facts today."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from services.registry.domain.merge_records import below, in_recorded_order, top
from services.registry.domain.person import Person
from services.registry.domain.state import State, fold, in_order


class PastState(NamedTuple):
    """Who it was at some time, what was known, and when the newest of it was recorded."""

    person: str
    state: State
    recorded_at: datetime


def as_of(ever_merged: Iterable[Person], requested: str, recorded: datetime) -> PastState | None:
    """What was known at a time under an id, from what was recorded by then; None if nothing was.

    `ever_merged` holds the person and all with whom it, or one of them, was ever one.
    """
    people = tuple(ever_merged)
    merge_records = in_recorded_order(
        record for member in people for record in member.merge_records if record.recorded_at <= recorded
    )
    person = top(merge_records, requested)
    origins = below(merge_records, person)
    facts = (action for member in people for action in member.actions if action.origin_person in origins)
    actions = in_order(action for action in facts if action.recorded_at <= recorded)
    if not actions:
        return None
    times = [action.recorded_at for action in actions] + [
        record.recorded_at for record in merge_records if record.touches(origins)
    ]
    return PastState(person, fold(actions), max(times))
