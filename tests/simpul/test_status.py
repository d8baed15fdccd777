"""`simpul status`: what is away, what is not ready and why, what is unread, who is cut off."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner, Result

from chassis import __version__
from contracts.topics import Names
from deploy.certificates import CA, CERTIFICATE, KEY, Authority
from deploy.local import ports
from deploy.local.errors import CannotProceed
from deploy.local.service import SERVICE_OF
from services.gateway import partner_access, provisioning
from simpul.addresses import VARIABLE, addresses
from simpul.status import status
from tests.eventually import eventually
from tests.servers import KafkaServer
from tests.simpul.operators import Operator, operating


@pytest.fixture
async def process(
    kafka: KafkaServer, mongo: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Operator]:
    """Of the processes only indicators runs."""
    (nobody,) = ports.free(1)
    async with operating(status, "indicators", kafka, mongo, prefix, tmp_path) as operator:
        urls = dict.fromkeys(SERVICE_OF, f"http://{ports.HOST}:{nobody}") | {"indicators": operator.url}
        monkeypatch.setenv(VARIABLE, ",".join(f"{name}={url}" for name, url in urls.items()))
        for name, value in (kafka.environment | {"TOPIC_PREFIX": prefix}).items():
            monkeypatch.setenv(name, value)
        yield operator


async def call(*options: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, status, list(options))


async def told(part: str) -> Any:
    return json.loads((await call("--json")).stdout)[part]


async def test_it_tells_of_processes_groups_and_partners(process: Operator, kafka: KafkaServer, prefix: str) -> None:
    names = Names(prefix)
    await provisioning.sync_partners(kafka.confluent, names, ["BNPB", "BPS"])
    await partner_access.cut_off(kafka.confluent, names, "BPS")
    async with AIOKafkaProducer(**kafka.client) as producer:
        await producer.send_and_wait(names.intake("BNPB"), b"{}")

    processes = {one["name"]: one for one in await told("processes")}
    assert processes["indicators"] | {"url": ""} == {
        "name": "indicators", "url": "", "state": "ready", "waiting_for": [], "dead_letters": 0, "version": __version__,
    }  # fmt: skip
    assert {one["state"] for name, one in processes.items() if name != "indicators"} == {"away"}
    assert await told("brokers") == 1
    assert await told("partners") == [
        {"code": "BPS", "cut_off": True, "loads_withdrawn": False, "not_taken": 0, "not_read": 0},
        {"code": "BNPB", "cut_off": False, "loads_withdrawn": False, "not_taken": 1, "not_read": 0},
    ]
    result = await call()
    assert result.exit_code == 1
    assert ["BPS", "cut", "off", "0", "0"] in [line.split() for line in result.stdout.splitlines()]


async def test_a_dead_letter_and_a_group_that_is_behind_are_seen(
    process: Operator, kafka: KafkaServer, prefix: str
) -> None:
    names = Names(prefix)
    async with AIOKafkaProducer(**kafka.client) as producer:
        await producer.send_and_wait(names.commands("indicators"), b"not a command")

    async def letters() -> int:
        (indicators,) = [one for one in await told("processes") if one["name"] == "indicators"]
        return int(indicators["dead_letters"])

    async def groups() -> list[str]:
        return [group["name"] for group in await told("groups")]

    await eventually(lambda: _equals(letters(), 1), timeout=30)
    assert "indicators" in await groups()


async def _equals(found: Any, expected: object) -> bool:
    return bool(await found == expected)


def test_an_address_that_cannot_be_read_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "registry=http://registry:8000/, gateway-api=http://api:8000")
    assert addresses()["registry"] == "http://registry:8000"
    assert addresses()["alerts"].startswith(f"http://{ports.HOST}:")
    monkeypatch.setenv(VARIABLE, "regestry=http://registry:8000")
    with pytest.raises(CannotProceed, match="SIMPUL_URLS has regestry=http://registry:8000: it takes PROCESS=http"):
        addresses()


async def test_a_process_over_https_that_asks_for_a_certificate_is_asked_with_one(
    kafka: KafkaServer, mongo: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Authority(tmp_path / "authority").certify(tmp_path / "tls", [ports.HOST], client=True)
    own = {"TLS_CA": CA, "TLS_CERTIFICATE": CERTIFICATE, "TLS_KEY": KEY}
    files = {name: str(tmp_path / "tls" / file) for name, file in own.items()}
    async with operating(
        status, "indicators", kafka, mongo, prefix, tmp_path, TLS_CLIENT_CA=files["TLS_CA"], **files
    ) as operator:
        assert operator.url.startswith("https://")
        monkeypatch.setenv(VARIABLE, f"indicators={operator.url}")
        for name, value in kafka.environment.items():
            monkeypatch.setenv(name, value)

        async def state() -> str:
            (indicators,) = [one for one in await told("processes") if one["name"] == "indicators"]
            return str(indicators["state"])

        assert await state() == "away"
        monkeypatch.setenv("TLS_CA", files["TLS_CA"])
        assert await state() == "away"
        for name in ("TLS_CERTIFICATE", "TLS_KEY"):
            monkeypatch.setenv(name, files[name])
        assert await state() == "ready"
