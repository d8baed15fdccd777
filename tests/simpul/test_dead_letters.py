"""The operator's commands against a process of a service that holds a message it does not know."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from click.testing import CliRunner

from contracts.commands import Frame, Principal
from contracts.envelope import Envelope
from contracts.outcomes import Outcome
from contracts.topics import Names
from deploy.local.errors import CannotProceed
from deploy.local.keys import ensure
from simpul.dead_letters import dead_letters
from tests.eventually import eventually
from tests.servers import KafkaServer
from tests.simpul.operators import Operator, operating

COMMAND_ID = "5f1c1d6e-8d3f-8b0a-9d6e-0a1b2c3d4e5f"


@pytest.fixture
async def operator(kafka: KafkaServer, mongo: str, prefix: str, tmp_path: Path) -> AsyncIterator[Operator]:
    async with operating(dead_letters, "indicators", kafka, mongo, prefix, tmp_path) as found:
        yield found


async def sees(operator: Operator, text: str) -> bool:
    return text in (await operator("list", "indicators")).output


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


async def test_an_operator_lists_replays_and_ends_dead_letters(
    kafka: KafkaServer, prefix: str, operator: Operator
) -> None:
    names = Names(prefix)
    await send_what_nobody_knows(kafka, names)
    await eventually(lambda: sees(operator, "1 dead letters at indicators."), timeout=30)

    line = (await operator("list", "indicators")).output.splitlines()[0]
    letter_id = line.split()[0]
    assert letter_id.startswith(f"{names.group('indicators')}/{names.commands('indicators')}/")
    assert "undecodable" in line

    assert (await operator("replay", "indicators")).output == "replayed: 0, keys that still fail: 1\n"

    refused = await operator("give-up", "indicators", "--yes", "--id", "elsewhere")
    assert isinstance(refused.exception, CannotProceed)
    assert str(refused.exception).startswith("indicators refuses: not_found: ")

    assert (await operator("give-up", "indicators", "--id", letter_id, answer="n\n")).exit_code == 1
    assert (await operator("give-up", "indicators", "--id", letter_id, answer="y\n")).output.endswith(
        f"Ended {letter_id}.\n"
    )
    assert await sees(operator, "0 dead letters at indicators.")
    held, final = await outcomes(kafka, names, 2)
    assert (held.command_id, held.result) == (COMMAND_ID, "held")
    assert (final.command_id, final.result, final.problems[0].code) == (COMMAND_ID, "refused", "platform_gave_up")


async def test_a_process_that_is_away_is_named(tmp_path: Path) -> None:
    done = await Operator(dead_letters, "http://127.0.0.1:1", ensure(tmp_path))("list", "indicators")
    assert isinstance(done.exception, CannotProceed)
    assert "indicators does not answer at http://127.0.0.1:1" in str(done.exception)


async def test_another_ring_than_the_operators_is_named(tmp_path: Path) -> None:
    ring = ensure(tmp_path) / "registry.json"
    done = await asyncio.to_thread(CliRunner().invoke, dead_letters, ["list", "registry", "--keys", str(ring)])
    assert isinstance(done.exception, CannotProceed)
    assert "is not the operators' key ring" in str(done.exception)
