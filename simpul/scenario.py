"""`simpul scenario`: run the scenario on a stack of its own, and check every expectation of it."""

import asyncio
import json
import os
import secrets
import sys
import tempfile
from pathlib import Path

import click

from deploy.local import ports
from deploy.local.progress import Progress
from deploy.local.stack import Stack
from simpul.machine import DATA
from simpul.progress import bars, quiet_clients
from simulation.scenario.console_report import report_numbers
from simulation.scenario.context import connected_partners
from simulation.scenario.participants import CONNECTED
from simulation.scenario.scenario_run import FULL, ScenarioResult, ScenarioSize, run_scenario
from simulation.scenario.span_collector import collecting_spans


@click.command()
@click.option("--people", default=FULL.people, show_default=True, help="Registrations of the day.")
@click.option("--load", default=FULL.load, show_default=True, help="Records of the bulk load.")
@click.option("--calls", default=FULL.calls, show_default=True, help="Distress calls, quiet and again under load.")
@click.option("--result", type=click.Path(path_type=Path), default=DATA / "scenario.json", show_default=True)
@click.option("--tls", is_flag=True, help="Everything over TLS, with certificates of a CA made for it.")
def scenario(people: int, load: int, calls: int, result: Path, tls: bool) -> None:
    """Run the scenario "a departure that goes wrong" in a temporary folder, and check every expectation of it."""
    with bars() as progress, quiet_clients():
        finished = asyncio.run(_run(ScenarioSize(people=people, load=load, calls=calls), progress, tls=tls))
    for line in (*map(str, finished.expectations), "", *report_numbers(finished.numbers)):
        click.echo(line)
    result.parent.mkdir(parents=True, exist_ok=True)
    result.write_text(json.dumps(finished.numbers, indent=2) + "\n")
    sys.exit(1 if finished.numbers["unmet"] else 0)


async def _run(size: ScenarioSize, progress: Progress, *, tls: bool) -> ScenarioResult:
    with tempfile.TemporaryDirectory(prefix="simpul-scenario-") as folder, collecting_spans() as collector:
        settings = {"ZIPKIN_ENDPOINT": collector.endpoint}
        stack = Stack(
            Path(folder), ports=ports.anywhere(), prefix=_prefix(), settings=settings, connect=CONNECTED, tls=tls
        )
        await stack.start(progress)
        try:
            async with connected_partners(stack, progress) as context:
                return await run_scenario(context, size, collector=collector)
        finally:
            await stack.stop(progress)


def _prefix() -> str:
    """A name space of its own on servers that were given: others may use them."""
    shared = {"KAFKA_URL", "MONGO_URL"} & os.environ.keys()
    return f"scenario{secrets.token_hex(3)}." if shared else ""
