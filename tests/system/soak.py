"""An hour's worth of records in minutes: what is done with is deleted by age, and nothing piles up.

`python -m tests.system.soak --minutes 6 --records-a-second 100`: ages of days are shortened to seconds by settings.
Work (outboxes, processed commands) must stay flat; facts (persons, answers, alerts) grow with what is told.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean

import psutil

from deploy.local import ports
from deploy.local.stack import Stack
from simpul.progress import quiet_clients
from tests.eventually import remaining
from tests.system.chaos.sums import Sums
from tests.system.chaos.traffic import RECORDS_A_SECOND, Traffic
from tests.system.load import CONNECTED

KEPT_SECONDS = 10.0
"""In place of a day for messages that are published, and of a month for processed commands."""
LATE_SECONDS = 20.0
"""How much longer a document may be there: deletion goes round every quarter of the time kept, beside other work."""
WORK = ("outbox", "processed_commands", "processed_batches", "dead_letters", "pending_enrichments", "held_back")
"""Collections of each service that hold what is done with, or still to be done: none of it may grow."""
GROWTH = 1.3
"""How much more there may be in the last third of the time than in the second: load and deletion breathe."""
FEW = 50
"""Documents that do not count as growth."""


@dataclass
class Soak:
    """`samples`: documents of each collection, in the order of time. `late`: seconds that something stayed too long."""

    samples: list[Mapping[str, int]] = field(default_factory=list)
    late: dict[str, float] = field(default_factory=dict)
    memory: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def growing(self) -> list[str]:
        """Collections of work that hold more and more."""
        found = []
        third = len(self.samples) // 3
        for name in sorted({name for sample in self.samples for name in sample if is_work(name)}):
            counts = [sample.get(name, 0) for sample in self.samples]
            second, last = fmean(counts[third : 2 * third]), fmean(counts[2 * third :])
            if last > GROWTH * second + FEW:
                found.append(f"{name} grows: {second:.0f} documents in the second third, {last:.0f} in the last")
        return found

    def overdue(self) -> list[str]:
        """Collections in which something stays that should be gone."""
        return [
            f"{name}: something is there {seconds:.0f} s after its time"
            for name, seconds in self.late.items()
            if seconds > LATE_SECONDS
        ]


def is_work(name: str) -> bool:
    """Of `registry.outbox`, for instance."""
    return name.partition(".")[2] in WORK


async def soak(folder: Path, seconds: float, pace: float, say: Callable[[str], None] = print) -> Soak:
    """`pace`: how many times the usual load. The stack ends with it."""
    result = Soak()
    async with _running(folder, seconds, pace) as (stack, traffic):
        with closing(Sums(stack, traffic)) as sums:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                await asyncio.sleep(seconds / 60)
                await _look(stack, sums, result)
                if len(result.samples) % 10 == 0:
                    say(_line(result))
            await traffic.pause()
            await _settle(sums, result)
    result.problems += [*result.growing(), *result.overdue()]
    return result


@asynccontextmanager
async def _running(folder: Path, seconds: float, pace: float) -> AsyncIterator[tuple[Stack, Traffic]]:
    kept = {
        "OUTBOX_KEPT_HOURS": str(KEPT_SECONDS / 3600),
        "PROCESSED_KEPT_DAYS": str(KEPT_SECONDS / 86_400),
    }
    stack = Stack(folder, ports=ports.anywhere(), cache="256M", connect=CONNECTED, settings=kept)
    async with stack:
        traffic = Traffic(stack, seed=1, seconds=seconds, pace=pace, repeats=False)
        try:
            await traffic.start()
            yield stack, traffic
        finally:
            await traffic.stop()


async def _look(stack: Stack, sums: Sums, result: Soak) -> None:
    result.samples.append(await sums.stored())
    result.memory.append(sum(psutil.Process(pid).memory_info().rss for n in stack.names() if (pid := stack.pid(n))))
    due = datetime.now(UTC) - timedelta(seconds=KEPT_SECONDS)
    for name, oldest in (await sums.oldest(("outbox", "processed_commands"))).items():
        result.late[name] = max(result.late.get(name, 0.0), (due - oldest).total_seconds())


async def _settle(sums: Sums, result: Soak) -> None:
    """Nothing of what was told is lost for being deleted."""
    result.problems += await remaining(sums.unsettled, within=120) or sums.seen()


def _line(result: Soak) -> str:
    work = {name: count for name, count in result.samples[-1].items() if is_work(name) and count}
    return f"{result.memory[-1] / 2**20:6.0f} MiB  " + "  ".join(f"{name} {count}" for name, count in work.items())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.system.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=6.0)
    parser.add_argument("--records-a-second", type=float, default=100.0)
    asked = parser.parse_args()
    sys.exit(asyncio.run(_until_stopped(asked.minutes * 60, asked.records_a_second / RECORDS_A_SECOND)))


async def _until_stopped(seconds: float, pace: float) -> int:
    """The status to end with; nothing is left running."""
    with tempfile.TemporaryDirectory(prefix="simpul-soak-") as folder, quiet_clients():
        running = asyncio.ensure_future(soak(Path(folder), seconds, pace))
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, running.cancel)
        await asyncio.wait([running])
    if running.cancelled():
        return 1
    for problem in running.result().problems:
        print(f"WRONG: {problem}")
    return 1 if running.result().problems else 0


if __name__ == "__main__":
    main()
