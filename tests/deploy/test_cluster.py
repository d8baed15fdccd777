"""Three brokers on one machine: what is acknowledged is held by two, and one may be lost."""

from collections.abc import AsyncIterator
from dataclasses import astuple

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from contracts.topics import Names
from deploy.local import ports
from deploy.local.errors import CannotProceed
from deploy.local.kafka import Kafka, Node
from services.gateway import provisioning
from tests.servers import KafkaServer, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
async def brokers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Kafka]]:
    free = iter(ports.free(6))
    nodes = [Node(number, next(free), next(free)) for number in (1, 2, 3)]
    folder = tmp_path_factory.mktemp("cluster")
    three = [Kafka(folder, node.port, node.controller_port, nodes=nodes) for node in nodes]
    async with running(three):
        yield three


async def test_every_topic_is_held_by_three_and_acknowledged_by_two(brokers: list[Kafka]) -> None:
    server, replication = KafkaServer(*astuple(brokers[0].login)), brokers[0].replication
    await provisioning.sync_topics(server.confluent, Names("three."), replication)
    await provisioning.sync_partners(server.confluent, Names("three."), ["BNPB"], replication)
    await commit_an_offset(server)
    admin = server.admin()
    for name, topic in admin.list_topics(timeout=10).topics.items():
        assert {len(partition.replicas) for partition in topic.partitions.values()} == {3}, name
        assert minimum(admin, name) == "2", name


async def commit_an_offset(server: KafkaServer) -> None:
    """The broker makes its topic of offsets when somebody commits the first."""
    topic = Names("three.").events("registry")
    async with AIOKafkaConsumer(topic, **server.client, group_id="readers", enable_auto_commit=False) as consumer:
        await consumer.commit(dict.fromkeys(consumer.assignment(), 0))


def minimum(admin: AdminClient, topic: str) -> str:
    wanted = ConfigResource(ResourceType.TOPIC, topic)
    return str(admin.describe_configs([wanted])[wanted].result(30)["min.insync.replicas"].value)


async def test_each_broker_may_be_lost_in_turn_and_nobody_loses_anything(brokers: list[Kafka]) -> None:
    server = KafkaServer(*astuple(brokers[0].login))
    server.make_topics("facts", replication=3)
    async with AIOKafkaProducer(**server.client, acks="all", enable_idempotence=True) as producer:
        for lost in brokers:
            lost.kill()
            for number in range(60):
                await producer.send_and_wait("facts", f"{lost.number}/{number}".encode())
            await lost.start()
    async with AIOKafkaConsumer("facts", **server.client, auto_offset_reset="earliest") as consumer:
        read = [(await consumer.getone()).value.decode() for _ in range(180)]
    assert read == [f"{broker}/{number}" for broker in (1, 2, 3) for number in range(60)]


async def test_a_folder_keeps_its_number_of_brokers(brokers: list[Kafka]) -> None:
    folder = brokers[0].home.parent
    with pytest.raises(CannotProceed, match="another number of brokers"):
        await Kafka(folder, 1, 2).start()
