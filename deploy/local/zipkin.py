"""Zipkin, to look at traces on one machine: in memory, on the same Java as Kafka."""

import asyncio
import os
from pathlib import Path

from deploy.local import java, ports
from deploy.local.jars import cache, fetch, locked
from deploy.local.process import Process


class Zipkin(Process):
    """Its page is at `url`; spans go to `endpoint`."""

    ready_within = 120.0

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__("zipkin", folder, port, [], {**os.environ, "STORAGE_TYPE": "mem"})

    @property
    def endpoint(self) -> str:
        return f"{self.url}/api/v2/spans"

    async def prepare(self) -> None:
        (jar,) = await asyncio.to_thread(fetch, locked("zipkin"), cache() / "jars", self.progress)
        listen = [f"--armeria.ports[0].ip={ports.HOST}", f"--armeria.ports[0].port={self.port}"]
        self.command = [str(java.java()), "-Xmx256m", "-jar", str(jar), *listen]
