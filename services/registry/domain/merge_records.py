"""Joins: which persons were found to be one, and were taken apart again. They are only ever added."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
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


def in_recorded_order(joins: Iterable[MergeRecord]) -> tuple[MergeRecord, ...]:
    """Each join once: whoever is absorbed by turns has recording times that grow."""
    return tuple(sorted(set(joins), key=lambda join: (join.recorded_at, join.absorbed)))


def standing(joins: Iterable[MergeRecord]) -> dict[str, MergeRecord]:
    """The merges that were not undone, by the person that each absorbed; the joins stand in the order of recording."""
    merged: dict[str, MergeRecord] = {}
    for join in joins:
        if join.kind == "MERGE":
            merged[join.absorbed] = join
        else:
            merged.pop(join.absorbed, None)
    return merged


def top(joins: Iterable[MergeRecord], person: str) -> str:
    """The person that nobody absorbed, to which this one belongs."""
    merged = standing(joins)
    while person in merged:
        person = merged[person].survivor
    return person


def below(joins: Iterable[MergeRecord], person: str) -> frozenset[str]:
    """This person and all that it absorbed, and these."""
    absorbed: defaultdict[str, list[str]] = defaultdict(list)
    for join in standing(joins).values():
        absorbed[join.survivor].append(join.absorbed)
    found, waiting = set[str](), [person]
    while waiting:
        one = waiting.pop()
        found.add(one)
        waiting += absorbed[one]
    return frozenset(found)
