"""The data folder of one machine: one stack at a time, room on the disk, nothing left of a killed run."""

import fcntl
import os
import shutil
import signal
import time
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

from deploy.local.process import end_stale
from deploy.local.report import Trouble

ROOM = 1024**3
"""Bytes that must be free before anything starts."""


class Folder:
    """Held by one process at a time; the hold ends with the process, however it ends."""

    def __init__(self, path: Path, room: int = ROOM) -> None:
        self.path = path
        self.room = room
        self._lock: TextIOWrapper | None = None

    def hold(self) -> None:
        """Raises Trouble when another process holds it or the disk is nearly full; ends what a killed run left."""
        self.path.mkdir(parents=True, exist_ok=True)
        lock = (self.path / "stack.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _holder(self.path)
            lock.close()
            raise Trouble(f"Simpul already runs in {self.path} as pid {pid}: stop it or use another folder.") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
        self._require_room()
        for pid_file in (self.path / "run").glob("*.pid"):
            end_stale(pid_file)

    def _require_room(self) -> None:
        free = shutil.disk_usage(self.path).free
        if free < self.room:
            self.release()
            raise Trouble(
                f"Only {free // 1024**2} MiB are free under {self.path}: it takes {self.room // 1024**2}, make room."
            )

    def release(self) -> None:
        if self._lock:
            self._lock.close()
            self._lock = None


def stop(path: Path, within: float = 60) -> bool:
    """End the stack that runs in a folder, or what a killed one left. True if one was running."""
    folder = Folder(path)
    try:
        folder.hold()
    except Trouble:
        with suppress(ProcessLookupError):
            os.kill(_holder(path), signal.SIGTERM)
    else:
        folder.release()
        return False
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        with suppress(Trouble):
            folder.hold()
            folder.release()
            return True
        time.sleep(0.1)
    raise Trouble(f"pid {_holder(path)} in {path} does not stop: kill it.")


def _holder(path: Path) -> int:
    return int((path / "stack.lock").read_text() or 0)
