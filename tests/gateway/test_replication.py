"""Topics as they are made: on how many brokers, said with each topic and never left to the broker."""

from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, ConfigSource, ResourceType, TopicMetadata
from pydantic import ValidationError

from contracts.topics import Names
from services.gateway import provisioning
from services.gateway.broker import TooFewBrokers
from services.gateway.settings import ONE_BROKER, Replication
from tests.eventually import eventually
from tests.servers import KafkaServer

THREE = Replication(kafka_replication=3, kafka_min_insync=2)


def settings_of(admin: AdminClient, topic: str) -> dict[str, str]:
    """What a topic was given itself, without what it has from its broker."""
    wanted = ConfigResource(ResourceType.TOPIC, topic)
    found: dict[str, Any] = admin.describe_configs([wanted])[wanted].result(30)
    own = ConfigSource.DYNAMIC_TOPIC_CONFIG.value
    return {name: entry.value for name, entry in found.items() if entry.source == own}


def ours(admin: AdminClient, prefix: str, expected: set[str]) -> dict[str, TopicMetadata]:
    """Topics of this test, once the broker shows all that are expected."""
    topics = admin.list_topics(timeout=10).topics
    found = {name: topic for name, topic in topics.items() if name.startswith(prefix)}
    assert set(found) == expected
    return found


async def test_every_topic_says_itself_how_many_brokers_must_have_a_record(kafka: KafkaServer, prefix: str) -> None:
    names, admin = Names(prefix), kafka.admin()
    await provisioning.sync_topics(kafka.confluent, names)
    await provisioning.sync_partners(kafka.confluent, names, ["BNPB"])
    expected = {*names.internal(), *(topic.topic for topic in provisioning.partner_topics("BNPB", names, THREE))}
    made = await eventually(lambda: ours(admin, prefix, expected))
    for name, topic in made.items():
        assert settings_of(admin, name)["min.insync.replicas"] == "1", name
        assert {len(partition.replicas) for partition in topic.partitions.values()} == {1}, name


@pytest.mark.parametrize("replication", [ONE_BROKER, THREE])
def test_internal_and_partners_topics_are_held_as_the_settings_say(replication: Replication) -> None:
    topics = [
        *provisioning.internal_topics(Names(), replication),
        *provisioning.partner_topics("BNPB", Names(), replication),
    ]
    assert {topic.replication_factor for topic in topics} == {replication.kafka_replication}
    assert {(topic.config or {})["min.insync.replicas"] for topic in topics} == {str(replication.kafka_min_insync)}


async def test_more_copies_than_there_are_brokers_is_said_and_makes_no_topic(kafka: KafkaServer, prefix: str) -> None:
    many = Replication(kafka_replication=99, kafka_min_insync=2)
    with pytest.raises(TooFewBrokers, match="99"):
        await provisioning.sync_topics(kafka.confluent, Names(prefix), many)
    assert not [name for name in kafka.admin().list_topics(timeout=10).topics if name.startswith(prefix)]


def test_a_minimum_that_no_record_could_meet_is_refused() -> None:
    with pytest.raises(ValidationError, match="KAFKA_MIN_INSYNC is above KAFKA_REPLICATION"):
        Replication(kafka_replication=1, kafka_min_insync=2)
