"""The scenario on a smaller scale: every process, with the servers that the run has."""

from collections.abc import AsyncIterator

import pytest

from deploy.local import ports
from deploy.local.stack import Stack
from simulation.scenario.context import connected_partners
from simulation.scenario.participants import CONNECTED
from simulation.scenario.scenario_run import SMALL, ScenarioResult, run_scenario
from simulation.scenario.span_collector import collecting_spans


@pytest.fixture(scope="module")
async def finished(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ScenarioResult]:
    """In a name space of its own, where the servers are shared."""
    with collecting_spans() as collector:
        folder = tmp_path_factory.mktemp("scenario")
        stack = Stack(
            folder,
            ports=ports.anywhere(),
            cache="256M",
            prefix=f"scenario{folder.stat().st_ino:x}.",
            settings={"ZIPKIN_ENDPOINT": collector.endpoint},
            connect=CONNECTED,
        )
        async with stack, connected_partners(stack) as context:
            yield await run_scenario(context, SMALL, collector=collector, timed=False)


@pytest.mark.slow
def test_every_expectation_of_the_scenario_is_met(finished: ScenarioResult) -> None:
    assert [str(one) for one in finished.expectations if not one.met] == []
    assert len(finished.expectations) > 60
