"""Apache Kafka on one machine: KRaft nodes with SCRAM users and ACLs, one or several, each a child process."""

import asyncio
import os
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from chassis.security.certificates import Identity, client_context
from deploy.certificates import CA, CERTIFICATE, KEY
from deploy.local import java, ports
from deploy.local.errors import CannotProceed
from deploy.local.process import Process
from deploy.local.secret_files import keep, password, private_file
from deploy.tls_settings import tls_settings
from services.gateway.settings import ONE_BROKER, Replication

ADMIN = "simpul"
TEMPLATE = Path(__file__).with_name("server.properties")


TLS = """ssl.keystore.type=PEM
ssl.keystore.location={folder}/both.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.pem
listener.name.broker.ssl.client.auth=required"""


@dataclass(frozen=True)
class KafkaLogin:
    """Where a broker is and who we are there; nobody in particular where `security` is PLAINTEXT."""

    url: str
    user: str = ""
    password: str = ""
    security: str = "PLAINTEXT"
    ca: str = ""
    certificate: str = ""
    key: str = ""

    @classmethod
    def given(cls) -> Self | None:
        """The broker that the environment names (KAFKA_URL and its companions) instead of one of our own.

        Raises CannotProceed for a file of TLS that cannot be read.
        """
        names = ("KAFKA_URL", "KAFKA_USER", "KAFKA_PASSWORD", "KAFKA_SECURITY")
        url, user, password, security = (os.environ.get(name, "") for name in names)
        if not url:
            return None
        if not security.endswith("SSL"):
            return cls(url, user, password, security or "PLAINTEXT")
        tls = tls_settings()
        files = (tls.kafka_ca or tls.tls_ca, tls.tls_certificate, tls.tls_key)
        return cls(url, user, password, security, *(str(file or "") for file in files))

    @property
    def client(self) -> dict[str, Any]:
        """Keyword arguments of aiokafka's producers and consumers."""
        options: dict[str, Any] = {"bootstrap_servers": self.url, "security_protocol": self.security}
        if "SASL" in self.security:
            options |= {
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
            }
        if self.security.endswith("SSL"):
            ca, certificate, key = (Path(file) if file else None for file in (self.ca, self.certificate, self.key))
            options["ssl_context"] = client_context(ca, Identity(certificate, key) if certificate else None)
        return options

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
        if self.security.endswith("SSL"):
            files = {"ca": self.ca, "certificate": self.certificate, "key": self.certificate and self.key}
            settings |= {f"ssl.{name}.location": file for name, file in files.items() if file}
        return settings

    def admin(self) -> AdminClient:
        """Keep it while its answers are awaited: they end with it."""
        return AdminClient(self.confluent)


@dataclass(frozen=True)
class Node:
    """A broker that is a controller too."""

    number: int
    port: int
    controller_port: int


ALONE = {"session_ms": 1500, "fetch_ms": 600, "election_ms": 300}
"""How soon a node counts as lost: the only one waits for nobody but itself."""
AMONG_OTHERS = {"session_ms": 3000, "fetch_ms": 1500, "election_ms": 800}
"""Three on one machine stumble when it is loaded: no shorter, or leaders change for nothing."""


