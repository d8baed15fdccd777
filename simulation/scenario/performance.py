"""A whole evening: the story is played on a stage and judged; which day it is, and what earlier days left."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka import TopicPartition
from confluent_kafka.admin import OffsetSpec

from deploy.local.kafka import KafkaLogin
from simulation.scenario import alarmed, leaks, settled, shared
from simulation.scenario.judging import Verdict
from simulation.scenario.play import Script, play
from simulation.scenario.spans import Spans
from simulation.scenario.stage import Stage
from simulation.scenario.summary import summary
from simulation.scenario.told import Told


@dataclass(frozen=True, slots=True)
class Performance:
    """What was told, how it was judged, and the numbers of it."""

    told: Told
    verdicts: list[Verdict]
    numbers: dict[str, Any]


async def perform(
    stage: Stage,
    script: Script,
    day: int = 1,
    *,
    spans: Spans | None = None,
    timed: bool = True,
    stored: bool = True,
) -> Performance:
    """Play day `day` and judge it: with `timed` the latencies too, with `stored` every byte that was stored.

    `spans` are those that the services send, where a collector runs.
    """
    told = await play(stage, script.day(day), script)
    verdicts = [
        *settled.judge(stage, told),
        *shared.judge(stage, told),
        *alarmed.judge(stage, told, spans, timed=timed),
    ]
    if stored:
        verdicts += [verdict async for verdict in leaks.judge(stage, told, spans)]
    return Performance(told, verdicts, summary(stage, told, verdicts))


def next_day(folder: Path) -> int:
    """The number of the day that begins now; every call begins another, for a story cut short has its traces too."""
    file = folder / "story.day"
    day = int(file.read_text()) + 1 if file.exists() else 1
    file.write_text(str(day))
    return day


async def already_there(login: KafkaLogin, topics: Iterable[str]) -> int:
    """How many messages stand in these topics."""
    return await asyncio.to_thread(_count, login, topics)


def _count(login: KafkaLogin, topics: Iterable[str]) -> int:
    admin = login.admin()
    there = admin.list_topics(timeout=30).topics
    places = [TopicPartition(name, partition) for name in topics for partition in there[name].partitions]
    newest: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
    futures = admin.list_offsets(dict.fromkeys(places, newest))
    return sum(future.result(30).offset for future in futures.values())
