"""The data folder of one machine: its owner's alone, one stack at a time, room on the disk, nothing of a killed run."""

import fcntl
import os
import shutil
import signal
import time
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

from deploy.local.errors import CannotProceed
from deploy.local.process import end_stale
from deploy.local.progress import Progress, silent

PRIVATE = 0o077
"""What a umask takes away: every right of the group and of others."""
MIN_FREE = 1024**3
"""Bytes that must be free before anything starts."""


class DataFolder:
    """Locked by one process at a time; the lock ends with the process, however it ends."""

    def __init__(self, path: Path, min_free: int = MIN_FREE) -> None:
        self.path = path
        self.min_free = min_free
        self._lock: TextIOWrapper | None = None

    def lock(self) -> None:
        """Raises CannotProceed when another process has it, it is another user's or the disk is nearly full.

        Ends what a killed run left. What this process and its children make from now on is for their user alone.
        """
        os.umask(PRIVATE)
        self.path.mkdir(parents=True, exist_ok=True)
        self._keep_others_out()
        lock = (self.path / "stack.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _owner(self.path)
            lock.close()
            raise CannotProceed(
                f"Simpul already runs in {self.path} as pid {pid}: stop it or use another folder."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
        self._require_free_space()
        for pid_file in (self.path / "run").glob("*.pid"):
            end_stale(pid_file)

    def _keep_others_out(self) -> None:
        try:
            self.path.chmod(0o777 & ~PRIVATE)
        except PermissionError:
            raise CannotProceed(f"{self.path} belongs to another user: use a folder of your own.") from None

    def _require_free_space(self) -> None:
        free = shutil.disk_usage(self.path).free
        if free < self.min_free:
            self.unlock()
            free_mib, needed_mib = free // 1024**2, self.min_free // 1024**2
            raise CannotProceed(f"Only {free_mib} MiB of {needed_mib} are free under {self.path}: make room.")

    def unlock(self) -> None:
        if self._lock:
            self._lock.close()
            self._lock = None


def stop(path: Path, within: float = 60, progress: Progress = silent) -> bool:
    """End the stack that runs in a folder, or what a killed one left. True if one was running."""
    folder = DataFolder(path)
    try:
        folder.lock()
    except CannotProceed:
        with suppress(ProcessLookupError):
            os.kill(_owner(path), signal.SIGTERM)
    else:
        folder.unlock()
        return False
    pid, deadline, total = _owner(path), time.monotonic() + within, _count_running(path)
    what = f"stopping what pid {pid} runs"
    while time.monotonic() < deadline:
        progress(what, total - _count_running(path), total)
        with suppress(CannotProceed):
            folder.lock()
            folder.unlock()
            progress(what, total, total)
            return True
        time.sleep(0.1)
    raise CannotProceed(f"pid {pid} in {path} does not stop: kill it.")


def _count_running(path: Path) -> int:
    return sum(1 for _ in (path / "run").glob("*.pid"))


def _owner(path: Path) -> int:
    return int((path / "stack.lock").read_text() or 0)
