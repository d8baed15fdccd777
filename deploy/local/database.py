"""One embedded database (MongoDB's wire protocol) as a child process, with its data under the folder given."""

import sys
from pathlib import Path

from deploy.local import ports
from deploy.local.process import Process

LAUNCHER = Path(__file__).with_name("database_launcher.py")


class Database(Process):
    """One server process; a service has one of its own, because each is bound to one core (D9)."""

    ready_within = 120.0

    def __init__(self, name: str, folder: Path, port: int, cache: str = "1G") -> None:
        self.home = folder / name
        command = [sys.executable, str(LAUNCHER), "--port", str(port), "--dir", str(self.home), "--cache", cache]
        super().__init__(name, folder, port, command)

    @property
    def url(self) -> str:
        """With retried writes off: they make this server forty times slower (D1)."""
        return f"mongodb://{ports.HOST}:{self.port}/?directConnection=true&retryWrites=false"

    async def prepare(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
