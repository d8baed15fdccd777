"""Checks of what statistics got when its day was over: pseudonyms, by the day, and in no order that tells anything."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from simulation.scenario.checks.expectations import Expectation, expect_equal, expect_none
from simulation.scenario.observations import Observations
from simulation.scenario.partners import PERSON_COPY, Copy, Inbox
from simulation.scenario.sharing_rules import SharingRules
from simulation.scenario.steps.registry_facts import count_facts
from simulation.scenario.steps.statistics_day import count_released

DAY = re.compile(r"\d{4}(-\d\d){0,2}\+07:00")
MIDNIGHT = "T17:00:00.000Z"
"""In Western Indonesia."""


def check_statistics_day(inbox: Inbox, observations: Observations, sharing: SharingRules) -> Iterator[Expectation]:
    """`inbox` is that of statistics."""
    day = observations.day
    missing = count_facts(day) + len(observations.load) - count_released(inbox, day)
    yield expect_equal("statistics gets every fact when its day is over", max(missing, 0), 0)
    workers, load = inbox.registered_on(day.registered_at), inbox.registered_on(day.load_registered_at)
    copies = [copy for copy in inbox.of_type(PERSON_COPY) if copy.body["person"] in workers | load]
    yield expect_none("statistics knows pseudonyms alone", _names(copies, sharing))
    yield expect_none("statistics is told no time but the day, and no trace", _moments(copies))
    if observations.statistics_day and observations.statistics_day.whole:
        yield expect_equal("statistics gets nothing before its day is over", observations.statistics_day.early, 0)
        order = [copy.body["person"] for copy in copies]
        yield expect_equal("statistics gets what is told of one person together", _changes(order), len(set(order)) - 1)
        mixed = _changes([person in workers for person in dict.fromkeys(order)])
        yield expect_none("statistics gets people in no order of theirs", _in_order(mixed, len(workers), len(load)))


def _names(copies: Sequence[Copy], sharing: SharingRules) -> Iterator[str]:
    for copy in copies:
        if not sharing.is_pseudonymised(copy.body):
            yield f"a copy under {copy.body['agreements']}"
        if named := sorted(set(copy.clear) - {"sex"}):
            yield f"{named} in clear"


def _moments(copies: Sequence[Copy]) -> Iterator[str]:
    for copy in copies:
        if copy.traceparent:
            yield "a trace that leads back"
        if "asof" in copy.body or not DAY.fullmatch(copy.body["occurred_at"]) or not copy.time.endswith(MIDNIGHT):
            yield "a moment"


def _changes(values: Sequence[object]) -> int:
    """How often a value differs from the one before it."""
    return sum(value != following for value, following in pairwise(values))


def _in_order(changes: int, workers: int, load: int) -> Iterator[str]:
    """The load came after the workers. Shuffled, two such groups change 2wl/(w+l) times on the average."""
    if changes < workers * load / max(workers + load, 1):
        yield f"{workers} workers and {load} of the load change {changes} times only"
