"""All checks of a story that was played."""

from deploy.local.report import Progress
from deploy.story import alarmed, leaks, settled, shared
from deploy.story.judging import Verdict
from deploy.story.spans import Spans
from deploy.story.stage import Stage
from deploy.story.told import Told


async def judge(stage: Stage, told: Told, spans: Spans | None, progress: Progress, *, timed: bool) -> list[Verdict]:
    """`spans` are those that the services sent, where a collector was there; `timed` judges latencies too."""
    found = [*settled.judge(stage, told), *shared.judge(stage, told), *alarmed.judge(stage, told, spans, timed=timed)]
    return found + [verdict async for verdict in leaks.judge(stage, told, spans, progress)]
