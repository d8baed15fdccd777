"""`make conformance`: outcomes decide its exit code; a ratio that left its recorded band is a warning."""

import asyncio
import json
import os
import secrets
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from motor.motor_asyncio import AsyncIOMotorClient
from rich.console import Console
from rich.table import Table

from bench.conformance import outcomes, ratios
from deploy.local import ports
from deploy.local.database import Database

RESULT = Path(".simpul/conformance.json")
STALL_DOCUMENTS = 130_000
"""With the log of changes pruned inside clients' writes, 96,000 of them stalled a cache of 64 MB for good."""

BANDS = {
    "D1 retried writes": (0.7, 3.0),
    "D4 delete_many of 1,000": (2.0, 6.0),
    "D6 prefix as regular expression": (10.0, 200.0),
    "D8 find of 500 ids": (2.0, 12.0),
    "D9 transaction beside a load": (1.5, 100.0),
    "D10 TTL index": (1.5, 5.0),
}
"""Where each ratio was with SecantusDB 0.7.0b3 and its launcher; below its band, a rule of ours may go."""


@dataclass(frozen=True)
class Line:
    """One row of the table. `good` is None where nothing is expected."""

    what: str
    outcome: str
    expected: str
    good: bool | None
    decides: bool


async def main() -> int:
    url = os.environ.get("MONGO_URL")
    with tempfile.TemporaryDirectory(prefix="simpul-conformance-") as folder:
        lines = await _of_given(url) if url else await _of_own(Path(folder))
    _show(lines)
    return 1 if any(line.decides and line.good is False for line in lines) else 0


async def _of_given(url: str) -> list[Line]:
    """A server that we cannot kill: D5, D7 and the ratios, which have no band there."""
    name = f"conformance-{secrets.token_hex(4)}"
    client: AsyncIOMotorClient = AsyncIOMotorClient(url)
    try:
        return [await _upserts(url, name), await _orphan(url, name, 65), *await _ratios(url, name, banded=False)]
    finally:
        await client.drop_database(name)
        client.close()


async def _of_own(folder: Path) -> list[Line]:
    first_port, second_port = ports.free(2)
    database, tiny = Database("one", folder, first_port, "256M"), Database("small", folder, second_port, "64M")
    lines: list[Line] = []
    try:
        await database.start()
        lines += [await _kills(database), await _upserts(database.url, "d5"), await _orphan(database.url, "d7", 8)]
        lines += await _ratios(database.url, "ratios", banded=True)
        await database.stop()
        await tiny.start()
        lines.append(await _stall(tiny.url))
    finally:
        database.kill()
        tiny.kill()
    return lines


async def _kills(database: Database) -> Line:
    killed = await outcomes.kill_during_transactions(database)
    outcome = f"{killed.lost} lost, {killed.torn} torn of {killed.acknowledged}"
    return Line(
        "D2 transactions after a kill", outcome, "0 lost, 0 torn", killed.lost == killed.torn == 0, decides=True
    )


async def _stall(url: str) -> Line:
    pause = await outcomes.longest_pause(url, STALL_DOCUMENTS)
    return Line("D3 longest pause of a full cache", f"{pause:.1f} s", "under 10 s", pause < 10, decides=True)


async def _upserts(url: str, name: str) -> Line:
    result = await outcomes.upsert_race(url, name)
    outcome = f"{result.lost} lost, {result.empty} answered without a document"
    return Line("D5 racing upserts", outcome, "0 lost", result.lost == 0, decides=True)


async def _orphan(url: str, name: str, limit: float) -> Line:
    seconds = await outcomes.orphaned_transaction(url, name)
    return Line("D7 orphaned transaction", f"{seconds:.1f} s", f"under {limit} s", seconds < limit, decides=True)


async def _ratios(url: str, name: str, *, banded: bool) -> list[Line]:
    client: AsyncIOMotorClient = AsyncIOMotorClient(url)
    db = client[name]
    await ratios.fill(db)
    measured: dict[str, Callable[[], Awaitable[float]]] = {
        "D1 retried writes": lambda: ratios.retried_writes(db, url),
        "D4 delete_many of 1,000": lambda: ratios.delete_many(db),
        "D6 prefix as regular expression": lambda: ratios.full_scan(db),
        "D8 find of 500 ids": lambda: ratios.find_in(db),
        "D9 transaction beside a load": lambda: ratios.waiting_transaction(db),
        "D10 TTL index": lambda: ratios.ttl_index(db),
    }
    lines = [_judged(what, await measure(), banded) for what, measure in measured.items()]
    client.close()
    return lines


def _judged(what: str, ratio: float, banded: bool) -> Line:
    low, high = BANDS[what]
    return Line(
        what,
        f"× {ratio:.1f}",
        f"× {low} to {high}" if banded else "–",
        low <= ratio <= high if banded else None,
        decides=False,
    )


def _show(lines: list[Line]) -> None:
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([asdict(line) for line in lines], indent=1))
    table = Table("defect", "found", "expected", "")
    for line in lines:
        verdict = {True: "as expected", False: "FAILED" if line.decides else "warning: left its band", None: ""}
        table.add_row(line.what, line.outcome, line.expected, verdict[line.good])
    Console().print(table)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
