"""The story on a smaller scale: all five processes, with the servers that the run has."""

from collections.abc import AsyncIterator

import pytest

from deploy.local import ports
from deploy.local.stack import Stack
from simulation.scenario.cast import CONNECTED
from simulation.scenario.performance import Performance, perform
from simulation.scenario.play import SMALL
from simulation.scenario.spans import collecting
from simulation.scenario.stage import Stage, connected


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Stage, Performance]]:
    """A stage on which the story was played. In a name space of its own, where the servers are shared."""
    with collecting() as spans:
        folder = tmp_path_factory.mktemp("story")
        prefix = f"story{folder.stat().st_ino:x}."
        stack = Stack(
            folder,
            ports=ports.anywhere(),
            cache="256M",
            prefix=prefix,
            settings={"ZIPKIN_ENDPOINT": spans.endpoint},
            connect=CONNECTED,
        )
        async with stack, connected(stack) as stage:
            yield stage, await perform(stage, SMALL, spans=spans, timed=False)


@pytest.mark.slow
def test_every_expectation_of_the_story_is_met(stage: tuple[Stage, Performance]) -> None:
    _, played = stage
    assert [str(one) for one in played.verdicts if not one.met] == []
    assert len(played.verdicts) > 60
