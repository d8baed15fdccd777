"""The broker of docker-compose.yml: its script and its settings, on the Kafka of this machine instead of its image.

It speaks TLS on both listeners, so that what our processes do over TLS is tried here too.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import astuple, replace
from functools import partial
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaConnectionError
from confluent_kafka import KafkaException
from confluent_kafka.admin import NewTopic
from cryptography import x509
from prometheus_client import REGISTRY

from contracts.topics import Names
from deploy.certificates import CA, CERTIFICATE, KEY, Authority
from deploy.compose.secrets import CERTIFIED, MOUNT
from deploy.local import java, ports
from deploy.local.database import Database
from deploy.local.kafka import KafkaLogin, fast_start
from deploy.local.process import Process
from services.gateway import broker_limits, provisioning
from services.gateway.broker_limits import Quota
from services.gateway.topics import Topics
from tests.chassis.counting import SERVICE, a_place, counting, ids, read_topic
from tests.eventually import eventually
from tests.servers import KafkaServer, running

SOURCE = Path(__file__).parents[2] / "deploy" / "compose"
EXAMPLE = SOURCE.parents[1] / "examples" / "python" / "producer.py"
PASSWORD = "constructed"


class Broker(Process):
    """`kafka.sh` with the two programs of Kafka's image that it calls, and ports and folders of this test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.internal, self.partners, self.controller = ports.free(3)
        environment = {
            "KAFKA_HOME": str(folder),
            "SECRETS": str(folder),
            "PROPERTIES": str(folder / "final.properties"),
        }
        command = ["/bin/sh", str(folder / "kafka.sh")]
        super().__init__("compose-kafka", folder, self.partners, command, {"PATH": "/usr/bin:/bin", **environment})
        (folder / "admin.password").write_text(PASSWORD)
        (folder / "cluster.id").write_text("S" + "A" * 21)
        (folder / "kafka.sh").write_bytes((SOURCE / "kafka.sh").read_bytes())
        (folder / "kafka.properties").write_text(self._settings(folder))
        (folder / "bin").mkdir()
        _program(folder / "bin" / "kafka-storage.sh", "kafka.tools.StorageTool")
        _program(folder / "bin" / "kafka-server-start.sh", "kafka.Kafka")
        self.authority = Authority(folder / "authority")
        self.authority.certify(folder, CERTIFIED["kafka"], client=True)
        self.authority.certify(folder / "registry", CERTIFIED["registry"], client=True)

    def _settings(self, folder: Path) -> str:
        text = (SOURCE / "kafka.properties").read_text()
        moved = {"19092": self.partners, "9092": self.internal, "9093": self.controller}
        for port, here in moved.items():
            text = text.replace(f":{port}", f":{here}")
        text = text.replace("INTERNAL://kafka:", "INTERNAL://localhost:").replace("/var/lib/kafka", str(folder))
        return text.replace(MOUNT, str(folder))

    def login(self, port: int, password: str = PASSWORD) -> KafkaLogin:
        """Of its administrator, with the certificate of one of our processes."""
        own = self.folder / "registry"
        files = [str(own / name) for name in (CA, CERTIFICATE, KEY)]
        return KafkaLogin(f"localhost:{port}", "simpul", password, "SASL_SSL", *files)


def _program(path: Path, main: str) -> None:
    class_path = java.kafka_class_path()
    command = " ".join(f"'{part}'" for part in java.kafka_command(class_path, *fast_start(class_path), main))
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    path.chmod(0o755)


@pytest.fixture(scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broker]:
    made = Broker(tmp_path_factory.mktemp("broker"))
    async with running([made]):
        yield made


async def test_it_formats_once_and_takes_the_administrators_login_on_both_listeners(broker: Broker) -> None:
    admin = broker.login(broker.internal).admin()
    admin.create_topics([NewTopic("facts", 1)])["facts"].result(30)
    await broker.stop()
    await broker.start()
    assert "facts" in broker.login(broker.partners).admin().list_topics(timeout=10).topics
    with pytest.raises(KafkaException):
        broker.login(broker.partners, "wrong").admin().list_topics(timeout=3)


async def test_partners_need_the_ca_and_no_certificate_of_their_own(broker: Broker) -> None:
    partner = replace(broker.login(broker.partners), certificate="", key="")
    assert "localhost" in str(partner.admin().list_topics(timeout=10).brokers)
    async with AIOKafkaConsumer(**partner.client) as consumer:
        assert await consumer.topics() is not None


