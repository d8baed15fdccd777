"""The day ends for statistics, which knows people by pseudonyms: all that it may know goes out at once, shuffled."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from chassis.mongo import connect
from contracts.model import WIB
from deploy.local.stack import Stack
from services.gateway.domain.agreements import load
from services.gateway.settings import Settings
from services.gateway.store.daily_releases import DailyReleases
from simulation.scenario.context import ScenarioContext
from simulation.scenario.day_plan import DayPlan
from simulation.scenario.observations import Observations, StatisticsDay
from simulation.scenario.participants import STATISTICS
from simulation.scenario.partners import Inbox
from simulation.scenario.steps.registry_facts import count_copies, count_facts
from simulation.scenario.waiting import STEP_SECONDS

RELEASES = tuple(
    f"{STATISTICS}/{agreement.id}"
    for agreement in load()
    if agreement.release == "daily" and agreement.receiver.organisation == STATISTICS
)
"""As the gateway names them."""


async def await_first_day(context: ScenarioContext) -> None:
    """Return when the exchange notes what happens for its first release; before that a day has not begun."""
    async with asyncio.timeout(STEP_SECONDS), _releases(context.stack) as releases:
        while None in [await releases.find(name) for name in RELEASES]:
            await asyncio.sleep(0.2)


async def end_day(context: ScenarioContext, observations: Observations) -> None:
    """Midnight comes early."""
    day, inbox = observations.day, context.inbox(STATISTICS)
    whole = day.now.astimezone(WIB).date() == datetime.now(UTC).astimezone(WIB).date()
    observations.statistics_day = StatisticsDay(early=count_released(inbox, day), whole=whole)
    async with _releases(context.stack) as releases:
        for name in RELEASES:
            await releases.end_day(name)
    expected = count_facts(day) + len(observations.load)
    await context.until(
        "the day's copies to statistics", lambda: count_released(inbox, day), expected, within=STEP_SECONDS
    )


def count_released(inbox: Inbox, day: DayPlan) -> int:
    """How many copies of facts about today's people a receiver has whom copies tell the day alone."""
    return count_copies(inbox, inbox.registered_on(day.registered_at, day.load_registered_at))


@asynccontextmanager
async def _releases(stack: Stack) -> AsyncIterator[DailyReleases]:
    """In the database of the gateway, as one of its exchanges reads it."""
    name = next(name for name in ("gateway-exchange", "gateway-exchange-0") if name in stack.service_names())
    environment = {key.lower(): value for key, value in stack.environment(name).items() if value}
    settings = Settings.model_validate(environment)
    client = connect(settings)
    try:
        yield DailyReleases(client[settings.mongo_database])
    finally:
        client.close()
