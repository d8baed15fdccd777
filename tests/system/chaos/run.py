"""One run: a stack, its load, the faults of a seed, and what is true in the end."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.local import ports
from deploy.local.service import SERVICES
from deploy.local.stack import Stack, nothing_more
from tests.eventually import remaining
from tests.system.chaos import clock
from tests.system.chaos.clock import Clocks
from tests.system.chaos.disk import SmallDisk
from tests.system.chaos.faults import Faults
from tests.system.chaos.proxy import Proxy
from tests.system.chaos.receiving import amplification
from tests.system.chaos.schedule import Fault, Places, Strike, draw
from tests.system.chaos.sums import Sums
from tests.system.chaos.traffic import TOLD, Traffic
from tests.system.load import CONNECTED

READY_SECONDS, SETTLE_SECONDS = 120.0, 300.0
"""How long everything may take to be ready, and then to be done with, when the last fault is over."""
MARKED_SECONDS = 30.0
"""Offsets are acknowledged, and outbox documents marked, a moment after the last receipt has come."""
LONG_WAIT = 10.0
"""Seconds: nobody waits longer while one broker of three is away."""
INSIDE = Path(__file__).with_name("inside")
"""A folder whose `sitecustomize` each process imports."""
DISK_BYTES, DISK_BYTES_A_MINUTE = 512 * 2**20, 64 * 2**20


@dataclass(frozen=True)
class Plan:
    """What a run is asked for; `faults`: names of tests.system.chaos.schedule."""

    seed: int
    seconds: float
    faults: tuple[Fault, ...]
    folder: Path
    cluster: bool = False


@dataclass
class Report:
    """`problems` is empty when all is well."""

    plan: Plan
    problems: list[str] = field(default_factory=list)
    timeline: list[str] = field(default_factory=list)
    numbers: dict[str, Any] = field(default_factory=dict)

    def lines(self) -> Iterable[str]:
        """For whoever asked for the run."""
        yield f"seed {self.plan.seed}, {self.plan.seconds / 60:.1f} minutes, faults {', '.join(self.plan.faults)}"
        for name, value in self.numbers.items():
            yield f"{name:<28} {value}"
        yield from (f"WRONG: {problem}" for problem in self.problems)
        yield "everything arrived, once and in order" if not self.problems else f"{len(self.problems)} things are wrong"


async def run(plan: Plan, say: Callable[[str], None] = print) -> Report:
    """The stack ends with it, whatever happens. The folder keeps logs, and `timeline.txt`."""
    report = Report(plan)
    began = time.monotonic()

    def note(text: str) -> None:
        line = f"{time.monotonic() - began:7.1f}  {text}"
        report.timeline.append(line)
        say(line)
        (plan.folder / "timeline.txt").write_text("\n".join(report.timeline) + "\n")

    plan.folder.mkdir(parents=True, exist_ok=True)
    async with _stage(plan, note) as (stack, faults, places):
        strikes = draw(plan.seed, plan.seconds, plan.faults, places)
        for strike in strikes:
            note(f"planned {strike}")
        traffic = Traffic(stack, plan.seed, plan.seconds)
        supervising = asyncio.create_task(faults.supervise())
        try:
            await traffic.start()
            note("the load begins")
            await _strike(faults, strikes, plan.seconds)
            note("the faults are over")
            with closing(Sums(stack, traffic)) as sums:
                await _judge(report, sums, faults, note)
        finally:
            supervising.cancel()
            await asyncio.gather(supervising, return_exceptions=True)
            await traffic.stop()
    for line in report.lines():
        note(line)
    return report


async def _strike(faults: Faults, strikes: Sequence[Strike], seconds: float) -> None:
    """The run goes on to its end when the last strike is over."""
    end = time.monotonic() + seconds
    await faults.carry_out(strikes)
    await asyncio.sleep(max(0.0, end - time.monotonic()))


async def _judge(report: Report, sums: Sums, faults: Faults, note: Callable[[str], None]) -> None:
    traffic = sums.traffic
    report.problems += await faults.all_ready(READY_SECONDS)
    try:
        await traffic.pause()
    except TimeoutError:
        report.problems.append("somebody still waits for an answer")
    note("nothing more is sent")
    left = await remaining(sums.unsettled, SETTLE_SECONDS)
    note("everything is settled" if not left else "not everything settles")
    wrong = await remaining(sums.wrong, 0 if left else MARKED_SECONDS)
    report.problems += [*left, *wrong, *faults.ended]
    if report.problems:
        await faults.write_where_tasks_wait()
    report.numbers |= _numbers(traffic) | {"stored": await sums.stored()}
    if report.plan.cluster and set(report.plan.faults) == {"broker"}:
        report.problems += _long_waits(traffic)


def _waits(traffic: Traffic) -> tuple[list[float], list[float]]:
    """Seconds of people's requests, and of calls until the last of those told has the first copy."""
    receipts = traffic.inboxes["KP2MI"].receipts
    arrived = []
    for call in traffic.calls:
        subject = next((receipt.body.get("subject") for receipt in receipts.get(call.record, ())), None)
        copies = [traffic.inboxes[code].alerts.get(str(subject)) for code in TOLD]
        if all(copies):
            arrived.append(max(found[0].at for found in copies if found) - call.sent)
    return [seconds for _, seconds in traffic.officers.waits], arrived


