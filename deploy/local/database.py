"""One embedded database (MongoDB's wire protocol) as a child process, with its data under `folder`/db."""

import sys
from pathlib import Path

from deploy.local import ports
from deploy.local.process import Process

LAUNCHER = Path(__file__).with_name("database_launcher.py")


def url(port: int) -> str:
    """Retried writes are off: the server gets forty times slower with them (D1)."""
    return f"mongodb://{ports.HOST}:{port}/?directConnection=true&retryWrites=false"


class Database:
    """One server process; a service has one of its own, because each is bound to one core (D9)."""

    def __init__(self, name: str, folder: Path, port: int, cache: str = "1G") -> None:
        self.port = port
        self.home = folder / "db" / name
        command = [sys.executable, str(LAUNCHER), "--port", str(port), "--dir", str(self.home), "--cache", cache]
        self.process = Process(name, command, folder)

    @property
    def url(self) -> str:
        return url(self.port)

    async def start(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        await self.process.start(self.is_ready, within=120)

    async def stop(self) -> None:
        await self.process.stop(within=30)

    def kill(self) -> None:
        self.process.kill()

    async def is_ready(self) -> bool:
        return await ports.answers(self.port)
