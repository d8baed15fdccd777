"""The search, after the scenario, for what names people in topics, logs and traces."""

from collections.abc import AsyncIterator

from simulation.scenario.checks.expectations import Expectation, expect_none
from simulation.scenario.context import ScenarioContext
from simulation.scenario.identifier_scanner import IdentifierScanner, Leak, scan_files, scan_topics
from simulation.scenario.observations import Observations
from simulation.scenario.participants import REGISTRY_OWNER, SYSTEMS
from simulation.scenario.span_collector import SpanCollector


async def check_personal_data(
    context: ScenarioContext, observations: Observations, collector: SpanCollector | None
) -> AsyncIterator[Expectation]:
    """Every byte of every internal topic, log line and trace attribute."""
    scanner = IdentifierScanner(observations.day.everybody, SYSTEMS.values())
    stack = context.stack
    context.progress("searching for leaks", 0, 3)
    _, leaks = await scan_topics(stack.kafka, [context.names.intake(REGISTRY_OWNER)], scanner)
    yield expect_none("the search finds what partners sent", [] if leaks else ["nothing, where everything stands"])
    count, leaks = await scan_topics(stack.kafka, context.names.internal(), scanner)
    yield expect_none(f"internal topics name nobody ({count:,} records)", _places(leaks))
    context.progress("searching for leaks", 1, 3)
    count, leaks = scan_files(stack.folder / "log", scanner)
    yield expect_none(f"logs name nobody ({count:,} lines)", _places(leaks))
    context.progress("searching for leaks", 2, 3)
    if collector:
        leaks = scanner.leaks({f"span {number}": line for number, line in enumerate(collector.lines())})
        yield expect_none(f"traces name nobody ({len(collector.spans):,} spans)", _places(leaks))
    context.progress("searching for leaks", 3, 3)


def _places(leaks: list[Leak]) -> list[str]:
    return [f"{leak.place}: {leak.kind}" for leak in leaks]
