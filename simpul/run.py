"""`simpul run`: everything on this machine, the scenario, and then whatever you like until Ctrl-C."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import click
import psutil

from contracts.topics import Names
from deploy.local.progress import Progress
from deploy.local.stack import Stack
from services.gateway import flood_watch, suspension_watch
from simpul.broker_login import partner_limits
from simpul.machine import DATA
from simpul.partners import say_change, say_suspension
from simpul.progress import bars, quiet_clients
from simulation.scenario.console_report import report_access, report_numbers
from simulation.scenario.context import connected_partners
from simulation.scenario.officers import OFFICERS, Officer
from simulation.scenario.participants import CONNECTED
from simulation.scenario.scenario_run import FULL, ScenarioSize, count_messages, next_day, run_scenario


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), default=DATA, show_default=True, help="Where the data is.")
@click.option("--people", default=FULL.people, show_default=True, help="Registrations of the day.")
@click.option("--load", default=FULL.load, show_default=True, help="Records of the bulk load.")
@click.option("--play/--no-play", default=True, help="Without the scenario it starts, and waits.")
@click.option("--brokers", type=click.IntRange(1, 3), default=1, show_default=True, help="Kafka brokers.")
@click.option("--copies", type=click.IntRange(1), default=1, show_default=True, help="Of each process of a service.")
def run(folder: Path, people: int, load: int, play: bool, brokers: int, copies: int) -> None:
    """Start everything, run the scenario, and stay until Ctrl-C. TRACES=1 starts Zipkin too."""
    traces = os.environ.get("TRACES") == "1"
    stack = Stack(folder, traces=traces, sign_in=True, connect=CONNECTED, brokers=brokers, copies=copies)
    asyncio.run(_until_stopped(stack, ScenarioSize(people=people, load=load) if play else None))
    click.echo("Stopped. The data stays: the next run is the next day.")


async def _until_stopped(stack: Stack, size: ScenarioSize | None) -> None:
    """A signal ends whatever is being done, in order; nothing is left running."""
    running = asyncio.ensure_future(_run(stack, size))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    await asyncio.wait([running])
    if not running.cancelled():
        running.result()


async def _run(stack: Stack, size: ScenarioSize | None) -> None:
    watching: asyncio.Task[None] | None = None
    try:
        with bars() as progress, quiet_clients():
            await stack.start(progress)
        click.echo(_where_to_look(stack))
        with bars() as progress, quiet_clients():
            watching = asyncio.create_task(_watch_partners(stack))
            lines = await _run_day(stack, size, progress) if size else []
        for line in lines:
            click.echo(line)
        click.echo(f"\nRunning at {stack.url('gateway-api')}/docs, Kafka at {stack.url('kafka')}, {_memory(stack)}.")
        click.echo(_where_to_look(stack))
        click.echo("Ctrl-C stops everything.")
        await asyncio.Event().wait()
    finally:
        if watching is not None:
            watching.cancel()
        with bars() as progress:
            await stack.stop(progress)


def _where_to_look(stack: Stack) -> str:
    """The address of the pages, and some of those whom one may sign in as."""
    people = "".join(f"\n  {officer.name:<16} {officer.organisation:<10} {what}" for officer, what in _people())
    return (
        f"\nLook at {stack.url('gateway-api')} and sign in, without a password on this machine, for instance as{people}"
    )


def _people() -> Iterator[tuple[Officer, str]]:
    """One for each kind of work that the pages are for, in the order of the story."""
    shown: set[str] = set()
    for officer in OFFICERS:
        for role in officer.roles:
            if role in SHOWN and role not in shown:
                shown.add(role)
                yield officer, SHOWN[role]


SHOWN = {
    "duty_officer": "on duty: takes and ends alerts (purpose: emergency protection)",
    "migration_coordinator": "coordinates: sees every alert, and who has answered",
    "mgi_coordinator": "opens rounds and sees every answer",
    "indicator_focal_point": "answers the institution's questions",
    "identity_steward": "decides who is who (purpose: identity stewardship)",
    "data_protection_officer": "reviews what was disclosed",
}


async def _watch_partners(stack: Stack) -> None:
    login, names = stack.kafka.confluent, Names(stack.prefix)
    await asyncio.gather(
        flood_watch.watch(login, names, partner_limits(), say_change),
        suspension_watch.watch(login, names, say_suspension),
    )


async def _run_day(stack: Stack, size: ScenarioSize, progress: Progress) -> list[str]:
    day = next_day(stack.folder)
    async with connected_partners(stack, progress) as context:
        topics = [context.names.events(service) for service in ("registry", "alerts")]
        count = await count_messages(stack.kafka, topics)
        finished = await run_scenario(context, size, day, search_stored=False)
        earlier = [f"From the days before there were {count:,} events in the log."] if count else []
        return [*earlier, *report_numbers(finished.numbers), "", *report_access(context, finished.observations)]


def _memory(stack: Stack) -> str:
    """What its processes hold, shared pages counted with each."""
    sizes = [psutil.Process(pid).memory_info().rss for name in stack.names() if (pid := stack.pid(name))]
    return f"{len(sizes)} processes in {sum(sizes) / 2**30:.1f} GiB of memory"
