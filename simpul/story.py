"""`simpul story`: play the story on a stack of its own, and judge it."""

import asyncio
import json
import os
import secrets
import sys
import tempfile
from pathlib import Path

import click

from deploy.local import ports
from deploy.local.report import Progress
from deploy.local.stack import Stack
from simpul.machine import DATA
from simpul.progress import bars, quiet_clients
from simulation.scenario import evening
from simulation.scenario.cast import CONNECTED
from simulation.scenario.performance import Performance, perform
from simulation.scenario.play import FULL, Script
from simulation.scenario.spans import collecting
from simulation.scenario.stage import connected


@click.command()
@click.option("--people", default=FULL.people, show_default=True, help="Registrations of the day.")
@click.option("--load", default=FULL.load, show_default=True, help="Records of the bulk load.")
@click.option("--calls", default=FULL.calls, show_default=True, help="Distress calls, quiet and again under load.")
@click.option("--result", type=click.Path(path_type=Path), default=DATA / "story.json", show_default=True)
def story(people: int, load: int, calls: int, result: Path) -> None:
    """Play the story in a temporary folder, and check every expectation of it."""
    with bars() as progress, quiet_clients():
        played = asyncio.run(_performed(Script(people=people, load=load, calls=calls), progress))
    for line in (*map(str, played.verdicts), "", *evening.outcome(played.numbers)):
        click.echo(line)
    result.parent.mkdir(parents=True, exist_ok=True)
    result.write_text(json.dumps(played.numbers, indent=2) + "\n")
    sys.exit(1 if played.numbers["unmet"] else 0)


async def _performed(script: Script, progress: Progress) -> Performance:
    with tempfile.TemporaryDirectory(prefix="simpul-story-") as folder, collecting() as spans:
        settings = {"ZIPKIN_ENDPOINT": spans.endpoint}
        stack = Stack(Path(folder), ports=ports.anywhere(), prefix=_prefix(), settings=settings, connect=CONNECTED)
        await stack.start(progress)
        try:
            async with connected(stack, progress) as stage:
                return await perform(stage, script, spans=spans)
        finally:
            await stack.stop()


def _prefix() -> str:
    """A name space of its own on servers that were given: others may use them."""
    shared = {"KAFKA_URL", "MONGO_URL"} & os.environ.keys()
    return f"story{secrets.token_hex(3)}." if shared else ""
