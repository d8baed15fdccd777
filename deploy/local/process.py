"""One child process: started, waited for, stopped, killed; it never outlives the process that started it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil

from deploy.local import ports
from deploy.local.errors import CannotProceed
from deploy.local.progress import Progress, silent

WATCHDOG = Path(__file__).with_name("child_watchdog.py")
LOG_BYTES = 10 * 1024 * 1024

# Linux ends a watched child when the *thread* that started it ends: this thread lasts as long as the process.
_starter = ThreadPoolExecutor(1, thread_name_prefix="starter")


class Process:
    """A program that serves a port, with `log/NAME.log` and `run/NAME.pid` under `folder`.

    The same object starts again after a stop or a kill. Kinds of programs override `prepare` and `is_ready`.
    """

    ready_within = 60.0
    """Seconds a start may take."""

    def __init__(
        self, name: str, folder: Path, port: int, command: list[str], environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.port = port
        self.command = command
        self.environment = environment
        self.log = folder / "log" / f"{name}.log"
        self.pid_file = folder / "run" / f"{name}.pid"
        self.progress: Progress = silent
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{ports.HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        """None unless it runs."""
        return self._child.pid if self._child and self._child.poll() is None else None

    async def is_ready(self) -> bool:
        return await ports.answers(self.port)

    async def prepare(self) -> None:
        """What must be there before the program is run. Raises CannotProceed."""

    async def launch(self) -> None:
        """Run the program, and do not wait for it: what it needs may be away."""
        await self.prepare()
        end_stale(self.pid_file)
        self._child = await asyncio.wrap_future(_starter.submit(self._spawn))
        _remember(self.pid_file, self._child.pid)

    async def start(self, within: float | None = None) -> None:
        """Returns once it is ready; raises CannotProceed when the program ends first or takes longer (seconds)."""
        await self.launch()
        within = within or self.ready_within
        deadline = time.monotonic() + within
        try:
            while not await self.is_ready():
                self._fail_if(self.pid is None, "ended while starting")
                self._fail_if(time.monotonic() > deadline, f"is not ready after {within:.0f} s")
                await asyncio.sleep(0.03)
        except BaseException:
            self.kill()
            raise

    def _spawn(self) -> subprocess.Popen[bytes]:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        watched = [sys.executable, "-S", "-E", str(WATCHDOG), str(os.getpid()), *self.command]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                watched,
                env=None if self.environment is None else dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the parent only, which stops its children in order
            )

    def _fail_if(self, failed: bool, what: str) -> None:
        if failed:
            raise CannotProceed(f"{self.name} {what}: {_last_line(self.log)} (all of it in {self.log})")

    async def stop(self, within: float = 30) -> None:
        """SIGTERM, and SIGKILL for what is still there after `within` seconds."""
        if self._child and self.pid:
            self._child.terminate()
            deadline = time.monotonic() + within
            while self.pid and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
        self.kill()

    def pause(self) -> None:
        """SIGSTOP: it stands still with everything it holds, as on a machine that hangs."""
        if self._child and self.pid:
            self._child.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT: it goes on, and does not know how long it stood."""
        if self._child and self.pid:
            self._child.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL, as a power cut would; returns when it is gone."""
        if self._child:
            self._child.kill()
            self._child.wait()
            self._child = None
            self.pid_file.unlink(missing_ok=True)


def end_stale(pid_file: Path) -> None:
    """End the process that a killed run left behind, if its pid still means that process."""
    with suppress(FileNotFoundError, ValueError, psutil.NoSuchProcess):
        pid, started = pid_file.read_text().split()
        process = psutil.Process(int(pid))
        if abs(process.create_time() - float(started)) < 1:
            process.kill()
            process.wait(10)
    pid_file.unlink(missing_ok=True)


def _remember(pid_file: Path, pid: int) -> None:
    pid_file.parent.mkdir(parents=True, exist_ok=True)
    with suppress(psutil.NoSuchProcess):
        pid_file.write_text(f"{pid} {psutil.Process(pid).create_time()}\n")


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it said nothing"
