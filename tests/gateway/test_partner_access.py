"""Disconnecting a partner leaves nothing of it on the broker, and nothing of anybody else is touched."""

from functools import partial
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from confluent_kafka.admin import AclBindingFilter, AclOperation, AclPermissionType, ResourcePatternType, ResourceType

from contracts.topics import Names
from services.gateway import broker, partner_access, provisioning
from services.gateway.partner_access import Partner
from tests.eventually import eventually
from tests.servers import KafkaServer


@pytest.fixture
def names(kafka: KafkaServer, prefix: str) -> Names:
    if kafka.security == "PLAINTEXT":
        pytest.skip("this broker knows no users")
    return Names(prefix)


def rights_of(kafka: KafkaServer, user: str) -> int:
    anything: Any = (
        ResourceType.ANY, None, ResourcePatternType.ANY, f"User:{user}", None, AclOperation.ANY, AclPermissionType.ANY,
    )  # fmt: skip
    admin = kafka.admin()
    return len(admin.describe_acls(AclBindingFilter(*anything)).result(30))


def nothing_is_left(kafka: KafkaServer, names: Names, slug: str) -> bool:
    """A broker shows what was removed a moment after it said so."""
    admin, user = kafka.admin(), f"{names.prefix}{slug}"
    topics = {topic for topic in broker.list_topics(admin) if topic.startswith(names.prefix) and f".{slug}." in topic}
    users, groups = broker.existing_users(admin, [user]), broker.list_groups(admin, f"{user}.")
    assert (topics, users, groups, rights_of(kafka, user)) == (set(), set(), [], 0)
    return True


async def write(kafka: KafkaServer, topic: str, count: int) -> None:
    async with AIOKafkaProducer(**kafka.client) as producer:
        for _ in range(count):
            await producer.send_and_wait(topic, b"{}")


async def read_one(kafka: KafkaServer, topic: str, group: str) -> None:
    async with AIOKafkaConsumer(topic, group_id=group, **kafka.client, enable_auto_commit=False) as consumer:
        await consumer.commit({TopicPartition(topic, 0): 1})


async def partner(kafka: KafkaServer, names: Names, code: str) -> Partner:
    return next(one for one in await partner_access.list_partners(kafka.confluent, names) if one.code == code)


async def test_what_waits_is_counted_for_either_side(kafka: KafkaServer, names: Names) -> None:
    await provisioning.sync_partners(kafka.confluent, names, ["BNPB"])
    await write(kafka, names.intake("BNPB"), 3)
    await write(kafka, names.delivery("BNPB"), 2)
    await write(kafka, names.delivery("BNPB", urgent=True), 1)
    assert await partner(kafka, names, "BNPB") == Partner(
        "BNPB", cut_off=False, loads_withdrawn=False, not_taken=3, not_read=3
    )
    await read_one(kafka, names.intake("BNPB"), names.group("gateway-exchange"))
    await read_one(kafka, names.delivery("BNPB"), f"{names.prefix}bnpb.reader")
    assert await partner(kafka, names, "BNPB") == Partner(
        "BNPB", cut_off=False, loads_withdrawn=False, not_taken=2, not_read=2
    )


async def test_nothing_of_a_disconnected_partner_is_left_and_all_of_its_neighbour(
    kafka: KafkaServer, names: Names
) -> None:
    """BPS-33 and BPS: the name of one begins with that of the other."""
    organisations = ["BPS", "BPS-33"]
    await provisioning.sync_partners(kafka.confluent, names, organisations)
    await write(kafka, names.delivery("BPS"), 1)
    await read_one(kafka, names.delivery("BPS"), f"{names.prefix}bps.reader")
    await partner_access.cut_off(kafka.confluent, names, "BPS")
    asked = list[bool]()

    async def noticed() -> bool:
        asked.append(names.delivery("BPS") in broker.list_topics(kafka.admin()))
        return len(asked) == 3

    await partner_access.disconnect(kafka.confluent, names, "BPS", noticed, within=600)
    assert asked == [True, True, True]
    await eventually(lambda: nothing_is_left(kafka, names, "bps"))
    assert broker.existing_users(kafka.admin(), [f"{names.prefix}bps-33"]) == {f"{names.prefix}bps-33"}
    assert rights_of(kafka, f"{names.prefix}bps-33") > 0
    assert [one.code for one in await partner_access.list_partners(kafka.confluent, names)] == ["BPS-33"]


async def test_only_who_is_connected_is_cut_off_restored_or_disconnected(kafka: KafkaServer, names: Names) -> None:
    for attempt in (partner_access.cut_off, partner_access.restore, partial(partner_access.disconnect, noticed=never)):
        with pytest.raises(partner_access.NotConnected, match="BNPB is not connected"):
            await attempt(kafka.confluent, names, "BNPB")


async def never() -> bool:
    return False


async def test_a_partner_is_disconnected_though_no_exchange_can_be_asked(kafka: KafkaServer, names: Names) -> None:
    await provisioning.sync_partners(kafka.confluent, names, ["BNPB"])
    await partner_access.disconnect(kafka.confluent, names, "BNPB", never, within=0.3)
    await eventually(lambda: nothing_is_left(kafka, names, "bnpb"))


async def test_no_denial_of_a_disconnected_partners_loads_is_left_to_meet_it_when_it_comes_back(
    kafka: KafkaServer, names: Names
) -> None:
    await provisioning.sync_partners(kafka.confluent, names, ["BNPB"])
    broker.add_rights(kafka.admin(), provisioning.load_denials("BNPB", names))
    await eventually(lambda: rights_of(kafka, f"{names.prefix}gateway-api") == 1)
    assert (await partner(kafka, names, "BNPB")).loads_withdrawn
    await partner_access.disconnect(kafka.confluent, names, "BNPB", never, within=0.3)
    await eventually(lambda: nothing_is_left(kafka, names, "bnpb"))
    await eventually(lambda: rights_of(kafka, f"{names.prefix}gateway-api") == 0)


async def test_what_an_operator_gives_back_is_what_an_operator_took(kafka: KafkaServer, names: Names) -> None:
    await provisioning.sync_partners(kafka.confluent, names, ["BNPB"])
    broker.add_rights(kafka.admin(), provisioning.load_denials("BNPB", names))
    await partner_access.cut_off(kafka.confluent, names, "BNPB")

    async def stands(*, cut_off: bool) -> bool:
        one = await partner(kafka, names, "BNPB")
        return (one.cut_off, one.loads_withdrawn) == (cut_off, True)

    await eventually(lambda: stands(cut_off=True))
    await partner_access.restore(kafka.confluent, names, "BNPB")
    await eventually(lambda: stands(cut_off=False))
