"""`simpul run`: everything on this machine, the story, and then whatever you like until Ctrl-C."""

import asyncio
import os
import signal
from pathlib import Path

import click
import psutil

from deploy.local.report import Progress
from deploy.local.stack import Stack
from simpul.machine import DATA
from simpul.progress import bars, quiet_clients
from simulation.scenario import evening
from simulation.scenario.cast import CONNECTED
from simulation.scenario.performance import already_there, next_day, perform
from simulation.scenario.play import FULL, Script
from simulation.scenario.stage import connected


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=DATA, show_default=True, help="Where the data is.")
@click.option("--people", default=FULL.people, show_default=True, help="Registrations of the day.")
@click.option("--load", default=FULL.load, show_default=True, help="Records of the bulk load.")
@click.option("--play/--no-play", default=True, help="Without the story it starts, and waits.")
@click.option("--brokers", type=click.IntRange(1, 3), default=1, show_default=True, help="Kafka brokers.")
@click.option("--copies", type=click.IntRange(1), default=1, show_default=True, help="Of each process of a service.")
def run(folder: Path, people: int, load: int, play: bool, brokers: int, copies: int) -> None:
    """Start everything, play the story, and run until Ctrl-C. TRACES=1 starts Zipkin too."""
    traces = os.environ.get("TRACES") == "1"
    stack = Stack(folder, traces=traces, connect=CONNECTED, brokers=brokers, copies=copies)
    asyncio.run(_until_stopped(stack, Script(people=people, load=load) if play else None))
    click.echo("Stopped. The data stays: the next run is the next day.")


async def _until_stopped(stack: Stack, script: Script | None) -> None:
    """A signal ends whatever is being done, in order; nothing is left running."""
    running = asyncio.ensure_future(_run(stack, script))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    await asyncio.wait([running])
    if not running.cancelled():
        running.result()


async def _run(stack: Stack, script: Script | None) -> None:
    try:
        with bars() as progress, quiet_clients():
            await stack.start(progress)
            lines = await _play(stack, script, progress) if script else []
        for line in lines:
            click.echo(line)
        click.echo(f"\nRunning at {stack.url('gateway-api')}/docs, Kafka at {stack.url('kafka')}, {_memory(stack)}.")
        click.echo("Ctrl-C stops everything.")
        await asyncio.Event().wait()
    finally:
        await stack.stop()


async def _play(stack: Stack, script: Script, progress: Progress) -> list[str]:
    day = next_day(stack.folder)
    async with connected(stack, progress) as stage:
        found = await already_there(stack.kafka, [stage.names.events(name) for name in ("registry", "alerts")])
        played = await perform(stage, script, day, stored=False)
        earlier = [f"From the days before there were {found:,} events in the log."] if found else []
        return [*earlier, *evening.outcome(played.numbers), "", *evening.doors(stage, played.told)]


def _memory(stack: Stack) -> str:
    """What its processes hold, shared pages counted with each."""
    sizes = [psutil.Process(pid).memory_info().rss for name in stack.names() if (pid := stack.pid(name))]
    return f"{len(sizes)} processes in {sum(sizes) / 2**30:.1f} GiB of memory"
