"""Several processes at once: started, and stopped."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from operator import methodcaller
from typing import Any

from deploy.local.process import Process
from deploy.local.progress import Progress


async def start_all(what: str, processes: Iterable[Process], progress: Progress) -> None:
    """All at once; the first that fails ends the others and is what the caller sees. `what` is said while they do."""
    await _each(what, processes, methodcaller("start"), progress)


async def stop_all(what: str, processes: Iterable[Process], progress: Progress) -> None:
    """As `start_all`."""
    await _each(what, processes, methodcaller("stop"), progress)


async def _each(
    what: str, processes: Iterable[Process], act: Callable[[Process], Coroutine[Any, Any, None]], progress: Progress
) -> None:
    several = list(processes)
    count = 0
    progress(what, count, len(several))

    async def act_on(process: Process) -> None:
        nonlocal count
        await act(process)
        count += 1
        progress(what, count, len(several))

    try:
        async with asyncio.TaskGroup() as group:
            for process in several:
                group.create_task(act_on(process))
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
