"""A disk that can be full: a folder in memory whose size is what is in it, in a name space of our own mounts."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

INSIDE = "SIMPUL_OWN_MOUNTS"
UNSHARE = ("unshare", "--mount", "--propagation", "private")


class MayNotMount(Exception):
    """This machine lets us mount nothing; the text says why."""


def own_mounts() -> tuple[str, ...]:
    """What goes before a command that shall have mounts of its own, which end with it. Raises MayNotMount."""
    if sys.platform != "linux" or not shutil.which(UNSHARE[0]):
        raise MayNotMount("there is no `unshare` here")
    way = UNSHARE if os.geteuid() == 0 else (*UNSHARE, "--map-root-user")
    trial = subprocess.run([*way, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True, check=False)
    if trial.returncode:
        raise MayNotMount(trial.stderr.strip() or "mounting fails")
    return way


def become_one_with_own_mounts(module: str, arguments: Sequence[str]) -> None:
    """The same program again, in this process; does nothing the second time. Raises MayNotMount."""
    if INSIDE not in os.environ:
        way = own_mounts()
        os.environ[INSIDE] = "1"
        os.execvp(way[0], [*way, sys.executable, "-m", module, *arguments])  # noqa: S606


class SmallDisk:
    """A file system of its own at `folder`, of `room` bytes unless it is full."""

    def __init__(self, folder: Path, room: int) -> None:
        self.folder, self.room = folder, room
        folder.mkdir(parents=True, exist_ok=True)
        self._mount("size=" + str(room))

    def fill(self) -> None:
        """Not one more byte fits."""
        used = shutil.disk_usage(self.folder).used
        self._mount(f"remount,size={used}")

    def make_room(self) -> None:
        """As much as before."""
        self._mount(f"remount,size={self.room}")

    def _mount(self, options: str) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.folder], check=True, capture_output=True)
