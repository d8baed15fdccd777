"""Whoever calls an operator's command for one process that runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner, Result
from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local import ports, prepare
from deploy.local.service import SERVICES, Machine, Service
from services.gateway.settings import ONE_BROKER
from tests.servers import KafkaServer, running


@dataclass
class Operator:
    """Calls one group of commands, for the process at `url`; `database` is the name of the process's own."""

    group: click.Command
    url: str
    keys: Path
    database: str = ""

    async def __call__(self, *arguments: str, answer: str | None = None) -> Result:
        named = ["--url", self.url, "--keys", str(self.keys / "gateway.json")]
        return await asyncio.to_thread(CliRunner().invoke, self.group, [*arguments, *named], answer)


@asynccontextmanager
async def operating(
    group: click.Command, process: str, kafka: KafkaServer, mongo: str, prefix: str, folder: Path, **settings: str
) -> AsyncIterator[Operator]:
    """The process, its topics and users, with settings of its own; its database is dropped in the end."""
    machine = Machine(folder, ports.anywhere(), kafka, dict.fromkeys(SERVICES, mongo), prefix, settings)
    prepare.key_rings(machine.keys)
    await prepare.topics_and_users(kafka, prefix, machine.passwords(), ONE_BROKER)
    service = Service(process, process, machine.ports[process], machine)
    database: Any = (service.environment or {})["MONGO_DATABASE"]
    async with running([service]):
        yield Operator(group, service.url, machine.keys, database)
        await service.stop()
    client: AsyncIOMotorClient = AsyncIOMotorClient(mongo)
    await client.drop_database(database)
    client.close()
