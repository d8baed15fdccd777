"""Apache Kafka on one machine: one KRaft node with SCRAM users and ACLs, as a child process."""

import asyncio
import secrets
import shutil
import subprocess
from pathlib import Path
from string import Template

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local import java, ports
from deploy.local.process import Process
from deploy.local.report import Progress, Trouble, silent

ADMIN = "simpul"
TEMPLATE = Path(__file__).with_name("server.properties")


class Kafka:
    """One broker with its data under `folder`/kafka. A second start finds the log of the first."""

    def __init__(
        self,
        folder: Path,
        port: int,
        controller_port: int,
        progress: Progress = silent,
        flags: list[str] | None = None,
    ) -> None:
        self.home = folder / "kafka"
        self.port = port
        self.controller_port = controller_port
        self.progress = progress
        self.flags = flags
        self.process = Process("kafka", [], folder)

    @property
    def url(self) -> str:
        return f"{ports.HOST}:{self.port}"

    @property
    def password(self) -> str:
        """Of the user `simpul`, who only administers; made at the first start, readable by its owner alone."""
        path = self.home / "admin.password"
        if not path.exists():
            _private(path).write_text(secrets.token_urlsafe(24))
        return path.read_text()

    async def start(self) -> None:
        """Returns when the broker takes logins and every partition has a leader."""
        class_path = await asyncio.to_thread(java.kafka_class_path, self.progress)
        if not (self.home / "data" / "meta.properties").exists():
            await asyncio.to_thread(self._format, class_path)
        properties = self._write_properties(self.home / "data", "server.properties")
        flags = _fast_start(class_path) if self.flags is None else self.flags
        self.process.command = java.kafka_command(class_path, *flags, "kafka.Kafka", str(properties))
        await self.process.start(self.is_ready, within=120)

    async def stop(self) -> None:
        await self.process.stop(within=30)

    def kill(self) -> None:
        self.process.kill()

    async def is_ready(self) -> bool:
        return await ports.answers(self.port) and await asyncio.to_thread(self._has_leaders)

    def _has_leaders(self) -> bool:
        settings = {"socket.timeout.ms": 2000, "log_level": 0, **admin_settings(self.url, ADMIN, self.password)}
        try:
            topics = AdminClient(settings).list_topics(timeout=2).topics.values()
        except KafkaException:
            return False
        return all(p.leader == 1 for topic in topics for p in topic.partitions.values())

    def _format(self, class_path: str) -> None:
        """Into a folder beside it, renamed when whole, so that a start cut short is begun again."""
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        properties = self._write_properties(fresh, "format.properties")
        cluster = "S" + secrets.token_urlsafe(16)[1:]  # 16 bytes in base64, no dash in front
        arguments = _private(self.home / "format.arguments")
        arguments.write_text(
            f'kafka.tools.StorageTool format -t {cluster} -c "{properties}" '
            f"--add-scram SCRAM-SHA-512=[name={ADMIN},password={self.password}]"
        )
        command = java.kafka_command(class_path, f"@{arguments}")  # in a file: a command line can be read by anybody
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        properties.unlink()
        arguments.unlink()
        if done.returncode:
            raise Trouble(f"Kafka could not format {fresh}: {(done.stderr or done.stdout).strip().splitlines()[-1]}")
        shutil.rmtree(self.home / "data", ignore_errors=True)
        fresh.replace(self.home / "data")

    def _write_properties(self, data: Path, name: str) -> Path:
        path = _private(self.home / name)
        values = {"port": self.port, "controller_port": self.controller_port, "data": data, "password": self.password}
        path.write_text(Template(TEMPLATE.read_text()).substitute(values))
        return path


def _fast_start(class_path: str) -> list[str]:
    cache = java.aot_cache(class_path)
    return [f"-XX:AOTCache={cache}"] if cache.exists() else []


def _private(path: Path) -> Path:
    """An empty file that only its owner reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(0o600)
    return path


def admin_settings(
    url: str, user: str, password: str, security: str = "SASL_PLAINTEXT"
) -> dict[str, str | int | float | bool]:
    """What confluent-kafka's AdminClient wants to know."""
    login = {"sasl.mechanism": "SCRAM-SHA-512", "sasl.username": user, "sasl.password": password}
    return {"bootstrap.servers": url, "security.protocol": security, **(login if "SASL" in security else {})}
