"""The api and the three services behind it, on real servers, each with its own Kafka user; one set for all tests."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx
import uvicorn
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from joserfc.jwk import RSAKey
from motor.motor_asyncio import AsyncIOMotorClient
from starlette.types import ASGIApp

from chassis.security.keys import KeyRing
from chassis.web.listeners import HTTP
from contracts.topics import EXCHANGE, PROCESSES, SERVICES, Names
from deploy.local import keys
from services.gateway import app as gateway
from services.gateway import provisioning, tokens
from services.gateway.domain.agreements import FILE
from services.gateway.settings import Settings as GatewaySettings
from services.indicators import app as indicators
from services.indicators.settings import Settings as IndicatorsSettings
from services.notifications.alerts import app as notifications
from services.notifications.alerts.settings import Settings as NotificationsSettings
from services.registry import app as registry
from services.registry.settings import Settings as RegistrySettings
from tests.eventually import eventually
from tests.gateway.settling import settling
from tests.servers import KafkaServer

App = tuple[Callable[[Any], ASGIApp], type]
BEHIND: dict[str, App] = {
    "registry": (registry.create_app, RegistrySettings),
    "indicators": (indicators.create_app, IndicatorsSettings),
    "alerts": (notifications.create_app, NotificationsSettings),
}
PARTNERS = ("KP2MI", "KEMLU")
PATIENT_SECONDS = 15
"""How long a write waits for its service where there is one, so that no test depends on how busy the machine is."""
NOWHERE = "http://127.0.0.1:9"
"""An address at which nobody answers."""


@dataclass
class Gateway:
    """The running api, as callers meet it."""

    url: str
    names: Names
    ring: KeyRing
    key: RSAKey
    kafka: KafkaServer
    disclosures: Any

    def token(
        self, organisation: str, *roles: str, user: str = "officer-1", kind: Literal["person", "system"] = "person",
        purpose: str | None = None, hours: float = 1,
    ) -> str:  # fmt: skip
        return tokens.issue(
            self.key, issuer="https://simpul.local", audience="simpul", organisation=organisation, subject=user,
            roles=roles, kind=kind, purpose=purpose, hours=hours,
        )  # fmt: skip

    @asynccontextmanager
    async def as_(self, organisation: str, *roles: str, **claims: Any) -> AsyncIterator[httpx.AsyncClient]:
        """A client of an officer with these roles, or of a system."""
        headers = {"Authorization": f"Bearer {self.token(organisation, *roles, **claims)}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=20, trust_env=False) as client:
            yield client

    async def document(self) -> dict[str, Any]:
        """The OpenAPI document."""
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            return dict((await client.get("/openapi.json")).json())

    async def records(self, topic: str) -> list[Any]:
        """Everything that stands in a topic."""
        async with AIOKafkaConsumer(topic, auto_offset_reset="earliest", **self.kafka.client) as consumer:
            ends = await consumer.end_offsets(consumer.assignment())
            found: list[Any] = []
            while sum(ends.values()) > len(found):
                found += [one for batch in (await consumer.getmany(timeout_ms=500)).values() for one in batch]
            return found

    async def publish(self, topic: str, *values: dict[str, Any], headers: list[tuple[str, bytes]]) -> None:
        async with AIOKafkaProducer(**self.kafka.client) as producer:
            for value in values:
                await producer.send_and_wait(topic, json.dumps(value).encode(), headers=headers)


@asynccontextmanager
async def a_gateway(kafka: KafkaServer, mongo: str, folder: Path, behind: Mapping[str, App]) -> AsyncIterator[Gateway]:
    """The api with these services behind it; the others are away. With any, the gateway's own commands are settled."""
    keys.ensure(folder)
    run = f"t{secrets.token_hex(4)}"
    names = Names(f"{run}.")
    passwords: dict[str, str] = {process: secrets.token_hex(8) for process in PROCESSES}
    await provisioning.sync_services(kafka.confluent, names, passwords)
    await provisioning.sync_partners(kafka.confluent, names, PARTNERS)
    client: AsyncIOMotorClient = AsyncIOMotorClient(mongo)
    async with AsyncExitStack() as stack:

        async def start(process: str, create: Callable[[Any], ASGIApp], settings: type, **more: Any) -> str:
            given = _settings(kafka, names, process, passwords[process], folder)
            made = settings(mongo_url=mongo, mongo_database=f"{run}_{process.partition('-')[0]}", **given, **more)
            return await stack.enter_async_context(serving(create(made)))

        urls = {f"{service}_url": NOWHERE for service in BEHIND}
        urls |= {f"{service}_url": await start(service, *app) for service, app in behind.items()}
        wait: dict[str, Any] = {"write_wait_seconds": PATIENT_SECONDS} if behind else {}
        jwks = str(folder / keys.TOKEN_JWKS)
        if behind:
            exchange = _settings(kafka, names, EXCHANGE, passwords[EXCHANGE], folder)
            settings = GatewaySettings(mongo_url=mongo, mongo_database=f"{run}_gateway", **exchange)
            await stack.enter_async_context(settling(settings, FILE))
            wait["agreements_file"] = FILE
        url = await start("gateway-api", gateway.create_api, GatewaySettings, token_jwks=jwks, **PAGES, **urls, **wait)
        key = RSAKey.import_key((folder / keys.TOKEN_KEY).read_bytes())
        ring = KeyRing.load(folder / "gateway-api.json")
        yield Gateway(url, names, ring, key, kafka, client[f"{run}_gateway"]["disclosures"])
    for service in SERVICES:
        await client.drop_database(f"{run}_{service}")
    client.close()
    await asyncio.to_thread(kafka.drop_topics, names.prefix)


PAGES = {"web_issuer": "http://127.0.0.1:9"}
"""As an installation with the coordinators' web has it: nobody answers there, and no route of the api minds."""


def _settings(kafka: KafkaServer, names: Names, process: str, password: str, folder: Path) -> dict[str, Any]:
    given = {name.lower(): value for name, value in kafka.environment.items() if value}
    if "SASL" in kafka.security:
        given |= {"kafka_user": f"{names.prefix}{process}", "kafka_password": password}
    return given | {"topic_prefix": names.prefix, "keys": folder / f"{process}.json", "instance": f"{process}-0"}


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """The app over HTTP on a free port; yields its address once it is ready."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, timeout_graceful_shutdown=2, **HTTP))
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started or task.done(), timeout=120)
    port = server.servers[0].sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}"

    async def ready() -> bool:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"{url}/readyz")).is_success

    await eventually(ready, timeout=180, every=0.2)
    try:
        yield url
    finally:
        server.should_exit = True
        await task
