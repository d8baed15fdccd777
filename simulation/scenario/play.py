"""The story "a departure that goes wrong", act by act."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from simulation.scenario import calls, facts, reads, rounds, trespass
from simulation.scenario.day import Day, plan
from simulation.scenario.stage import Stage
from simulation.scenario.told import Told


@dataclass(frozen=True, slots=True)
class Script:
    """How large the story is. `due` seconds after its opening the round is due."""

    people: int = 2000
    load: int = 10_000
    calls: int = 20
    due: float = 30

    def day(self, number: int) -> Day:
        """Day `number` of this script, played now."""
        return plan(number, datetime.now(UTC), count=self.people, load=self.load)


FULL = Script()
SMALL = Script(people=300, load=1500, calls=6, due=15)
"""For tests."""


async def play(stage: Stage, day: Day, script: Script) -> Told:
    """All acts in turn; what was sent and seen is what the checks judge."""
    told = Told(day)
    watching = asyncio.create_task(calls.watch(stage, told))
    try:
        await facts.play(stage, told)
        await trespass.play(stage, told)
        await rounds.open_round(stage, told, script.due)
        await calls.play_idle(stage, told, script.calls)
        await calls.play_under_load(stage, told, script.calls)
        await rounds.close_round(stage, told)
        await reads.play(stage, told)
        await facts.all_delivered(stage, told)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError, httpx.HTTPError):
            await watching
    return told
