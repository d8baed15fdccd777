"""A domain service met as the gateway meets it: commands in, outcomes and events out, queries."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from fastapi import APIRouter, FastAPI

from chassis.commands.types import Applied, Command
from chassis.security.keys import KeyRing
from chassis.security.principal import Verifier
from chassis.security.sealing import Sealer
from chassis.settings import Settings
from chassis.web.app import create_app
from contracts.commands import Frame, Principal
from contracts.envelope import Envelope
from contracts.model import Model
from contracts.outcomes import Outcome
from contracts.topics import Names
from deploy.local import keys
from tests.eventually import eventually
from tests.servers import KafkaServer
from tests.signing import Signed


def command(body: Any, who: Principal, personal: Model | None = None, *, command_id: str | None = None) -> Command:
    """A command as a service's `decide` meets it."""
    chosen = command_id or str(uuid4())
    envelope = Envelope(id=chosen, source="/simpul/gateway", type=body.type, time=datetime.now(UTC))
    return Command(chosen, body.type, "digest", b"key", who, body, personal, envelope)


def carry_out(decide: Callable[..., Applied[Any]], apply: Callable[..., None]) -> Callable[..., Applied[Any]]:
    """A service's decision about one command, put into the batch as the processor does. Raises Refused."""

    def carry_out_one(batch: Any, one: Command, now: datetime) -> Applied[Any]:
        applied = decide(batch, one, now)
        if applied.changes is not None:
            apply(batch, applied.changes)
        return applied

    return carry_out_one


@dataclass
class Asking:
    """Queries signed as the gateway signs them."""

    service: str
    http: httpx.AsyncClient
    api: KeyRing
    operators: KeyRing

    def as_(self, who: Principal) -> Signed:
        """Signs every request for somebody."""
        return Signed(self.api, who, self.service, self.operators)

    async def __call__(self, who: Principal, path: str, body: Any = None, **query: Any) -> httpx.Response:
        """GET, or POST when there is a body."""
        return await self.http.request("POST" if body else "GET", path, json=body, params=query, auth=self.as_(who))


@asynccontextmanager
async def asking(
    service: str, routers: Callable[[Verifier], Sequence[APIRouter]], rings: Mapping[str, Any] | None = None
) -> AsyncIterator[Asking]:
    """A service's routes alone, without its consumers."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield

    made = rings or keys.rings()
    verifier = Verifier(KeyRing(**made[service]), service)
    app = create_app(service, lifespan=lifespan, ready=dict, routers=routers(verifier))
    async with _client(app) as http:
        yield Asking(service, http, KeyRing(**made["gateway-api"]), KeyRing(**made["operators"]))


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://service")


@dataclass
class Running:
    """A service that consumes; `log` is everything it has published so far."""

    service: str
    names: Names
    ring: KeyRing
    ask: Asking
    producer: AIOKafkaProducer
    log: list[ConsumerRecord]

    async def settle(self, *commands: Command) -> list[Outcome]:
        """Send commands in order and wait for the outcome of each."""
        sealer = Sealer(self.ring, self.service)
        for one in commands:
            await self.producer.send(
                self.names.commands(self.service), _frame(one, sealer), one.key, headers=one.envelope.headers()
            )
        wanted = [one.id for one in commands]
        return await eventually(lambda: self._outcomes(wanted), timeout=30)

    def _outcomes(self, wanted: Sequence[str]) -> list[Outcome]:
        topic = self.names.outcomes(self.service)
        found = {record.key.decode(): Outcome.model_validate_json(record.value) for record in self.records(topic)}
        return [found[one] for one in wanted] if set(wanted) <= found.keys() else []

    def records(self, topic: str) -> list[ConsumerRecord]:
        """What stands in a topic so far."""
        return [record for record in self.log if record.topic == topic]

    def events(self) -> list[dict[str, Any]]:
        """The values of the events published so far."""
        return [json.loads(record.value) for record in self.records(self.names.events(self.service))]


def _frame(one: Command, sealer: Sealer) -> bytes:
    sealed = one.personal and sealer.seal(
        one.personal.model_dump_json().encode(),
        type=one.type,
        command_id=one.id,
        organisation=one.principal.organisation,
    )
    body = one.body.model_dump(mode="json")
    return Frame(principal=one.principal, digest=one.digest, sealed=sealed, body=body).model_dump_json().encode()


@asynccontextmanager
async def running(
    service: str, build: Callable[[Any], FastAPI], settings: type[Settings],
    kafka: KafkaServer, prefix: str, mongo: str, database: str, folder: Path,
) -> AsyncIterator[Running]:  # fmt: skip
    """The whole service in this process, consuming."""
    keys.ensure(folder)
    names = Names(prefix)
    kafka.make_topics(names.commands(service), names.outcomes(service), names.events(service), partitions=2)
    environment = {name.lower(): value for name, value in kafka.environment.items() if value}
    places = {
        "mongo_url": mongo,
        "mongo_database": database,
        "keys": folder / f"{service}.json",
        "topic_prefix": prefix,
    }
    app = build(settings(**environment, **places))  # type: ignore[arg-type]
    ring = KeyRing.load(folder / "gateway-api.json")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        http = await stack.enter_async_context(_client(app))
        producer = await stack.enter_async_context(AIOKafkaProducer(**kafka.client))
        topics = (names.outcomes(service), names.events(service))
        log = await stack.enter_async_context(_log(kafka, topics))
        await eventually(lambda: all(app.state.process.ready().values()), timeout=120)
        yield Running(
            service, names, ring, Asking(service, http, ring, KeyRing.load(folder / "operators.json")), producer, log
        )


@asynccontextmanager
async def _log(kafka: KafkaServer, topics: Sequence[str]) -> AsyncIterator[list[ConsumerRecord]]:
    """Every record of these topics, growing while it is read."""
    found: list[ConsumerRecord] = []
    consumer = AIOKafkaConsumer(*topics, auto_offset_reset="earliest", **kafka.client)
    await consumer.start()

    async def read() -> None:
        while True:
            found.append(await consumer.getone())

    reading = asyncio.create_task(read())
    try:
        yield found
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await consumer.stop()