class Kafka(Process):
    """One node with its data under `folder`/kafka: the only one, or the one of `nodes` whose port this is.

    A second start finds the log of the first. `tls` is a folder that `deploy.certificates` filled.
    """

    ready_within = 120.0

    def __init__(
        self,
        folder: Path,
        port: int,
        controller_port: int,
        flags: list[str] | None = None,
        nodes: Sequence[Node] = (),
        tls: Path | None = None,
    ) -> None:
        self.nodes = tuple(nodes) or (Node(1, port, controller_port),)
        self.number = next(node.number for node in self.nodes if node.port == port)
        self._suffix = f"-{self.number}" if nodes else ""
        super().__init__(f"kafka{self._suffix}", folder, port, [])
        self.home = folder / "kafka"
        self.data = self.home / f"data{self._suffix}"
        self.controller_port = controller_port
        self.flags, self.tls = flags, tls

    @property
    def url(self) -> str:
        return f"{ports.HOST}:{self.port}"

    @property
    def login(self) -> KafkaLogin:
        """Of the user `simpul`, who only administers, at every node."""
        urls = ",".join(f"{ports.HOST}:{node.port}" for node in self.nodes)
        files = [str(self.tls / name) for name in (CA, CERTIFICATE, KEY)] if self.tls else []
        return KafkaLogin(urls, ADMIN, password(self.home / "admin.password"), self.security, *files)

    @property
    def security(self) -> str:
        """What its listener for clients speaks."""
        return "SASL_SSL" if self.tls else "SASL_PLAINTEXT"

    @property
    def replication(self) -> Replication:
        """One of three nodes may be lost without losing or stopping anything."""
        count = len(self.nodes)
        return Replication(kafka_replication=min(count, 3), kafka_min_insync=min(count, 2)) if count > 2 else ONE_BROKER

    async def prepare(self) -> None:
        if (self.home / ("data-1" if len(self.nodes) == 1 else "data")).exists():
            raise CannotProceed(f"{self.home} holds the data of another number of brokers: use another folder.")
        class_path = await asyncio.to_thread(java.kafka_class_path, self.progress)
        if not (self.data / "meta.properties").exists():
            await asyncio.to_thread(self._format, class_path, self.login.password, _cluster_id(self.home))
        properties = self._write_properties(self.data, f"server{self._suffix}.properties")
        flags = fast_start(class_path) if self.flags is None else self.flags
        self.command = java.kafka_command(class_path, *flags, "kafka.Kafka", str(properties))

    async def is_ready(self) -> bool:
        """Takes logins, holds everything that it should, and every partition has a leader."""
        return await ports.answers(self.port) and await asyncio.to_thread(self._is_in_sync)

    def _is_in_sync(self) -> bool:
        client = {**self.login.confluent, "bootstrap.servers": self.url, "socket.timeout.ms": 2000}
        try:
            cluster = AdminClient(client).list_topics(timeout=2)
        except KafkaException:
            return False
        partitions = [partition for topic in cluster.topics.values() for partition in topic.partitions.values()]
        mine = [partition for partition in partitions if self.number in partition.replicas]
        led = all(partition.leader in cluster.brokers for partition in partitions)
        return self.number in cluster.brokers and led and all(self.number in partition.isrs for partition in mine)

    def _format(self, class_path: str, secret: str, cluster: str) -> None:
        """Into a folder beside it, renamed when whole, so that a start cut short is begun again."""
        fresh = self.data.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        properties = self._write_properties(fresh, f"format{self._suffix}.properties")
        arguments = private_file(self.home / f"format{self._suffix}.arguments")
        arguments.write_text(
            f'kafka.tools.StorageTool format -t {cluster} -c "{properties}" '
            f"--add-scram SCRAM-SHA-512=[name={ADMIN},password={secret}]"
        )
        command = java.kafka_command(class_path, f"@{arguments}")  # in a file: a command line can be read by anybody
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        properties.unlink()
        arguments.unlink()
        if done.returncode:
            raise CannotProceed(
                f"Kafka could not format {fresh}: {(done.stderr or done.stdout).strip().splitlines()[-1]}"
            )
        shutil.rmtree(self.data, ignore_errors=True)
        fresh.replace(self.data)

    def _write_properties(self, data: Path, name: str) -> Path:
        path = private_file(self.home / name)
        values = {
            "node": self.number,
            "voters": ",".join(f"{node.number}@{ports.HOST}:{node.controller_port}" for node in self.nodes),
            "port": self.port,
            "controller_port": self.controller_port,
            "data": data,
            "password": self.login.password,
            "security": self.security,
            "tls": TLS.format(folder=self.tls) if self.tls else "",
            "replication": self.replication.kafka_replication,
            "min_insync": self.replication.kafka_min_insync,
            **(ALONE if len(self.nodes) == 1 else AMONG_OTHERS),
        }
        path.write_text(Template(TEMPLATE.read_text()).substitute(values))
        return path


def _cluster_id(home: Path) -> str:
    """The same for every node; made at the first call."""
    path = home / "cluster.id"
    if not path.exists():
        keep(path, "S" + secrets.token_urlsafe(16)[1:])  # 16 bytes in base64, no dash in front
    return path.read_text()


def fast_start(class_path: str) -> list[str]:
    """The flag that lets a broker start from what was compiled ahead of time, where that was made."""
    cache = java.aot_cache(class_path)
    return [f"-XX:AOTCache={cache}"] if cache.exists() else []
