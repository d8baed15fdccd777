"""The search, after the story, for what names people in topics, logs and traces."""

from collections.abc import AsyncIterator

from simulation.scenario.cast import LOADER, SYSTEMS
from simulation.scenario.judging import Verdict, none
from simulation.scenario.scan import Leak, Scanner, scan_files, scan_topics
from simulation.scenario.spans import Spans
from simulation.scenario.stage import Stage
from simulation.scenario.told import Told


async def judge(stage: Stage, told: Told, spans: Spans | None) -> AsyncIterator[Verdict]:
    """The rest of point 3: every byte of every internal topic, log line and trace attribute."""
    scanner = Scanner(told.day.everybody, SYSTEMS.values())
    stack = stage.stack
    stage.progress("searching for leaks", 0, 3)
    _, there = await scan_topics(stack.kafka, [stage.names.intake(LOADER)], scanner)
    yield none("the search finds what partners sent", [] if there else ["nothing, where everything stands"])
    count, found = await scan_topics(stack.kafka, stage.names.internal(), scanner)
    yield none(f"internal topics name nobody ({count:,} records)", _places(found))
    stage.progress("searching for leaks", 1, 3)
    count, found = scan_files(stack.folder / "log", scanner)
    yield none(f"logs name nobody ({count:,} lines)", _places(found))
    stage.progress("searching for leaks", 2, 3)
    if spans:
        found = scanner.leaks({f"span {number}": line for number, line in enumerate(spans.lines())})
        yield none(f"traces name nobody ({len(spans.all):,} spans)", _places(found))
    stage.progress("searching for leaks", 3, 3)


def _places(found: list[Leak]) -> list[str]:
    return [f"{leak.place}: {leak.kind}" for leak in found]
