"""`make bench`: starts a stack of its own, measures, prints a table, writes .simpul/bench.json."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import alert, audit, intake, interactive, matching, recovery
from bench.figures import processes
from bench.linkage import beside_splink as linkage
from bench.records import RECEIVERS, SENDER
from deploy.local.ports import anywhere
from deploy.local.stack import Stack

RESULT = Path(".simpul/bench.json")
PARTNERS = (SENDER, *RECEIVERS, "KEMLU")
GROWTH_SAMPLE = 5_000
Figures = dict[str, Any]
console = Console()


@asynccontextmanager
async def _stack(cache: str = "1G") -> AsyncIterator[Stack]:
    with tempfile.TemporaryDirectory(prefix="simpul-bench-") as folder:
        async with Stack(Path(folder), ports=anywhere(), connect=PARTNERS, cache=cache) as stack:
            yield stack


Step = Callable[[Stack], Awaitable[Any]]


def _steps(count: int) -> dict[str, Step]:
    """Figure to measurement, in the order in which they build on each other: callers are people registered before."""
    return {
        "intake": lambda stack: intake.beside_floor(stack, count, seeds=(11, 12, 13)),
        "audit": lambda stack: audit.cost(stack, count, seed=70),
        "processes": lambda stack: _now(processes(stack)),
        "alert idle": lambda stack: alert.latencies(stack, load=0, known_seed=11),
        "alert under load": lambda stack: alert.latencies(stack, load=count, known_seed=11),
        "interactive": lambda stack: interactive.beside_bare(stack, seed=40),
        "recovery": lambda stack: recovery.seconds(stack, seed=60),
    }


async def _everything(count: int, sizes: list[int]) -> Figures:
    figures: Figures = {}
    if count:
        async with _stack() as stack:
            for name, step in _steps(count).items():
                console.print(f"[bold]{name}[/] …")
                figures[name] = await step(stack)
                console.print(figures[name])
    if sizes:
        async with _stack() as stack:
            console.print("[bold]growth[/] …")
            figures["growth"] = await intake.growth(stack, sizes, sample=GROWTH_SAMPLE, stored=0)
    return figures


async def _matching(sizes: list[int]) -> Figures:
    async with _stack(cache=matching.CACHE) as stack:
        return await matching.figures(stack, sizes, sample=GROWTH_SAMPLE)


async def _now(value: Any) -> Any:
    return value


def _faster_server(count: int) -> list[Figures] | None:
    """(a) once more on the server that MONGO_URL names, which shows what our own code costs."""
    if "MONGO_URL" not in os.environ:
        return None

    async def run() -> list[Figures]:
        async with _stack() as stack:
            return await intake.beside_floor(stack, count, seeds=(11, 12, 13))

    return asyncio.run(run())


def _table(figures: Figures) -> Table:
    table = Table("figure", "value", title="bench")
    for name, value in figures.items():
        rows = value.items() if isinstance(value, dict) else enumerate(value)
        for key, figure in rows:
            table.add_row(f"{name} · {key}", str(figure))
    return table


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "--records", type=int, default=10_000, help="of one intake run (default 10,000; 0: growth only)"
    )
    parser.add_argument("--growth", type=int, nargs="*", default=[10_000, 200_000], help="stored persons to compare at")
    parser.add_argument(
        "--matching", type=int, nargs="*", default=[10_000, 200_000], help="stored persons to recognise others among"
    )
    parser.add_argument("--million", action="store_true", help="recognise among a million too (half an hour)")
    parser.add_argument(
        "--linkage", nargs="*", default=linkage.USUAL, choices=linkage.ALL, help="lists to link, beside Splink"
    )
    chosen = parser.parse_args()
    faster = _faster_server(chosen.records) if chosen.records else None
    os.environ.pop("MONGO_URL", None)
    figures = asyncio.run(_everything(chosen.records, chosen.growth))
    if sizes := [*chosen.matching, *([1_000_000] if chosen.million else [])]:
        console.print("[bold]matching[/] …")
        figures["matching"] = asyncio.run(_matching(sizes))
    if faster:
        figures["intake on MONGO_URL"] = faster
    console.print(_table(figures))
    if chosen.linkage:
        figures["linkage"] = linkage.measure(chosen.linkage, report=console.print)
        console.print(linkage.table(figures["linkage"]))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=1) + "\n")
    console.print(f"written to {RESULT}")


if __name__ == "__main__":
    main()
