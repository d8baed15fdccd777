"""What a suspended organisation may at the broker: nothing but send alerts; and what others took stays taken."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError

from chassis.messaging.kafka import end
from contracts.envelope import Envelope
from contracts.gateway import LiftSuspension, OrganisationChanged, OrganisationCommand, SuspendOrganisation
from contracts.topics import Names
from services.gateway import flood_watch, partner_access, provisioning, suspension_watch
from services.gateway.domain.organisation import decide
from services.gateway.domain.organisations import Organisations
from services.gateway.settings import PartnerLimits
from tests.eventually import eventually
from tests.servers import KafkaServer

CODE = "BNPB"
NOW = datetime(2026, 4, 1, 2, tzinfo=UTC)


@pytest.fixture
async def names(kafka: KafkaServer, prefix: str) -> Names:
    if kafka.security == "PLAINTEXT":
        pytest.skip("this broker knows no users")
    names = Names(prefix)
    kafka.make_topics(names.events("gateway"), partitions=2)
    return names


async def login_of(kafka: KafkaServer, names: Names) -> KafkaServer:
    done = await provisioning.sync_partners(kafka.confluent, names, [CODE])
    return replace(kafka, user=provisioning.partner_user(CODE, names), password=done.passwords[CODE])


async def writes(login: KafkaServer, topic: str) -> bool:
    producer = AIOKafkaProducer(**login.client)
    try:
        await producer.start()
        await producer.send_and_wait(topic, b"{}")
    except TopicAuthorizationFailedError:
        return False
    finally:
        await producer.stop()
    return True


async def reads(login: KafkaServer, topic: str) -> bool:
    consumer = AIOKafkaConsumer(**login.client, enable_auto_commit=False)
    try:
        await consumer.start()
        consumer.assign([TopicPartition(topic, 0)])
        consumer.seek(TopicPartition(topic, 0), 0)
        await consumer.getmany(timeout_ms=1000)
    except TopicAuthorizationFailedError:
        return False
    finally:
        await consumer.stop()
    return True


async def rights(login: KafkaServer, names: Names) -> dict[str, bool]:
    return {
        "loads": await writes(login, names.intake(CODE)),
        "alerts": await writes(login, names.intake(CODE, urgent=True)),
        "copies": await reads(login, names.delivery(CODE)),
        "urgent copies": await reads(login, names.delivery(CODE, urgent=True)),
    }


EVERYTHING = dict.fromkeys(("loads", "alerts", "copies", "urgent copies"), True)
ALERTS_ALONE = EVERYTHING | dict.fromkeys(("loads", "copies", "urgent copies"), False)


@asynccontextmanager
async def watching(kafka: KafkaServer, names: Names) -> AsyncIterator[list[suspension_watch.Change]]:
    said: list[suspension_watch.Change] = []
    task = asyncio.create_task(suspension_watch.watch(kafka.confluent, names, said.append))
    try:
        yield said
    finally:
        await end(task)


async def announce(kafka: KafkaServer, names: Names, commands: Sequence[OrganisationCommand]) -> None:
    """As the exchange does when it has settled them."""
    known = Organisations()
    async with AIOKafkaProducer(**kafka.client) as producer:
        for command in commands:
            changed = decide(known, command, NOW)
            assert changed
            known = known.with_state(changed[1])
            event = OrganisationChanged(change=changed[0], by="ayu", state=changed[1])
            envelope = Envelope("e-1", "/simpul/gateway", event.type, NOW, sequence=event.state.version)
            await producer.send_and_wait(
                names.events("gateway"), event.model_dump_json().encode(), key=b"k", headers=envelope.headers()
            )


async def test_a_suspension_takes_the_rights_and_lifting_it_gives_back_those_alone(
    kafka: KafkaServer, names: Names
) -> None:
    login = await login_of(kafka, names)
    suspend = SuspendOrganisation(organisation=CODE, reason="credentials_stolen")
    async with watching(kafka, names) as said:
        await announce(kafka, names, [suspend])
        await eventually(lambda: suspension_watch.Change(CODE, suspended=True) in said, timeout=30)

        async def alerts_alone() -> bool:
            return await rights(login, names) == ALERTS_ALONE

        await eventually(alerts_alone, timeout=30, every=0.2)
        await partner_access.cut_off(kafka.confluent, names, CODE)
        await partner_access.restore(kafka.confluent, names, CODE)
        await eventually(alerts_alone, timeout=30, every=0.2)
        assert not flood_watch.withdrawn_from(kafka.confluent, names)
        assert await flood_watch.look(kafka.confluent, names, PartnerLimits(broker_min_free_bytes=0)) == []
        await announce(kafka, names, [suspend, LiftSuspension(organisation=CODE)])

        async def everything() -> bool:
            return await rights(login, names) == EVERYTHING

        await eventually(everything, timeout=30, every=0.2)
        assert said[-1] == suspension_watch.Change(CODE, suspended=False)


async def test_a_watch_that_was_away_brings_the_rights_in_line(kafka: KafkaServer, names: Names) -> None:
    login = await login_of(kafka, names)
    suspended = decide(Organisations(), SuspendOrganisation(organisation=CODE, reason="dissolved"), NOW)
    assert suspended
    organisations = Organisations([suspended[1]])
    assert await looked(kafka, names, organisations) == [suspension_watch.Change(CODE, suspended=True)]

    async def taken() -> bool:
        return not await writes(login, names.intake(CODE))

    await eventually(taken, timeout=30, every=0.2)
    assert await looked(kafka, names, organisations) == []
    assert await looked(kafka, names, Organisations()) == [suspension_watch.Change(CODE, suspended=False)]


async def looked(kafka: KafkaServer, names: Names, organisations: Organisations) -> list[suspension_watch.Change]:
    return await asyncio.to_thread(suspension_watch.look, kafka.confluent, names, organisations)
