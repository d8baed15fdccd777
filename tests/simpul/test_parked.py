"""The operator's commands against a process of a service that holds a message it does not know."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from click.testing import CliRunner, Result
from motor.motor_asyncio import AsyncIOMotorClient

from contracts.commands import Frame, Principal
from contracts.envelope import Envelope
from contracts.outcomes import Outcome
from contracts.topics import Names
from deploy.local import ports, prepare
from deploy.local.keys import ensure
from deploy.local.report import Trouble
from deploy.local.service import SERVICES, Service, Surroundings
from simpul.parked import parked
from tests.eventually import eventually
from tests.servers import KafkaServer, running

COMMAND_ID = "5f1c1d6e-8d3f-8b0a-9d6e-0a1b2c3d4e5f"


@dataclass
class Operator:
    """Whoever calls `simpul parked` for one process."""

    url: str
    keys: Path

    async def __call__(self, command: str, *arguments: str, answer: str | None = None) -> Result:
        named = ["--url", self.url, "--keys", str(self.keys / "gateway.json")]
        return await asyncio.to_thread(CliRunner().invoke, parked, [command, "indicators", *named, *arguments], answer)

    async def sees(self, text: str) -> bool:
        return text in (await self("list")).output


@pytest.fixture
async def operator(kafka: KafkaServer, mongo: str, prefix: str, tmp_path: Path) -> AsyncIterator[Operator]:
    around = Surroundings(tmp_path, ports.anywhere(), kafka, dict.fromkeys(SERVICES, mongo), prefix)
    prepare.key_rings(around.keys)
    await prepare.topics_and_users(kafka, prefix, around.passwords())
    service = Service("indicators", "indicators", around.ports["indicators"], around)
    async with running([service]):
        yield Operator(service.url, around.keys)
        await service.stop()
    client: AsyncIOMotorClient = AsyncIOMotorClient(mongo)
    await client.drop_database(service.environment["MONGO_DATABASE"])  # type: ignore[index]  # it has one
    client.close()


async def send_what_nobody_knows(kafka: KafkaServer, names: Names) -> None:
    envelope = Envelope(COMMAND_ID, "/simpul/gateway", "indicators.round.reopen.v9", datetime.now(UTC))
    frame = Frame(principal=Principal(organisation="BPS"), digest="d", body={})
    async with AIOKafkaProducer(**kafka.client) as producer:
        value = frame.model_dump_json().encode()
        await producer.send_and_wait(names.commands("indicators"), value, b"key", headers=envelope.headers())


async def outcomes(kafka: KafkaServer, names: Names, count: int) -> list[Outcome]:
    topic = names.outcomes("indicators")
    async with AIOKafkaConsumer(topic, **kafka.client, auto_offset_reset="earliest") as consumer:
        return [Outcome.model_validate_json((await consumer.getone()).value) for _ in range(count)]


async def test_an_operator_lists_replays_and_ends_what_is_parked(
    kafka: KafkaServer, prefix: str, operator: Operator
) -> None:
    names = Names(prefix)
    await send_what_nobody_knows(kafka, names)
    await eventually(lambda: operator.sees("1 parked at indicators."), timeout=30)

    line = (await operator("list")).output.splitlines()[0]
    parked_id = line.split()[0]
    assert parked_id.startswith(names.commands("indicators"))
    assert "undecodable" in line

    assert (await operator("replay")).output == "replayed: 0, keys still parked: 1\n"

    refused = await operator("give-up", "--yes", "--id", "elsewhere")
    assert isinstance(refused.exception, Trouble)
    assert str(refused.exception).startswith("indicators refuses: not_found: ")

    assert (await operator("give-up", "--id", parked_id, answer="n\n")).exit_code == 1
    assert (await operator("give-up", "--id", parked_id, answer="y\n")).output.endswith(f"Ended {parked_id}.\n")
    assert await operator.sees("0 parked at indicators.")
    held, final = await outcomes(kafka, names, 2)
    assert (held.command_id, held.result) == (COMMAND_ID, "held")
    assert (final.command_id, final.result, final.problems[0].code) == (COMMAND_ID, "refused", "platform_gave_up")


async def test_a_process_that_is_away_is_named(tmp_path: Path) -> None:
    done = await Operator("http://127.0.0.1:1", ensure(tmp_path))("list")
    assert isinstance(done.exception, Trouble)
    assert "indicators does not answer at http://127.0.0.1:1" in str(done.exception)


async def test_another_ring_than_the_gateways_is_named(tmp_path: Path) -> None:
    ring = ensure(tmp_path) / "registry.json"
    done = await asyncio.to_thread(CliRunner().invoke, parked, ["list", "registry", "--keys", str(ring)])
    assert isinstance(done.exception, Trouble)
    assert "is not the gateway's key ring" in str(done.exception)
