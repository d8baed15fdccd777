"""Clocks that can be set: each process asks a file of its own what time it is (libfaketime)."""

import importlib.util
from pathlib import Path

import psutil


def library() -> Path | None:
    """The library that stands before the system's clock; None where it is not installed."""
    found = importlib.util.find_spec("libfaketime")
    if found is None or found.origin is None:
        return None
    file = Path(found.origin).parent / "vendor" / "libfaketime" / "src" / "libfaketime.so.1"
    return file if file.exists() else None


class Clocks:
    """One file per process under `folder`. Only the time of day is set: intervals are measured by another clock."""

    def __init__(self, folder: Path, preloaded: Path) -> None:
        self.folder, self._preloaded = folder, preloaded
        folder.mkdir(parents=True, exist_ok=True)

    def settings_of(self, name: str) -> dict[str, str]:
        """What a process needs in its environment."""
        self.set_back(name, 0)
        return {
            "LD_PRELOAD": str(self._preloaded),
            "FAKETIME_TIMESTAMP_FILE": str(self.folder / name),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    @staticmethod
    def clean_up() -> None:
        """What the library leaves in shared memory of processes that were killed."""
        for file in Path("/dev/shm").glob("*faketime_*"):
            pid = file.name.rpartition("_")[2]
            if pid.isdigit() and not psutil.pid_exists(int(pid)):
                file.unlink(missing_ok=True)

    def set_back(self, name: str, seconds: int) -> None:
        """Within a second the process believes it; 0 is the right time."""
        file = self.folder / name
        fresh = file.with_suffix(".new")
        fresh.write_text(f"-{seconds}\n")
        fresh.replace(file)
