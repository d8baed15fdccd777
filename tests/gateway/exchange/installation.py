"""The exchange and the services behind it on real servers, met as partners meet them: with their own logins."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvicorn
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)
from fastapi import FastAPI
from starlette.responses import Response

from chassis.messaging.kafka import end
from contracts import envelope as envelopes
from contracts.commands import Frame, Principal
from contracts.model import Model
from contracts.schemas import message_type
from contracts.topics import EXCHANGE, PROCESSES, URGENT, Names
from deploy.local import keys, ports
from deploy.local.kafka import KafkaLogin
from services.gateway import provisioning
from services.gateway.app import create_exchange, create_exchange_urgent
from services.gateway.domain.agreements import FILE
from services.gateway.settings import Settings
from services.indicators.app import create_app as create_indicators
from services.indicators.settings import Settings as IndicatorsSettings
from services.notifications.alerts.app import create_app as create_notifications
from services.notifications.alerts.settings import Settings as NotificationsSettings
from services.registry.app import create_app as create_registry
from services.registry.settings import Settings as RegistrySettings
from tests.eventually import eventually
from tests.gateway.exchange.samples import headers
from tests.servers import KafkaServer

PARTNERS = ("KP2MI", "KEMENDAGRI", "KEMLU", "KBRI_KUL", "KAB-33.07", "BPS", "BPJS_TK")
SERVICES: Mapping[str, tuple[Callable[[Any], FastAPI], type[Any]]] = {
    "registry": (create_registry, RegistrySettings),
    "indicators": (create_indicators, IndicatorsSettings),
    "alerts": (create_notifications, NotificationsSettings),
}


@dataclass
class Partner:
    """One organisation with its own login: it sends, and has read everything that was sent to it."""

    code: str
    login: KafkaLogin
    names: Names
    inbox: list[ConsumerRecord] = field(default_factory=list)

    async def send(self, kind: str, body: Any, *, urgent: bool = False, **given: str | bytes | None) -> None:
        """One record, in its own topic."""
        found = headers(kind, **({"source": f"/{self.code}/test"} | given))
        value = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with AIOKafkaProducer(**self.login.client) as producer:
            await producer.send_and_wait(self.names.intake(self.code, urgent=urgent), value, headers=found)

    async def append(
        self, value: bytes | None, headers: Sequence[tuple[str, bytes | None]], *, key: bytes | None = None
    ) -> None:
        """One record as no CloudEvents library writes it."""
        async with AIOKafkaProducer(**self.login.client) as producer:
            await producer.send_and_wait(self.names.intake(self.code), value, key=key, headers=list(headers))

    def told_of_nothing(self) -> list[dict[str, Any]]:
        """Receipts of records that had no readable id."""
        told = [one for body in self.copies("exchange.receipts.reported.v1") for one in body["receipts"]]
        return [one for one in told if "record" not in one]

    def copies(self, kind: str) -> list[dict[str, Any]]:
        """Bodies of what it received of one type, each copy once."""
        found = {}
        for record in self.inbox:
            head = envelopes.read(record.headers)
            if head.type == kind:
                found[head.id] = json.loads(record.value)
        return list(found.values())

    def receipts(self, record: str) -> list[dict[str, Any]]:
        """What it was told of one of its records."""
        told = [one for body in self.copies("exchange.receipts.reported.v1") for one in body["receipts"]]
        return [one for one in told if one.get("record") == record]


@dataclass
class Installation:
    """`exchange` and `urgent` are the running ones, `admin` a login that may do everything."""

    names: Names
    partners: dict[str, Partner]
    exchange: Any
    urgent: Any
    admin: KafkaServer
    doors: Mapping[str, "ServiceDoor"]

    def of(self, urgent: bool) -> Any:
        """The exchange of one lane."""
        return self.urgent if urgent else self.exchange

    def __getitem__(self, code: str) -> Partner:
        return self.partners[code]

    async def decide(self, body: Model) -> None:
        """A steward's decision, as the api hands it to the registry."""
        steward = Principal(organisation="KP2MI", user="u-1", roles=("identity_steward",))
        await self._command("registry", body, steward)

    async def operate(self, body: Model) -> None:
        """What an operator changes of an organisation, as the api hands it on."""
        await self._command("gateway", body, Principal(organisation="SIMPUL", user="ayu", roles=("operator",)))

    async def _command(self, service: str, body: Model, principal: Principal) -> None:
        envelope = envelopes.Envelope(str(uuid4()), "/simpul/gateway", message_type(type(body)), datetime.now(UTC))
        frame = Frame(principal=principal, digest="digest", body=body.model_dump(mode="json"))
        async with AIOKafkaProducer(**self.admin.client) as producer:
            await producer.send_and_wait(
                self.names.commands(service), frame.model_dump_json().encode(), headers=envelope.headers()
            )

    async def events(self, service: str) -> list[dict[str, Any]]:
        """Everything that a service has announced."""
        found: list[dict[str, Any]] = []
        async with AIOKafkaConsumer(
            self.names.events(service), auto_offset_reset="earliest", **self.admin.client
        ) as consumer:
            ends = await consumer.end_offsets(consumer.assignment())
            while sum(ends.values()) > len(found):
                batches = await consumer.getmany(timeout_ms=500)
                found += [json.loads(record.value) for batch in batches.values() for record in batch]
        return found

    @asynccontextmanager
    async def connected(self, code: str) -> AsyncIterator[Partner]:
        """One more organisation, connected while everything runs."""
        done = await provisioning.sync_partners(self.admin.confluent, self.names, [code])
        login = replace(self.admin, user=provisioning.partner_user(code, self.names), password=done.passwords[code])
        async with _reading(Partner(code, login, self.names)) as partner:
            yield partner

    @contextmanager
    def unwritable(self, topic: str) -> Iterator[None]:
        """The exchange of loads may not write the topic meanwhile: a denial goes before every right."""
        user, literal = f"User:{self.names.prefix}gateway-exchange", ResourcePatternType.LITERAL
        denial = AclBinding(ResourceType.TOPIC, topic, literal, user, "*", AclOperation.WRITE, AclPermissionType.DENY)
        admin = self.admin.admin()
        for future in admin.create_acls([denial]).values():
            future.result(30)
        try:
            yield
        finally:
            filter_ = AclBindingFilter(
                ResourceType.TOPIC, topic, literal, user, "*", AclOperation.WRITE, AclPermissionType.DENY
            )
            for deleted in admin.delete_acls([filter_]).values():
                deleted.result(30)

    @asynccontextmanager
    async def confused(self, service: str, status: int = 500) -> AsyncIterator[None]:
        """The service answers everything with this status meanwhile."""
        self.doors[service].status = status
        try:
            yield
        finally:
            self.doors[service].status = None

    @asynccontextmanager
    async def away(self, service: str) -> AsyncIterator[None]:
        """The service answers no queries meanwhile."""
        self.doors[service].open = False
        try:
            yield
        finally:
            self.doors[service].open = True


