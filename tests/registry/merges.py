"""Persons to merge, and what a refused merge says."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.commands.types import Command
from contracts.outcomes import Refused
from services.registry.commands import LoadedBatch
from tests.registry.builders import (
    NOW,
    carry_out,
    command,
    merging,
    person,
    registration,
    workspace,
)

SECOND = timedelta(seconds=1)


def people_of(*commands: Command) -> tuple[LoadedBatch, list[str]]:
    """A registry, and whom each fact was about; the first was recorded first."""
    work, first = workspace(commands), NOW - timedelta(hours=1)
    applied = [carry_out(work, one, first + number * SECOND) for number, one in enumerate(commands)]
    return work, [one.aggregate_id for one in applied]


def two_people() -> tuple[LoadedBatch, list[str]]:
    """Two registrations without anything in common, the first known first."""
    return people_of(
        command(registration(), person(nik=None, passport="Z0000003")),
        command(registration(destination="MY"), person(nik=None, passport="Z0000004")),
    )


def merged() -> tuple[LoadedBatch, list[str]]:
    """Two persons, the second absorbed by the first."""
    work, (one, other) = two_people()
    carry_out(work, command(merging(one, other)), NOW)
    return work, [one, other]


def refusal(work: LoadedBatch, body: Any, **given: Any) -> list[tuple[str, str]]:
    """Codes and pointers of a refusal, which leaves everything as it was."""
    before = dict(work.persons), dict(work.entries), dict(work.reviews)
    with pytest.raises(Refused) as refused:
        carry_out(work, command(body, **given), NOW)
    assert (dict(work.persons), dict(work.entries), dict(work.reviews)) == before
    return [(problem.code, problem.pointer) for problem in refused.value.problems]
