"""Merge records: which persons were found to be one, and were taken apart again. They are only ever added."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from contracts.registry import Because


@dataclass(frozen=True, slots=True)
class MergeRecord:
    """One merge or unmerge of two persons; it stands in the histories of both. `by` is the organisation that decided.

    `facts` may name the `reason`, the `duplicate`, and the `weight` by which `model`.
    """

    kind: Literal["MERGE", "UNMERGE"]
    survivor: str
    absorbed: str
    command_id: str
    by: str
    because: Because
    recorded_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def touches(self, persons: frozenset[str]) -> bool:
        """Whether it is of one of these persons."""
        return self.survivor in persons or self.absorbed in persons


def in_recorded_order(merge_records: Iterable[MergeRecord]) -> tuple[MergeRecord, ...]:
    """Each merge record once: whoever is absorbed by turns has recording times that grow."""
    return tuple(sorted(set(merge_records), key=lambda record: (record.recorded_at, record.absorbed)))


def standing(merge_records: Iterable[MergeRecord]) -> dict[str, MergeRecord]:
    """The merges that were not undone, by the person that each absorbed. Records stand in the order of recording."""
    merged: dict[str, MergeRecord] = {}
    for record in merge_records:
        if record.kind == "MERGE":
            merged[record.absorbed] = record
        else:
            merged.pop(record.absorbed, None)
    return merged


def top(merge_records: Iterable[MergeRecord], person: str) -> str:
    """The person that nobody absorbed, to which this one belongs."""
    merged = standing(merge_records)
    while person in merged:
        person = merged[person].survivor
    return person


def below(merge_records: Iterable[MergeRecord], person: str) -> frozenset[str]:
    """This person and all that it absorbed, and these."""
    absorbed: defaultdict[str, list[str]] = defaultdict(list)
    for record in standing(merge_records).values():
        absorbed[record.survivor].append(record.absorbed)
    members, waiting = set[str](), [person]
    while waiting:
        member = waiting.pop()
        members.add(member)
        waiting += absorbed[member]
    return frozenset(members)


def brought_together(merge_records: Iterable[MergeRecord], first: str, second: str) -> datetime | None:
    """When the merges came to stand by which two origin persons are one person; None where it took none."""
    merged = standing(merge_records)
    between = set(_upwards(merged, first)) ^ set(_upwards(merged, second))
    return max((record.recorded_at for record in between), default=None)


def _upwards(merged: Mapping[str, MergeRecord], person: str) -> Iterator[MergeRecord]:
    while person in merged:
        yield merged[person]
        person = merged[person].survivor
