"""The counter service at work on real servers: commands written to its topics, and what stands there afterwards."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from fastapi import FastAPI

from chassis.commands.policies import Policy
from chassis.messaging.message import Message
from chassis.messaging.publisher import Publisher
from chassis.mongo import connect
from chassis.security.keys import KeyRing
from chassis.security.sealing import Sealer
from chassis.service import domain_service
from chassis.service_process import ServiceProcess
from chassis.settings import Settings
from contracts.commands import Frame
from contracts.envelope import Classification, Envelope
from contracts.outcomes import Outcome
from contracts.topics import Names
from tests.builders import OFFICER, three_rings
from tests.chassis.counter import COUNTERS, TYPES, Bugs, Counter, steps
from tests.eventually import eventually
from tests.servers import KafkaServer

SERVICE = "counter"


@dataclass(frozen=True)
class Place:
    """The servers, names and keys of one test's counter service, running or not."""

    kafka: KafkaServer
    settings: Settings
    gateway: KeyRing
    operators: KeyRing
    bugs: Bugs = field(default_factory=Bugs)
    types: dict[str, Any] = field(default_factory=TYPES.copy)

    @property
    def names(self) -> Names:
        return Names(self.settings.topic_prefix)

    def add(
        self,
        counter: str,
        amount: int,
        *,
        command_id: str | None = None,
        note: str | None = None,
        bulk: bool = False,
        classification: Classification = "internal",
        also: str | None = None,
    ) -> Message:
        """A command as the gateway writes it."""
        command = command_id or str(uuid.uuid4())
        sealed = note and Sealer(self.gateway, SERVICE).seal(
            json.dumps({"text": note}).encode(), type="counter.add.v1", command_id=command, organisation="KP2MI"
        )
        frame = Frame(
            principal=OFFICER,
            digest=f"digest of {amount}",
            reply_to=f"reply to {amount}",
            sealed=sealed or None,
            body={"counter": counter, "amount": amount} | ({"also": also} if also else {}),
        )
        envelope = Envelope(
            command, "/simpul/gateway", "counter.add.v1", datetime.now(UTC), dataclassification=classification
        )
        topic = self.names.bulk(SERVICE) if bulk else self.names.commands(SERVICE)
        return Message(topic, counter.encode(), frame.model_dump_json().encode(), envelope.headers())

    async def send(self, *messages: Message) -> None:
        """Write commands in one order to one log."""
        publisher = Publisher(self.settings)
        await publisher.send_all(messages)
        await publisher.stop()

    async def outcomes(self) -> list[Outcome]:
        """Every outcome published so far, in order within each partition."""
        return [Outcome.model_validate_json(r.value) for r in await self.read(self.names.outcomes(SERVICE))]

    async def classes(self, command_id: str) -> list[tuple[str, str]]:
        """Result and data classification of every outcome of a command published so far."""
        records = await self.read(self.names.outcomes(SERVICE))
        found = [(Outcome.model_validate_json(r.value), dict(r.headers)) for r in records]
        return [(o.result, h["ce_dataclassification"].decode()) for o, h in found if o.command_id == command_id]

    async def final(self, count: int) -> dict[str, Outcome]:
        """The final outcome of each command, once there are so many."""

        async def enough() -> dict[str, Outcome]:
            found = {o.command_id: o for o in await self.outcomes() if o.result != "held"}
            return found if len(found) >= count else {}

        return await eventually(enough, 60, 0.1)

    async def events(self) -> dict[str, list[int]]:
        """Sequences of the events published so far, by counter, in the order of the log."""
        found: dict[str, list[int]] = {}
        for record in await self.read(self.names.events(SERVICE)):
            found.setdefault(record.key.decode(), []).append(int(dict(record.headers)["ce_sequence"]))
        return found

    async def read(self, topic: str) -> list[Any]:
        """A topic from its beginning to where it ends now."""
        return await read_topic(self.kafka, topic)

    async def counters(self) -> dict[str, Counter]:
        """What is stored."""
        client = connect(self.settings)
        found = await client[self.settings.mongo_database]["counters"].find().to_list(None)
        client.close()
        return {d["_id"]: COUNTERS.read(d) for d in found}

    async def documents(self, collection: str) -> list[dict[str, Any]]:
        """Every document of a collection."""
        client = connect(self.settings)
        found = await client[self.settings.mongo_database][collection].find().to_list(None)
        client.close()
        return [dict(one) for one in found]


@dataclass(frozen=True)
class Running:
    """One process of it."""

    app: FastAPI
    process: ServiceProcess


def a_place(kafka: KafkaServer, prefix: str, mongo: str, database: str, folder: Path, *, partitions: int = 2) -> Place:
    """Topics made, keys written."""
    names = Names(prefix)
    kafka.make_topics(
        names.commands(SERVICE), names.bulk(SERVICE), names.outcomes(SERVICE), names.events(SERVICE),
        partitions=partitions,
    )  # fmt: skip
    gateway, operators, own = three_rings(SERVICE)
    path = folder / f"{SERVICE}.json"
    path.write_text(json.dumps({"secrets": own.secrets, "public": own.public}))
    environment = {name.lower(): value for name, value in kafka.environment.items() if value}
    settings = Settings(
        **environment,  # type: ignore[arg-type]
        mongo_url=mongo,
        mongo_database=database,
        keys=path,
        instance="counter-0",
        topic_prefix=prefix,
        log_level="ERROR",
    )
    return Place(kafka, settings, gateway, operators)


@asynccontextmanager
async def counting(
    place: Place, *, instance: str = "counter-0", bulk: bool = False, batch: int = 100, policy: Policy | None = None
) -> AsyncIterator[Running]:
    """The service from its start to its graceful stop; ready when this returns."""
    app = domain_service(
        place.settings.model_copy(update={"instance": instance}),
        SERVICE,
        place.types,
        lambda database, ring: steps(database, place.bugs),
        lambda database, ring, verifier: (),
        batch=batch,
        bulk=bulk,
        policy_of=(lambda database, ring: policy) if policy else None,
    )
    async with app.router.lifespan_context(app):
        running = Running(app, app.state.process)
        await eventually(lambda: all(running.process.ready().values()), 120)
        yield running


async def read_topic(kafka: KafkaServer, topic: str) -> list[Any]:
    """A topic from its beginning to where it ends now."""
    async with AIOKafkaConsumer(**kafka.client, auto_offset_reset="earliest", enable_auto_commit=False) as consumer:
        description = kafka.admin().list_topics(topic, timeout=10).topics[topic]
        places = [TopicPartition(topic, partition) for partition in description.partitions]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: list[Any] = []
        while any([await consumer.position(one) < ends[one] for one in places]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += records
        return found


def ids(count: int) -> Sequence[str]:
    """Ids of so many counters."""
    return [str(uuid.uuid4()) for _ in range(count)]
