"""The exchange while its broker is away."""

import time
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaProducer

from chassis.messaging.kafka import GRACE
from contracts.topics import PROCESSES, Names
from deploy.local import keys
from deploy.local.kafka import Kafka
from services.gateway import provisioning
from services.gateway.app import create_exchange
from services.gateway.domain.agreements import FILE
from services.gateway.settings import Settings
from tests.eventually import eventually
from tests.gateway.exchange.samples import PERSON, departed, envelope
from tests.servers import KafkaServer

EVENT = departed()
"""Of a person whose fields are to be fetched: a batch that stays in hand, because the registry is away."""


async def test_without_its_broker_the_exchange_is_not_ready_and_stops_in_time_with_a_batch_in_hand(
    mongo: str, database_name: str, tmp_path: Path, mortal_broker: Kafka
) -> None:
    app = create_exchange(await settings_of(KafkaServer(*astuple(mortal_broker.login)), mongo, database_name, tmp_path))
    exchange = app.state.exchange
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://exchange")

    async def answers(status: int) -> bool:
        return (await http.get("/readyz")).status_code == status

    async with app.router.lifespan_context(app), http:
        await eventually(lambda: answers(200), 60)
        mortal_broker.kill()
        await eventually(lambda: answers(503), 60)
        await mortal_broker.start()
        await eventually(lambda: answers(200), 60)
        async with AIOKafkaProducer(**mortal_broker.login.client) as producer:
            value = EVENT.model_dump_json(exclude_none=True).encode()
            head = envelope(EVENT).headers()
            await producer.send_and_wait("own.registry.events.v1", value, key=PERSON.encode(), headers=head)
        await eventually(lambda: "outgoing" in exchange.health.reasons, 60)
        mortal_broker.kill()
        await eventually(lambda: "broker" in exchange.health.reasons, 60)
        began = time.monotonic()
    assert time.monotonic() - began < GRACE + 20
    assert {publisher.producer for publisher in exchange.publishers} == {None}


async def settings_of(kafka: KafkaServer, mongo: str, database: str, folder: Path) -> Settings:
    """The exchange of an installation to which one partner is connected; no service behind it runs."""
    names = Names("own.")
    keys.ensure(folder)
    await provisioning.sync_services(kafka.confluent, names, dict.fromkeys(PROCESSES, "s3cret"))
    await provisioning.sync_partners(kafka.confluent, names, ["KP2MI", "KBRI_KUL"])
    login = replace(kafka, user=f"{names.prefix}gateway-exchange", password="s3cret")
    environment: dict[str, Any] = {name.lower(): value for name, value in login.environment.items() if value}
    return Settings(
        **environment, mongo_url=mongo, mongo_database=database, keys=folder / "gateway-exchange.json",
        topic_prefix=names.prefix, instance="gateway-exchange-0", registry_url="http://127.0.0.1:9",
        agreements_file=FILE,
    )  # fmt: skip
