"""`python -m tests.system.chaos --minutes 20 --seed 7 [--cluster] [--faults kill,disk] [--folder FOLDER]`."""

import argparse
import asyncio
import secrets
import signal
import sys
import tempfile
from pathlib import Path

from simpul.progress import quiet_clients
from tests.system.chaos import clock, schedule
from tests.system.chaos.disk import MayNotMount, become_one_with_own_mounts
from tests.system.chaos.run import Plan, Report, run
from tests.system.chaos.schedule import Fault

MODULE = "tests.system.chaos"


def main() -> None:
    asked = _asked()
    faults = _possible(_wanted(asked.faults, cluster=asked.cluster))
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="simpul-chaos-"))
    if folder.exists() and any(folder.iterdir()):
        sys.exit(f"{folder} is not empty: the sums are of one run.")
    plan = Plan(asked.seed, asked.minutes * 60, faults, folder, asked.cluster)
    report: Report | None = None
    try:
        with quiet_clients():
            report = asyncio.run(_until_stopped(plan))
    finally:
        if report is None or report.problems:
            print(f"Seed {asked.seed}. Logs and timeline are in {folder}.")
    sys.exit(1 if report is None or report.problems else 0)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m {MODULE}", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10_000), help="the same strikes again")
    parser.add_argument("--cluster", action="store_true", help="three brokers and two of each process")
    parser.add_argument("--faults", default="", help=f"of {','.join(schedule.ALL)}; with --cluster only broker")
    parser.add_argument("--folder", type=Path, help="data and logs; a temporary folder without it")
    return parser.parse_args()


def _wanted(written: str, *, cluster: bool) -> list[Fault]:
    if not written:
        return ["broker"] if cluster else [*schedule.ALL]
    names = written.split(",")
    if unknown := set(names) - set(schedule.ALL):
        sys.exit(f"There is no fault {', '.join(sorted(unknown))}: choose of {', '.join(schedule.ALL)}.")
    return [fault for fault in schedule.ALL if fault in names]


def _possible(faults: list[Fault]) -> tuple[Fault, ...]:
    """Those that this machine lets us do; says of each other one why not."""
    obstacles: dict[Fault, str] = {}
    if "disk" in faults:
        try:
            become_one_with_own_mounts(MODULE, sys.argv[1:])
        except MayNotMount as reason:
            obstacles["disk"] = str(reason)
    if "clock" in faults and clock.library() is None:
        obstacles["clock"] = "libfaketime is not installed (requirements/dev.txt)"
    for fault, obstacle in obstacles.items():
        print(f"skipped: {fault}, because {obstacle}")
    return tuple(fault for fault in faults if fault not in obstacles)


async def _until_stopped(plan: Plan) -> Report | None:
    """None when a signal ended it; nothing is left running either way."""
    running = asyncio.ensure_future(run(plan))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    await asyncio.wait([running])
    return None if running.cancelled() else running.result()


if __name__ == "__main__":
    main()
