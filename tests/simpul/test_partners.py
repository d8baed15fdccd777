"""`simpul partners`, as an operator uses it."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner, Result

from deploy.local.errors import CannotProceed
from simpul.cli import simpul
from simpul.partners import EXCHANGES, _have_noticed
from tests.servers import KafkaServer


@pytest.fixture
def broker(kafka: KafkaServer, prefix: str, monkeypatch: pytest.MonkeyPatch) -> KafkaServer:
    """The broker of this run, as the environment names it."""
    for name, value in (kafka.environment | {"TOPIC_PREFIX": prefix}).items():
        monkeypatch.setenv(name, value)
    return kafka


async def call(*words: str, answer: str | None = None) -> Result:
    """The command, in a thread of its own: it runs an event loop itself."""
    return await asyncio.to_thread(CliRunner().invoke, simpul, list(words), answer)


async def test_a_partner_is_connected_listed_and_told_its_password_once(
    broker: KafkaServer, prefix: str, tmp_path: Path
) -> None:
    first = await call("partners", "sync", "bnpb", "KAB-33.07")
    assert first.exit_code == 0
    assert f"{prefix}bnpb " in first.output
    assert f"{prefix}kab-33.07 " in first.output
    again = await call("partners", "sync", "bnpb")
    assert again.output == "Connected: BNPB.\n"
    listed = (await call("partners", "list")).output.splitlines()
    assert [line.split()[:2] for line in listed] == [["BNPB", "connected"], ["KAB-33.07", "connected"]]


async def test_new_passwords_go_to_a_file_that_only_its_owner_reads(broker: KafkaServer, tmp_path: Path) -> None:
    file = tmp_path / "passwords.json"
    await call("partners", "sync", "bnpb", "--password-file", str(file))
    await call("partners", "sync", "tni", "--password-file", str(file))
    assert set(json.loads(file.read_text())) == {"BNPB", "TNI"}
    assert file.stat().st_mode & 0o077 == 0


async def test_internal_topics_are_made_once_and_again(broker: KafkaServer, prefix: str) -> None:
    for _ in range(2):
        assert (await call("topics", "sync")).exit_code == 0
    assert f"{prefix}registry.events.v1" in await asyncio.to_thread(
        lambda: broker.admin().list_topics(timeout=10).topics
    )


async def test_topics_are_made_on_as_many_brokers_as_the_environment_says(
    broker: KafkaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_REPLICATION", "99")
    for words in (("topics", "sync"), ("partners", "sync", "bnpb")):
        refused = await call(*words)
        assert isinstance(refused.exception, CannotProceed)
        assert "99" in str(refused.exception)
    monkeypatch.setenv("KAFKA_MIN_INSYNC", "100")
    assert "KAFKA_MIN_INSYNC is above" in str((await call("topics", "sync")).exception)


async def test_a_partner_is_cut_off_and_given_its_rights_back(broker: KafkaServer, prefix: str) -> None:
    await call("partners", "sync", "bnpb")
    assert "BNPB is cut off" in (await call("partners", "cut", "bnpb")).output
    assert "BNPB             cut off" in (await call("partners", "list")).output
    assert "BNPB has its rights back" in (await call("partners", "restore", "BNPB")).output
    assert "BNPB             connected" in (await call("partners", "list")).output


async def test_a_disconnection_says_what_is_lost_before_it_asks(
    broker: KafkaServer, prefix: str, tmp_path: Path
) -> None:
    await call("partners", "sync", "bnpb")
    async with AIOKafkaProducer(**broker.client) as producer:
        await producer.send_and_wait(f"{prefix}to.bnpb.v1", b"{}")
    declined = await call("partners", "disconnect", "bnpb", "--folder", str(tmp_path), answer="n\n")
    assert "1 messages for it that none of its consumer groups has read" in declined.output
    assert str(declined.exception) == "Nothing was removed; BNPB is connected as before."
    assert (await call("partners", "list")).output.split()[:2] == ["BNPB", "connected"]
    done = await call("partners", "disconnect", "bnpb", "--yes", "--folder", str(tmp_path))
    assert "BNPB is disconnected" in done.output
    assert (await call("partners", "list")).output == ""
    again = await call("partners", "disconnect", "bnpb", "--yes")
    assert str(again.exception) == "BNPB is not connected."


class Metrics(BaseHTTPRequestHandler):
    """An exchange that tells for whom it makes copies."""

    text = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.text.encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


async def test_a_disconnection_asks_both_exchanges_and_takes_silence_for_no(monkeypatch: pytest.MonkeyPatch) -> None:
    server = HTTPServer(("127.0.0.1", 0), Metrics)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}"
    try:
        monkeypatch.setenv("SIMPUL_URLS", ",".join(f"{process}={here}" for process in EXCHANGES))
        for value, noticed in (("1.0", False), ("0.0", True)):
            lines = {"BPS-33": "1.0", "BPS": value}
            Metrics.text = "\n".join(f'simpul_partner_connected{{organisation="{c}"}} {v}' for c, v in lines.items())
            assert await _have_noticed("BPS") is noticed
        monkeypatch.setenv("SIMPUL_URLS", f"{EXCHANGES[0]}={here},{EXCHANGES[1]}=http://127.0.0.1:9")
        assert not await _have_noticed("BPS")
    finally:
        server.shutdown()
        server.server_close()