async def test_a_partner_sends_with_the_example_and_the_ca_that_it_was_given(broker: Broker) -> None:
    administrator = broker.login(broker.internal).confluent
    passwords = (await provisioning.sync_partners(administrator, Names(), ["KP2MI"])).passwords
    environment = {
        "ORGANISATION": "KP2MI", "KAFKA_URL": f"localhost:{broker.partners}", "KAFKA_SECURITY": "SASL_SSL",
        "KAFKA_USER": "kp2mi", "KAFKA_PASSWORD": passwords["KP2MI"], "KAFKA_CA": str(broker.folder / CA),
    }  # fmt: skip
    program = [sys.executable, str(EXAMPLE), "partner.placement.reported.v1", "2026-1"]
    sending = await asyncio.create_subprocess_exec(
        *program, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    _, error = await sending.communicate(b"{}")
    assert sending.returncode == 0, error.decode()
    sent = await read_topic(KafkaServer(*astuple(broker.login(broker.internal))), Names().intake("KP2MI"))
    assert [record.value for record in sent] == [b"{}"]


def _strangers(broker: Broker, tmp_path: Path) -> dict[str, KafkaLogin]:
    ours = broker.login(broker.internal)
    stranger = Authority(tmp_path / "theirs")
    stranger.certify(tmp_path, ["registry"], client=True)
    theirs = {"certificate": str(tmp_path / CERTIFICATE), "key": str(tmp_path / KEY)}
    return {
        "plain text": replace(ours, security="SASL_PLAINTEXT", ca="", certificate="", key=""),
        "no certificate on our own listener": replace(ours, certificate="", key=""),
        "a certificate of another CA": replace(ours, **theirs),
        "a broker of another CA": replace(ours, ca=str(tmp_path / CA)),
        "a broker of another name": replace(ours, url=f"127.0.0.2:{broker.internal}"),
    }


@pytest.mark.parametrize(
    "what",
    [
        "plain text",
        "no certificate on our own listener",
        "a certificate of another CA",
        "a broker of another CA",
        "a broker of another name",
    ],
)
async def test_neither_of_our_clients_talks_to_a_stranger_or_as_one(broker: Broker, tmp_path: Path, what: str) -> None:
    login = _strangers(broker, tmp_path)[what]
    with pytest.raises(KafkaException):
        login.admin().list_topics(timeout=1)
    consumer = AIOKafkaConsumer(**login.client, request_timeout_ms=2000)
    try:
        with pytest.raises(KafkaConnectionError):
            await consumer.start()
    finally:
        await consumer.stop()


async def test_a_service_works_with_a_broker_and_a_database_over_tls(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Consumer, publisher, outbox, janitor and the driver, with nothing but their settings; a renewed file is taken."""
    own = broker.folder / "registry"
    database = Database("db-tls", tmp_path, ports.free(1)[0], cache="256M", tls=own)
    server = KafkaServer(*astuple(broker.login(broker.internal)))
    for name, file in (("TLS_CA", CA), ("TLS_CERTIFICATE", CERTIFICATE), ("TLS_KEY", KEY)):
        monkeypatch.setenv(name, str(own / file))
    async with running([database]):
        place = a_place(server, "tls.", database.url, "counter", tmp_path)
        assert place.settings.server_tls is not None
        async with counting(place):
            await place.send(place.add(ids(1)[0], 3))
            (outcome,) = (await place.final(1)).values()
            (own / CERTIFICATE).unlink()
            broker.authority.certify(own, CERTIFIED["registry"], client=True, days=90)
            renewed = x509.load_pem_x509_certificate((own / CERTIFICATE).read_bytes()).not_valid_after_utc.timestamp()
            expires = partial(REGISTRY.get_sample_value, "simpul_certificate_expires_at", {"file": CERTIFICATE})
            await eventually(lambda: expires() == renewed)
        assert outcome.result == "applied"
        assert place.names.commands(SERVICE) in await Topics(place.settings).find([place.names.commands(SERVICE)])


async def test_quotas_and_disks_are_asked_for_over_tls(broker: Broker) -> None:
    login = broker.login(broker.internal)
    quota = Quota(producer_byte_rate=1e6, consumer_byte_rate=1e6, request_percentage=50)
    await broker_limits.set_quotas(login.confluent, {"someone": quota})
    assert await broker_limits.quotas_of(login.confluent, ["someone"]) == {"someone": quota}
    assert (await broker_limits.kept(login.confluent)).usable_bytes
