"""Whoever calls an operator's command for one process that runs."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner, Result
from motor.motor_asyncio import AsyncIOMotorClient

from chassis.security.keys import KeyRing
from chassis.security.principal import Signer
from deploy.local import ports, prepare
from deploy.local.service import SERVICE_OF, Machine, Service
from services.gateway.settings import ONE_BROKER
from simpul.operator import Session
from tests.servers import KafkaServer, running


@dataclass
class Operator:
    """Calls one group of commands, for the process at `url`; `database` is the name of the process's own."""

    group: click.Command
    url: str
    keys: Path
    database: str = ""

    @property
    def session(self) -> Path:
        """Of an operator who has just signed in."""
        file, until = self.keys / "session", time.time() + 600
        signed = Signer(KeyRing.load(self.keys / "gateway-api.json")).issue_pass("wayan.adi", until)
        Session("wayan.adi", "", "", signed, until).keep(file)
        return file

    async def __call__(self, *arguments: str, answer: str | None = None) -> Result:
        named = ["--url", self.url, "--keys", str(self.keys / "operators.json"), "--session", str(self.session)]
        return await asyncio.to_thread(CliRunner().invoke, self.group, [*arguments, *named], answer)


@asynccontextmanager
async def operating(
    group: click.Command, process: str, kafka: KafkaServer, mongo: str, prefix: str, folder: Path, **settings: str
) -> AsyncIterator[Operator]:
    """The process, its topics and users, with settings of its own; its database is dropped in the end."""
    machine = Machine(folder, ports.anywhere(), kafka, dict.fromkeys(SERVICE_OF, mongo), prefix, settings)
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
