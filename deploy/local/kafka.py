"""Apache Kafka on one machine: one KRaft node with SCRAM users and ACLs, as a child process."""

import asyncio
import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local import java, ports
from deploy.local.process import Process
from deploy.local.report import Trouble

ADMIN = "simpul"
TEMPLATE = Path(__file__).with_name("server.properties")


@dataclass(frozen=True)
class KafkaLogin:
    """Where a broker is and who we are there; nobody in particular where `security` is PLAINTEXT."""

    url: str
    user: str = ""
    password: str = ""
    security: str = "PLAINTEXT"
    ca: str = ""

    @classmethod
    def given(cls) -> Self | None:
        """The broker that the environment names (KAFKA_URL and its companions) instead of one of our own."""
        names = ("KAFKA_URL", "KAFKA_USER", "KAFKA_PASSWORD", "KAFKA_SECURITY", "KAFKA_CA")
        url, user, password, security, ca = (os.environ.get(name, "") for name in names)
        return cls(url, user, password, security or "PLAINTEXT", ca) if url else None

    @property
    def client(self) -> dict[str, Any]:
        """Keyword arguments of aiokafka's producers and consumers (no TLS)."""
        login = {
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
        }
        plain = {"bootstrap_servers": self.url, "security_protocol": self.security}
        return plain | (login if "SASL" in self.security else {})

    @property
    def environment(self) -> dict[str, str]:
        """As our processes read it."""
        return {
            "KAFKA_URL": self.url,
            "KAFKA_USER": self.user,
            "KAFKA_PASSWORD": self.password,
            "KAFKA_SECURITY": self.security,
            "KAFKA_CA": self.ca,
        }

    @property
    def confluent(self) -> dict[str, str | int | float | bool]:
        """Settings of confluent-kafka's clients."""
        settings: dict[str, str | int | float | bool] = {
            "bootstrap.servers": self.url,
            "security.protocol": self.security,
            "log_level": 0,
        }
        if "SASL" in self.security:
            settings["sasl.mechanism"] = "SCRAM-SHA-512"
            settings["sasl.username"] = self.user
            settings["sasl.password"] = self.password
        if self.ca:
            settings["ssl.ca.location"] = self.ca
        return settings

    def admin(self) -> AdminClient:
        """Keep it while its answers are awaited: they end with it."""
        return AdminClient(self.confluent)


class Kafka(Process):
    """One broker with its data under `folder`/kafka. A second start finds the log of the first."""

    def __init__(self, folder: Path, port: int, controller_port: int, flags: list[str] | None = None) -> None:
        super().__init__("kafka", folder, port, [])
        self.home = folder / "kafka"
        self.controller_port = controller_port
        self.flags = flags

    @property
    def url(self) -> str:
        return f"{ports.HOST}:{self.port}"

    @property
    def login(self) -> KafkaLogin:
        """Of the user `simpul`, who only administers."""
        return KafkaLogin(self.url, ADMIN, password(self.home / "admin.password"), "SASL_PLAINTEXT")

    async def start(self, within: float = 120) -> None:
        """Returns when the broker takes logins and every partition has a leader."""
        class_path = await asyncio.to_thread(java.kafka_class_path, self.progress)
        if not (self.home / "data" / "meta.properties").exists():
            await asyncio.to_thread(self._format, class_path)
        properties = self._write_properties(self.home / "data", "server.properties")
        flags = _fast_start(class_path) if self.flags is None else self.flags
        self.command = java.kafka_command(class_path, *flags, "kafka.Kafka", str(properties))
        await super().start(within)

    async def is_ready(self) -> bool:
        return await ports.answers(self.port) and await asyncio.to_thread(self._has_leaders)

    def _has_leaders(self) -> bool:
        try:
            topics = AdminClient({**self.login.confluent, "socket.timeout.ms": 2000}).list_topics(timeout=2).topics
        except KafkaException:
            return False
        return all(p.leader == 1 for topic in topics.values() for p in topic.partitions.values())

    def _format(self, class_path: str) -> None:
        """Into a folder beside it, renamed when whole, so that a start cut short is begun again."""
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        properties = self._write_properties(fresh, "format.properties")
        cluster = "S" + secrets.token_urlsafe(16)[1:]  # 16 bytes in base64, no dash in front
        arguments = _private(self.home / "format.arguments")
        arguments.write_text(
            f'kafka.tools.StorageTool format -t {cluster} -c "{properties}" '
            f"--add-scram SCRAM-SHA-512=[name={ADMIN},password={self.login.password}]"
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
        values = {"port": self.port, "controller_port": self.controller_port, "data": data}
        path.write_text(Template(TEMPLATE.read_text()).substitute(values, password=self.login.password))
        return path


def password(path: Path) -> str:
    """The password kept in a file that only its owner reads; made at the first call."""
    if not path.exists():
        keep(path, secrets.token_urlsafe(24))
    return path.read_text()


def keep(path: Path, secret: str) -> None:
    """Write a secret to a file that only its owner reads."""
    _private(path).write_text(secret)


def _fast_start(class_path: str) -> list[str]:
    cache = java.aot_cache(class_path)
    return [f"-XX:AOTCache={cache}"] if cache.exists() else []


def _private(path: Path) -> Path:
    """An empty file that only its owner reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(0o600)
    return path
