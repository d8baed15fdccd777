"""Carries out a schedule on a running stack, and keeps everything running that is not struck."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence

import httpx

from deploy.local.service import SERVICE_OF
from deploy.local.stack import Stack
from tests.eventually import eventually
from tests.system.chaos.clock import Clocks
from tests.system.chaos.disk import SmallDisk
from tests.system.chaos.proxy import Proxy
from tests.system.chaos.schedule import Strike

SLOW_SECONDS = 1.0
"""What each operation of a slowed database takes at least."""
SPARE_SECONDS = 3.0
"""How long the second process stays when the frozen one has woken: both believe that they own the same partitions."""
IN_SYNC_SECONDS = 180.0
"""How long a broker that came back may take to hold everything again."""
Note = Callable[[str], None]


class Faults:
    """`note` is told what happens. `ended`: processes that ended by themselves, which a full disk alone excuses."""

    def __init__(
        self,
        stack: Stack,
        note: Note,
        proxies: Mapping[str, Proxy],
        disks: Mapping[str, SmallDisk],
        clocks: Clocks | None,
    ) -> None:
        self.stack, self.note = stack, note
        self.proxies, self.disks, self.clocks = proxies, disks, clocks
        self.ended: list[str] = []
        self._names = stack.names()
        self._brokers = [name for name in self._names if name.startswith("kafka")]
        self._away: set[str] = set()
        self._one_broker, self._one_disk = asyncio.Lock(), asyncio.Lock()
        self._spares: dict[str, str] = {}

    async def carry_out(self, strikes: Sequence[Strike]) -> None:
        """Each at its time; returns when the last is over."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for strike in sorted(strikes, key=lambda strike: strike.at):
                await asyncio.sleep(max(0.0, strike.at - (time.monotonic() - began)))
                self.note(str(strike))
                group.create_task(self._strike(strike))

    async def _strike(self, strike: Strike) -> None:
        (target, *_), seconds = strike.targets, strike.seconds
        match strike.fault:
            case "kill" | "kill_two":
                await self._kill(strike.targets, seconds)
            case "broker":
                await self._lose_broker(target, seconds)
            case "freeze":
                await self._freeze(target, seconds)
            case "slow":
                self.proxies[target].delay = SLOW_SECONDS
                await asyncio.sleep(seconds)
                self.proxies[target].delay = 0.0
            case "hole":
                self.proxies[target].swallows = True
                await asyncio.sleep(seconds)
                self.proxies[target].swallows = False
            case "disk":
                await self._fill(target, seconds)
            case "clock":
                assert self.clocks
                self.clocks.set_back(target, strike.back)
                await asyncio.sleep(seconds)
                self.clocks.set_back(target, 0)

    async def _kill(self, names: Sequence[str], seconds: float) -> None:
        self._away.update(names)
        for name in names:
            await asyncio.to_thread(self.stack.kill, name)
        await asyncio.sleep(seconds)
        for name in names:
            await self.stack.launch(name)
        self._away.difference_update(names)

    async def _lose_broker(self, name: str, seconds: float) -> None:
        """The next one only when all are in step again: with two of three away nothing is acknowledged.

        On a slow machine a strike then comes later than it was planned; its seconds are counted from there.
        """
        async with self._one_broker:
            if len(self._brokers) > 1:
                await eventually(self._in_sync, timeout=IN_SYNC_SECONDS, every=0.5)
                self.note(f"{name} goes away")
            await self._kill([name], seconds)

    async def _in_sync(self) -> bool:
        return all([await self.stack.is_ready(name) for name in self._brokers])

    async def _freeze(self, name: str, seconds: float) -> None:
        """A process that has no copy gets a second one, which takes over."""
        self.stack.pause(name)
        spare = await self._spare(name) if name in SERVICE_OF else None
        await asyncio.sleep(seconds)
        self.stack.resume(name)
        if spare:
            await asyncio.sleep(SPARE_SECONDS)
            await self.stack.stop_one(spare)

    async def _spare(self, process: str) -> str:
        if process not in self._spares:
            self._spares[process] = self.stack.add_another(process)
        await self.stack.launch(self._spares[process])
        return self._spares[process]

    async def _fill(self, name: str, seconds: float) -> None:
        """One at a time: who comes back from one full disk does not yet do so from the next."""
        async with self._one_disk:
            await self._fill_until_it_recovers(name, seconds)

    async def _fill_until_it_recovers(self, name: str, seconds: float) -> None:
        self._away.add(name)
        self.disks[name].fill()
        await asyncio.sleep(seconds)
        self.disks[name].make_room()
        if not await self._recovers(name):
            self.note(f"{name} did not survive its full disk: {self._last_words(name)}")
            await asyncio.to_thread(self.stack.kill, name)
            await self.stack.launch(name)
        self._away.discard(name)

    async def _recovers(self, name: str) -> bool:
        try:
            await eventually(lambda: self.stack.is_ready(name), timeout=5, every=0.5)
        except AssertionError:
            return False
        return True

    async def supervise(self) -> None:
        """What ended by itself is noted and started again, as a cluster would; until cancelled."""
        while True:
            for name in self._names:
                if name not in self._away and self.stack.pid(name) is None:
                    said = self._last_words(name)
                    self.note(f"{name} ENDED BY ITSELF: {said}")
                    self.ended.append(f"{name} ended by itself: {said}")
                    await self.stack.launch(name)
            await asyncio.sleep(0.5)

    def _last_words(self, name: str) -> str:
        log = self.stack.folder / "log" / f"{name}.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return lines[-1][:300] if lines else "it said nothing"

    async def all_ready(self, within: float) -> list[str]:
        """What each process that is not ready in time still waits for."""
        waiting = set(self._names)

        async def none_left() -> bool:
            for name in sorted(waiting):
                if await self.stack.is_ready(name):
                    waiting.discard(name)
            return not waiting

        try:
            await eventually(none_left, timeout=within, every=0.5)
        except AssertionError:
            return [f"{name} is not ready: {await self._missing(name)}" for name in sorted(waiting)]
        return []

    async def write_where_tasks_wait(self) -> None:
        """Into the log of each of our processes: they are about to be ended, and something is wrong."""
        for name in self.stack.service_names():
            if pid := self.stack.pid(name):
                os.kill(pid, signal.SIGUSR2)
        await asyncio.sleep(2)

    async def _missing(self, name: str) -> str:
        if name not in self.stack.service_names():
            return "it does not answer"
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            try:
                answer = await client.get(f"{self.stack.url(name)}/readyz")
            except httpx.TransportError as error:
                return type(error).__name__
        return ", ".join(check for check, met in answer.json()["checks"].items() if not met) or "ready by now"
