"""The broker itself keeps partners apart."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from contracts.topics import Names
from services.gateway import partner_access, provisioning
from tests.eventually import eventually
from tests.gateway.exchange.installation import Installation, Partner
from tests.servers import KafkaServer


@asynccontextmanager
async def started(client: Any) -> AsyncIterator[Any]:
    """Stopped in any case: aiokafka's own context manager leaves a client open whose start was refused."""
    try:
        await client.start()
        yield client
    finally:
        await client.stop()


async def write(partner: Partner, topic: str) -> None:
    async with started(AIOKafkaProducer(**partner.login.client)) as producer:
        await producer.send_and_wait(topic, b"{}")


async def read(partner: Partner, topic: str) -> None:
    group = f"{partner.login.user}.{topic}"
    async with started(AIOKafkaConsumer(topic, group_id=group, **partner.login.client)) as consumer:
        await consumer.getmany(timeout_ms=2000)


async def join(partner: Partner, group: str) -> None:
    topic = partner.names.delivery(partner.code)
    async with started(AIOKafkaConsumer(topic, group_id=group, **partner.login.client)) as consumer:
        await consumer.getmany(timeout_ms=2000)


@pytest.mark.parametrize(
    ("attempt", "place", "refusal"),
    [
        (write, lambda names: names.intake("KP2MI"), TopicAuthorizationFailedError),
        (write, lambda names: names.delivery("KEMLU"), TopicAuthorizationFailedError),
        (write, lambda names: names.commands("registry"), TopicAuthorizationFailedError),
        (read, lambda names: names.delivery("KP2MI"), TopicAuthorizationFailedError),
        (read, lambda names: names.intake("KEMLU"), TopicAuthorizationFailedError),
        (read, lambda names: names.events("registry"), TopicAuthorizationFailedError),
        (join, lambda names: names.group("gateway-exchange"), GroupAuthorizationFailedError),
        (join, lambda names: f"{names.prefix}kp2mi.reader", GroupAuthorizationFailedError),
    ],
)
async def test_a_partner_is_refused_everywhere_but_at_its_own(
    running: Installation,
    attempt: Callable[[Partner, str], Awaitable[None]],
    place: Callable[[Names], str],
    refusal: type[KafkaError],
) -> None:
    with pytest.raises(refusal):
        await attempt(running["KEMLU"], place(running.names))


async def test_a_partner_is_refused_the_groups_of_whose_name_its_own_is_the_beginning(running: Installation) -> None:
    with pytest.raises(GroupAuthorizationFailedError):
        await join(running["BPS"], f"{running.names.prefix}bps-33.reader")


async def test_a_partner_writes_and_reads_its_own(running: Installation) -> None:
    kemlu = running["KEMLU"]
    await write(kemlu, running.names.intake("KEMLU", urgent=True))
    await read(kemlu, running.names.delivery("KEMLU"))
    await join(kemlu, f"{running.names.prefix}kemlu.second-reader")


async def test_a_wrong_password_opens_nothing(running: Installation) -> None:
    kemlu = running["KEMLU"]
    stranger = replace(kemlu, login=replace(kemlu.login, password="guessed"))
    with pytest.raises(KafkaConnectionError):
        await write(stranger, running.names.intake("KEMLU"))


async def test_what_is_denied_counts_at_once_while_a_new_password_waits_for_the_next_login(
    running: Installation,
) -> None:
    async with running.connected("KJRI_BKI") as partner, started(AIOKafkaProducer(**partner.login.client)) as open_:
        topic = running.names.intake("KJRI_BKI")
        await open_.send_and_wait(topic, b"{}")
        await provisioning.sync_partners(running.admin.confluent, running.names, ["KJRI_BKI"], rotate=True)
        await eventually(lambda: refused(write(partner, topic), KafkaConnectionError))
        await open_.send_and_wait(topic, b"{}")
        await partner_access.cut_off(running.admin.confluent, running.names, "KJRI_BKI")
        await eventually(lambda: refused(open_.send_and_wait(topic, b"{}"), TopicAuthorizationFailedError))
        await provisioning.sync_partners(running.admin.confluent, running.names, ["KJRI_BKI"])
        assert await refused(open_.send_and_wait(topic, b"{}"), TopicAuthorizationFailedError)
        await partner_access.restore(running.admin.confluent, running.names, "KJRI_BKI")
        await eventually(lambda: succeeds(open_.send_and_wait(topic, b"{}")))


async def refused(attempt: Awaitable[Any], error: type[KafkaError]) -> bool:
    """Whether the attempt fails in this way."""
    try:
        await attempt
    except error:
        return True
    return False


async def succeeds(attempt: Awaitable[Any]) -> bool:
    return not await refused(attempt, KafkaError)


async def connected_codes(kafka: KafkaServer, names: Names) -> list[str]:
    return [partner.code for partner in await partner_access.list_partners(kafka.confluent, names)]


async def test_connecting_again_changes_no_password_unless_asked(kafka: KafkaServer, prefix: str) -> None:
    names = Names(prefix)
    first = await provisioning.sync_partners(kafka.confluent, names, ["bnpb"])
    again = await provisioning.sync_partners(kafka.confluent, names, ["BNPB"])
    rotated = await provisioning.sync_partners(kafka.confluent, names, ["BNPB"], rotate=True)
    assert first.organisations == again.organisations == ("BNPB",)
    assert again.passwords == {}
    assert rotated.passwords["BNPB"] != first.passwords["BNPB"]
    assert await connected_codes(kafka, names) == ["BNPB"]


async def test_an_unknown_organisation_is_named_with_its_neighbours_and_makes_nothing(
    kafka: KafkaServer, prefix: str
) -> None:
    with pytest.raises(provisioning.UnknownOrganisation, match="'KP2M'; do you mean KP2MI"):
        await provisioning.sync_partners(kafka.confluent, Names(prefix), ["BNPB", "KP2M"])
    assert await connected_codes(kafka, Names(prefix)) == []
