"""The partners' guide says what the code does."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from contracts import codes, exchange
from contracts.outcomes import CODES
from contracts.schemas import members, message_type
from contracts.topics import Names
from services.gateway.domain.agreements import load
from services.gateway.domain.translation import translate
from services.gateway.domain.validation import MAX_BYTES, read_body
from services.gateway.provisioning import partner_user, sync_partners
from tests.servers import KafkaServer

GUIDE = (Path(__file__).parents[2] / "docs" / "partners.md").read_text()
EXAMPLES = dict(re.findall(r"^```json (\S+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
PROGRAMS = dict(re.findall(r"^```python (\S+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
SENT = {message_type(model) for model in members(exchange.Submission)}
RECEIVED = {message_type(model): model for model in members(exchange.Delivery)}
NOW = datetime(2026, 12, 1, tzinfo=UTC)


def codes_table() -> str:
    """The table of section 6."""
    rows = [f"| `{code}` | {meaning.fault} | {meaning.status} | {meaning.detail} |" for code, meaning in CODES.items()]
    return "\n".join(["| code | fault | HTTP | meaning |", "|---|---|---|---|", *rows])


def test_every_error_code_stands_in_the_table() -> None:
    assert codes_table() in GUIDE


def test_every_message_has_an_example() -> None:
    assert set(EXAMPLES) == SENT | set(RECEIVED)


@pytest.mark.parametrize("kind", sorted(SENT))
def test_what_the_guide_sends_is_accepted(kind: str) -> None:
    translate(read_body(kind, EXAMPLES[kind].encode()), lambda token: token, NOW)


@pytest.mark.parametrize("kind", sorted(RECEIVED))
def test_what_the_guide_receives_is_what_is_sent(kind: str) -> None:
    found = RECEIVED[kind].model_validate_json(EXAMPLES[kind], strict=True)
    for receipt in getattr(found, "receipts", ()):
        assert all(problem.detail == CODES[problem.code].detail for problem in receipt.problems)
    if agreement := getattr(found, "agreement", None):
        named = {one.name: one for one in load()}[agreement]
        assert getattr(found, "event") in named.events  # noqa: B009  # not every member of the union has one
        given = getattr(found, "personal", None)
        assert set(given.model_dump(exclude_none=True) if given else ()) <= set(named.personal)


def test_people_in_the_guide_live_in_a_district_that_exists_nowhere() -> None:
    found = set(re.findall(r"\b\d{16}\b", GUIDE))
    assert found
    assert all(nik[4:6] == "99" for nik in found)


def test_the_guide_names_topics_limits_and_organisations_that_exist() -> None:
    assert f"at most {MAX_BYTES // 1024} KiB" in GUIDE
    assert "KP2MI" in codes.organisations()
    for urgent in (False, True):
        assert f"`{Names().intake('KP2MI', urgent=urgent)}`" in GUIDE
        assert f"`{Names().delivery('KP2MI', urgent=urgent)}`" in GUIDE


@pytest.mark.parametrize("name", ["producer", "consumer"])
def test_a_program_of_the_guide_is_about_thirty_lines(name: str) -> None:
    assert len([line for line in PROGRAMS[name].splitlines() if line.strip()]) <= 32


async def test_the_programs_of_the_guide_work_with_a_partners_login(kafka: KafkaServer, prefix: str) -> None:
    if kafka.security == "PLAINTEXT":
        pytest.skip("this broker knows no users")
    names = Names(prefix)
    connected = await sync_partners(kafka.confluent, names, ["KP2MI"])
    environment = {
        **os.environ, "KAFKA_URL": kafka.url, "KAFKA_USER": partner_user("KP2MI", names),
        "KAFKA_PASSWORD": connected.passwords["KP2MI"], "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    program = {name: _prefixed(text, prefix) for name, text in PROGRAMS.items()}
    subprocess.run([sys.executable, "-c", program["producer"]], env=environment, check=True, timeout=60)
    async with AIOKafkaConsumer(names.intake("KP2MI"), **kafka.client, auto_offset_reset="earliest") as consumer:
        sent = await consumer.getone()
    read_body("partner.placement.reported.v1", sent.value)
    async with AIOKafkaProducer(**kafka.client) as producer:
        kind = "exchange.receipts.reported.v1"
        headers = [("ce_id", b"1"), ("ce_type", kind.encode())]
        await producer.send_and_wait(names.delivery("KP2MI"), EXAMPLES[kind].encode(), headers=headers)
    with subprocess.Popen(
        [sys.executable, "-c", program["consumer"]], env=environment, stdout=subprocess.PIPE, text=True
    ) as reading:
        assert reading.stdout is not None
        lines = [reading.stdout.readline() for _ in range(2)]
        reading.kill()
    assert lines == ["2026-000017 applied\n", "2026-000018 refused nik_malformed\n"]


def _prefixed(program: str, prefix: str) -> str:
    """The program as a test runs it: topics, users and groups of its own."""
    return (
        program.replace('f"from.', f'f"{prefix}from.')
        .replace('f"to.', f'f"{prefix}to.')
        .replace('f"{slug}.', f'f"{prefix}{{slug}}.')
    )


if __name__ == "__main__":
    print(codes_table())
