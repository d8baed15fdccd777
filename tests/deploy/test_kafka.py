"""Apache Kafka on one machine: logins, ACLs, and what a kill leaves."""

from dataclasses import astuple
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from deploy.local.kafka import Kafka
from tests.servers import KafkaServer


async def test_a_wrong_password_is_refused(kafka: KafkaServer) -> None:
    if kafka.security == "PLAINTEXT":
        pytest.skip("this broker asks for no password")
    producer = AIOKafkaProducer(**kafka.client | {"sasl_plain_password": "wrong"})
    try:
        with pytest.raises(KafkaConnectionError):
            await producer.start()
    finally:
        await producer.stop()


async def test_acknowledged_messages_survive_a_kill_and_the_password_a_restart(mortal_broker: Kafka) -> None:
    server = KafkaServer(*astuple(mortal_broker.login))
    server.make_topics("kept")
    async with AIOKafkaProducer(**server.client, acks="all") as producer:
        for n in range(50):
            await producer.send_and_wait("kept", str(n).encode())
    mortal_broker.kill()
    await mortal_broker.start()
    async with AIOKafkaConsumer("kept", **server.client, auto_offset_reset="earliest") as consumer:
        assert [int((await consumer.getone()).value) for _ in range(50)] == list(range(50))


async def test_only_its_owner_reads_the_administrators_password(tmp_path: Path) -> None:
    kafka = Kafka(tmp_path, 1, 2)
    assert kafka.login == kafka.login
    assert (kafka.home / "admin.password").stat().st_mode & 0o077 == 0
