"""Keycloak on one machine, with the realm of the containers: a real provider to test the sign-in against."""

import asyncio
import os
import secrets
import shutil
import zipfile
from pathlib import Path

import httpx

from deploy.compose.realm import FILE, REALM
from deploy.local import java, ports
from deploy.local.jars import cache, fetch, locked
from deploy.local.process import Process


class Keycloak(Process):
    """In developer's mode, with everything in `folder`; the first start takes about a minute.

    `password` is that of every person of the realm; a system's secret is `system_secret` and, behind a dash, the code
    of its organisation in lower case.
    """

    ready_within = 600.0

    def __init__(self, folder: Path, port: int) -> None:
        self.home = folder / "keycloak"
        self.password, self.system_secret = secrets.token_urlsafe(12), secrets.token_urlsafe(24)
        environment = {
            **os.environ,
            "SIMPUL_PEOPLE_PASSWORD": self.password,
            "SIMPUL_SYSTEM_SECRET": self.system_secret,
            "JAVA_HOME": str(java.java().parents[1]),
            "JAVA_OPTS_APPEND": "-Xmx512m -XX:+UseSerialGC",
        }
        start = [str(self.home / "bin" / "kc.sh"), "start-dev", "--import-realm"]
        listen = ["--http-host", ports.HOST, "--http-port", str(port)]
        super().__init__("keycloak", folder, port, [*start, *listen], environment)

    @property
    def issuer(self) -> str:
        return f"{self.url}/realms/{REALM}"

    async def prepare(self) -> None:
        if not self.home.exists():
            await asyncio.to_thread(self._unpack)

    def _unpack(self) -> None:
        (archive,) = fetch(locked("keycloak"), cache() / "jars", self.progress)
        fresh = self.home.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(fresh)
        (unpacked,) = fresh.iterdir()
        (unpacked / "bin" / "kc.sh").chmod(0o755)
        imported = unpacked / "data" / "import"
        imported.mkdir(parents=True)
        shutil.copy(FILE, imported / "simpul-realm.json")
        unpacked.replace(self.home)
        fresh.rmdir()

    async def is_ready(self) -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
                answer = await client.get(f"{self.issuer}/.well-known/openid-configuration")
        except httpx.TransportError:
            return False
        return answer.is_success