@dataclass
class ServiceDoor:
    """A service's HTTP side, which a test may shut: connections are then taken and never answered."""

    app: FastAPI
    open: bool = True
    status: int | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await eventually(lambda: self.open or scope["type"] == "lifespan", timeout=180)
        if self.status is None or scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        else:
            await Response(status_code=self.status)(scope, receive, send)


@asynccontextmanager
async def installation(kafka: KafkaServer, mongo: str, prefix: str, folder: Path) -> AsyncIterator[Installation]:
    """Everything but the api, in this process; databases begin with the prefix."""
    keys.ensure(folder)
    names = Names(prefix)
    passwords: dict[str, str] = {process: f"secret-of-{process}" for process in PROCESSES}
    await provisioning.sync_services(kafka.confluent, names, passwords)
    connected = await provisioning.sync_partners(kafka.confluent, names, PARTNERS)
    logins = {code: _login(kafka, f"{prefix}{code.lower()}", word) for code, word in connected.passwords.items()}
    addresses: dict[str, str] = {}

    def settings(process: str, kind: type[Any]) -> Any:
        login = _login(kafka, f"{prefix}{process}", passwords[process])
        environment = {name.lower(): value for name, value in login.environment.items() if value}
        database = f"{prefix}{process.partition('-')[0]}".replace(".", "_")
        return kind(
            **environment, **addresses, mongo_url=mongo, mongo_database=database,
            keys=folder / f"{process}.json", topic_prefix=prefix, instance=f"{process}-0",
            agreements_file=FILE,
        )  # fmt: skip

    async with AsyncExitStack() as stack:
        doors = {service: ServiceDoor(build(settings(service, kind))) for service, (build, kind) in SERVICES.items()}
        for service, door in doors.items():
            addresses[f"{service}_url"] = await stack.enter_async_context(_served(door))
        one, other = (settings(process, Settings) for process in (EXCHANGE, URGENT))
        apps = create_exchange(one), create_exchange_urgent(other)
        exchange, urgent = (app.state.exchange for app in apps)
        for app in apps:
            await stack.enter_async_context(app.router.lifespan_context(app))
        partners = {
            code: await stack.enter_async_context(_reading(Partner(code, login, names)))
            for code, login in logins.items()
        }
        await eventually(lambda: all((exchange.ready() | urgent.ready()).values()), timeout=180)
        yield Installation(names, partners, exchange, urgent, kafka, doors)


def _login(kafka: KafkaServer, user: str, password: str) -> KafkaLogin:
    return replace(kafka, user=user, password=password)


class _Quiet(uvicorn.Server):
    """Leaves the signals to pytest."""

    @contextmanager
    def capture_signals(self) -> Any:
        yield


@asynccontextmanager
async def _served(door: ServiceDoor) -> AsyncIterator[str]:
    """The address at which the service answers."""
    port = ports.free(1)[0]
    server = _Quiet(
        uvicorn.Config(door, host=ports.HOST, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=2)
    )
    task = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: server.started, timeout=120)
        await eventually(lambda: all(door.app.state.process.ready().values()), timeout=180)
        yield f"http://{ports.HOST}:{port}"
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def _reading(partner: Partner) -> AsyncIterator[Partner]:
    topics = [partner.names.delivery(partner.code, urgent=urgent) for urgent in (False, True)]
    group = f"{partner.login.user}.reader"
    async with AIOKafkaConsumer(
        *topics, group_id=group, auto_offset_reset="earliest", **partner.login.client
    ) as consumer:

        async def read() -> None:
            while True:
                partner.inbox.append(await consumer.getone())

        reading = asyncio.create_task(read())
        try:
            yield partner
        finally:
            await end(reading)
