"""A disk that can be full: a folder in memory whose size is what is in it, in a name space of our own mounts."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

INSIDE = "SIMPUL_OWN_MOUNTS"
UNSHARE = ("unshare", "--mount", "--propagation", "private")


def own_mounts(module: str, arguments: Sequence[str]) -> str:
    """Become the same program with mounts of its own, which end with it. Returns why not, where that cannot be.

    Empty when it is so already.
    """
    if os.environ.get(INSIDE):
        return ""
    if sys.platform != "linux" or not shutil.which(UNSHARE[0]):
        return "there is no `unshare` here"
    way = UNSHARE if os.geteuid() == 0 else (*UNSHARE, "--map-root-user")
    trial = subprocess.run([*way, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True, check=False)
    if trial.returncode:
        return f"this machine lets us mount nothing: {trial.stderr.strip()}"
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
