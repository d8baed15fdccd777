"""Progress bars on a terminal; one line per finished step elsewhere."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from deploy.local.progress import Progress


@contextmanager
def bars() -> Iterator[Progress]:
    """What the rooms below call with (what, done, total): one bar per `what`."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<32}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=console, disable=not console.is_terminal) as shown:
        tasks: dict[str, TaskID] = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = shown.add_task(what, total=total)
            shown.update(tasks[what], completed=done, total=total)
            if done == total and not console.is_terminal:
                console.print(f"{what}: {done}/{total}", highlight=False)

        yield progress


@contextmanager
def quiet_clients() -> Iterator[None]:
    """Simulated partners try what the broker refuses; what their client library says of it stays out of the way."""
    library = logging.getLogger("aiokafka")
    silent = logging.NullHandler()
    library.addHandler(silent)
    try:
        yield
    finally:
        library.removeHandler(silent)
