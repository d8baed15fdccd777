"""A whole run of the scenario: its steps on a running stack, then its checks; which day it is."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from confluent_kafka import TopicPartition
from confluent_kafka.admin import OffsetSpec

from deploy.local.kafka import KafkaLogin
from simulation.scenario.checks.alerts import check_alerts
from simulation.scenario.checks.copies import check_copies
from simulation.scenario.checks.expectations import Expectation
from simulation.scenario.checks.person_states import check_person_states
from simulation.scenario.checks.personal_data import check_personal_data
from simulation.scenario.checks.receipts import check_receipts
from simulation.scenario.checks.round_completeness import check_round
from simulation.scenario.checks.statistics_day import check_statistics_day
from simulation.scenario.context import ScenarioContext
from simulation.scenario.day_plan import DayPlan, plan_day
from simulation.scenario.expected_state import expected_states
from simulation.scenario.observations import Observations
from simulation.scenario.participants import STATISTICS
from simulation.scenario.run_summary import summarise
from simulation.scenario.sharing_rules import SharingRules
from simulation.scenario.span_collector import SpanCollector
from simulation.scenario.steps.alert_endings import end_by_system, review_reason, try_as_key
from simulation.scenario.steps.api_reads import read_over_api
from simulation.scenario.steps.assessment_round import close_round, open_round
from simulation.scenario.steps.distress_calls import call_idle, call_under_load, watch_stream
from simulation.scenario.steps.forbidden_access import try_forbidden_access
from simulation.scenario.steps.registry_facts import all_delivered, send_facts
from simulation.scenario.steps.statistics_day import await_first_day, end_day


@dataclass(frozen=True, slots=True)
class ScenarioSize:
    """`due`: so many seconds after its opening the round is due."""

    people: int = 2000
    load: int = 10_000
    calls: int = 20
    due: float = 30

    def day(self, number: int) -> DayPlan:
        """Day `number` in this size, beginning now."""
        return plan_day(number, datetime.now(UTC), count=self.people, load=self.load)


FULL = ScenarioSize()
SMALL = ScenarioSize(people=300, load=1500, calls=6, due=15)
"""For tests."""


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What was observed, which expectations are met, and the numbers of it."""

    observations: Observations
    expectations: list[Expectation]
    numbers: dict[str, Any]


async def run_scenario(
    context: ScenarioContext,
    size: ScenarioSize,
    day: int = 1,
    *,
    collector: SpanCollector | None = None,
    timed: bool = True,
    search_stored: bool = True,
) -> ScenarioResult:
    """Run day `day` and check it: with `timed` the latencies too, with `search_stored` every byte that was stored.

    `collector` has the spans that the services send, where they are told to.
    """
    observations = await _run_steps(context, size.day(day), size)
    expectations = [*_check(context, observations, collector, timed=timed)]
    if search_stored:
        expectations += [expectation async for expectation in check_personal_data(context, observations, collector)]
    return ScenarioResult(observations, expectations, summarise(context, observations, expectations))


async def _run_steps(context: ScenarioContext, day: DayPlan, size: ScenarioSize) -> Observations:
    observations = Observations(day)
    watching = asyncio.create_task(watch_stream(context, observations))
    try:
        await await_first_day(context)
        await send_facts(context, observations)
        await try_forbidden_access(context, observations)
        await open_round(context, observations, size.due)
        await call_idle(context, observations, size.calls)
        await end_by_system(context, observations)
        await try_as_key(context, observations)
        await review_reason(context, observations)
        await call_under_load(context, observations, size.calls)
        await close_round(context, observations)
        await read_over_api(context, observations)
        await all_delivered(context, observations)
        await end_day(context, observations)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError, httpx.HTTPError):
            await watching
    return observations


def _check(
    context: ScenarioContext, observations: Observations, collector: SpanCollector | None, *, timed: bool
) -> Iterable[Expectation]:
    day = observations.day
    sharing = SharingRules(day)
    yield from check_receipts(context, observations)
    yield from check_person_states(context, observations, expected_states(day), sharing)
    yield from check_copies(context, observations, sharing)
    yield from check_statistics_day(context.inbox(STATISTICS), observations, sharing)
    yield from check_alerts(context, observations, collector, timed=timed)
    yield from check_round(context, observations)


def next_day(folder: Path) -> int:
    """The number of the day that begins now; a run cut short has left its people in the registry too."""
    file = folder / "scenario.day"
    day = int(file.read_text()) + 1 if file.exists() else 1
    file.write_text(str(day))
    return day


async def count_messages(login: KafkaLogin, topics: Iterable[str]) -> int:
    """How many messages stand in these topics."""
    return await asyncio.to_thread(_count, login, topics)


def _count(login: KafkaLogin, topics: Iterable[str]) -> int:
    admin = login.admin()
    metadata = admin.list_topics(timeout=30).topics
    places = [TopicPartition(name, partition) for name in topics for partition in metadata[name].partitions]
    newest: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
    futures = admin.list_offsets(dict.fromkeys(places, newest))
    return sum(future.result(30).offset for future in futures.values())