def _long_waits(traffic: Traffic) -> list[str]:
    requests, calls = _waits(traffic)
    return [
        f"{count} of {len(waits)} {what} waited more than {LONG_WAIT:.0f} s, the longest {max(waits):.1f} s"
        for what, waits in (("requests", requests), ("alerts", calls))
        if (count := sum(seconds > LONG_WAIT for seconds in waits))
    ]


def _numbers(traffic: Traffic) -> dict[str, Any]:
    requests, calls = _waits(traffic)
    sent = traffic.sent.values()
    return {
        "records": sum(len(one.expected) for one in sent),
        "of them to be refused": sum(result == "refused" for one in sent for result in one.expected.values()),
        "sent again after errors": sum(one.resent for one in sent),
        "people": len(traffic.registered) + len(traffic.officers.registered),
        "departures": len(traffic.departed),
        "alerts, taken": f"{len(traffic.calls)}, {len(traffic.officers.taken)}",
        "requests, tries": f"{len(requests)}, {traffic.officers.tries}",
        "told to ask again": dict(traffic.officers.refusals),
        "each message came": {kind: f"{times:.2f} times" for kind, times in amplification(traffic.inboxes).items()},
        "longest request, alert": f"{max(requests, default=0):.1f} s, {max(calls, default=0):.1f} s",
        f"waits over {LONG_WAIT:.0f} s": f"{_over(requests)} requests, {_over(calls)} alerts",
    }


def _over(waits: Sequence[float]) -> int:
    return sum(seconds > LONG_WAIT for seconds in waits)


@asynccontextmanager
async def _stage(plan: Plan, note: Callable[[str], None]) -> AsyncIterator[tuple[Stack, Faults, Places]]:
    """A stack that can be struck in every way the plan asks for."""
    free = ports.anywhere()
    proxies = {
        f"db-{service}": Proxy(port, free[f"db-{service}"])
        for service, port in zip(SERVICES, ports.free(len(SERVICES)), strict=True)
    }
    clocks = _clocks(plan)
    disks = _disks(plan)
    stack = Stack(
        plan.folder,
        ports=free,
        cache="256M",
        connect=CONNECTED,
        brokers=3 if plan.cluster else 1,
        copies=2 if plan.cluster else 1,
        settings={"PYTHONPATH": os.pathsep.join([str(INSIDE), os.environ.get("PYTHONPATH", "")])},
        settings_of=clocks.settings_of if clocks else nothing_more,
        database_ports={name.removeprefix("db-"): proxy.port for name, proxy in proxies.items()},
    )
    for proxy in proxies.values():
        await proxy.start()
    try:
        await stack.start()
        note(f"{len(stack.names())} processes run in {plan.folder}")
        yield stack, Faults(stack, note, proxies, disks, clocks), _places(stack, disks)
    finally:
        await stack.stop()
        for proxy in proxies.values():
            await proxy.stop()
        if clocks:
            clocks.clean_up()


def _clocks(plan: Plan) -> Clocks | None:
    preloaded = clock.library()
    return Clocks(plan.folder / "clock", preloaded) if "clock" in plan.faults and preloaded else None


def _disks(plan: Plan) -> dict[str, SmallDisk]:
    """The registry's database and the only broker stand on disks of their own."""
    if "disk" not in plan.faults:
        return {}
    room = DISK_BYTES + int(DISK_BYTES_A_MINUTE * plan.seconds / 60)
    names = ("db-registry",) if plan.cluster else ("db-registry", "kafka")
    return {name: SmallDisk(plan.folder / name, room) for name in names}


def _places(stack: Stack, disks: dict[str, SmallDisk]) -> Places:
    servers = [name for name in stack.names() if name not in stack.service_names()]
    return Places(
        services=stack.service_names(),
        databases=tuple(name for name in servers if name.startswith("db-")),
        brokers=tuple(name for name in servers if name.startswith("kafka")),
        full=tuple(disks),
    )
