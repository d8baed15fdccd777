"""Inside each process of a chaos run: on SIGUSR2 it writes to its log where each of its tasks waits.

Python imports a module of this name by itself at its start, where its folder is in PYTHONPATH.
"""

import asyncio
import signal
import sys
from types import FrameType


def write_where_tasks_wait(_signal: int, _frame: FrameType | None) -> None:
    for task in list(asyncio.tasks._all_tasks):  # type: ignore[attr-defined]
        if not task.done():
            task.print_stack(limit=12, file=sys.stderr)
    sys.stderr.flush()


signal.signal(signal.SIGUSR2, write_where_tasks_wait)
