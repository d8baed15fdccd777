"""Simulated partners. They use what a real one has: a Kafka login and topics of its own, or a bearer token."""

import asyncio
import json
import ssl
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from contracts.model import Moment
from contracts.topics import Names
from deploy.local.kafka import KafkaLogin
from services.gateway.domain.copied_facts import day_of
from simulation.scenario.partner_messages import PartnerMessage

PERSON_COPY = "exchange.person.copied.v1"
RECEIPTS = "exchange.receipts.reported.v1"
REGISTERED = "registry.person.registered.v1"
RECORDS_BETWEEN_YIELDS = 100
"""Records sent before the event loop may do something else."""
READ_AT_ONCE = 25
"""Messages read at once: two dozen partners share one process, and none shall be late because another reads much."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One message on a partner's own topic. `at` is when it arrived, in seconds since 1970."""

    id: str
    type: str
    body: dict[str, Any]
    traceparent: str | None
    at: float
    time: str = ""
    """As the envelope tells it (`ce_time`)."""

    @property
    def clear(self) -> Mapping[str, str]:
        """Personal fields in clear."""
        clear: Mapping[str, str] = self.body.get("personal", {}).get("clear", {})
        return clear


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a record; `at` is when the first copy of this receipt arrived."""

    result: str
    at: float
    body: dict[str, Any]

    @property
    def code(self) -> str:
        """Of the first problem; empty when there is none."""
        problems = self.body.get("problems", ())
        return str(problems[0]["code"]) if problems else ""


@dataclass
class Inbox:
    """What a partner has received, as its system would keep it: each copy and each receipt once, by id."""

    copies: dict[str, Copy] = field(default_factory=dict)
    receipts: dict[str, list[Receipt]] = field(default_factory=dict)
    """By record id; more than one only when a record was sent with another body under the same id, or was held."""
    alerts: dict[str, list[Copy]] = field(default_factory=dict)
    """Copies of alerts by the alert's id, in the order of arrival."""
    final: set[str] = field(default_factory=set)
    """Ids of the records that have a final receipt."""
    events: Counter[str] = field(default_factory=Counter)
    """Copies by the event that they are of."""
    person_events: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """The same of each person, by the receiver's own id."""
    _registered: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _receipt_ids: set[str] = field(default_factory=set)

    def registered_at(self, *moments: datetime) -> set[str]:
        """The receiver's own ids of the persons whose registration, as a copy tells it, is of one of these moments."""
        return set().union(*(self._registered[moment.isoformat()] for moment in moments))

    def registered_on(self, *moments: datetime) -> set[str]:
        """As `registered_at`, of a receiver whom copies tell the day alone."""
        return set().union(*(self._registered[day_of(Moment(at=moment, offset=0))] for moment in moments))

    def take(self, headers: Mapping[str, str], value: bytes, at: float) -> None:
        """Keep one message, unless it is there already."""
        body = json.loads(value)
        if headers["ce_type"] == RECEIPTS:
            for receipt in body["receipts"]:
                self._take_receipt(receipt, at)
        else:
            traceparent, told = headers.get("traceparent"), headers.get("ce_time", "")
            self._take_copy(Copy(headers["ce_id"], headers["ce_type"], body, traceparent, at, told))

    def _take_copy(self, copy: Copy) -> None:
        if copy.id in self.copies:
            return
        self.copies[copy.id] = copy
        event = copy.body["event"]
        self.events[event] += 1
        if "alert" in copy.body:
            self.alerts.setdefault(copy.body["alert"], []).append(copy)
        elif "person" in copy.body:
            self.person_events[copy.body["person"]][event] += 1
            if event == REGISTERED:
                self._registered[copy.body["occurred_at"]].add(copy.body["person"])

    def _take_receipt(self, receipt: dict[str, Any], at: float) -> None:
        if receipt["receipt"] not in self._receipt_ids:
            self._receipt_ids.add(receipt["receipt"])
            record = receipt.get("record") or f"at {receipt.get('offset')}"
            self.receipts.setdefault(record, []).append(Receipt(receipt["result"], at, receipt))
            if receipt["result"] != "held":
                self.final.add(record)

    def count_final(self, records: Mapping[str, float]) -> int:
        """How many of these records have a final receipt."""
        return len(self.final & records.keys())

    def of_type(self, ce_type: str) -> list[Copy]:
        """Copies of one type, in the order of arrival."""
        return [copy for copy in self.copies.values() if copy.type == ce_type]


class KafkaPartner:
    """An institution's system with a Kafka client: one producer, one consumer per lane."""

    def __init__(self, code: str, login: KafkaLogin, names: Names, *, urgent: bool) -> None:
        self.code, self.login, self.names = code, login, names
        self.inbox = Inbox()
        self._lanes = (False, True) if urgent else (False,)
        self._consumers: list[AIOKafkaConsumer] = []
        self._producer = AIOKafkaProducer(**login.client, acks="all", linger_ms=2, max_request_size=1_000_000)
        self._readers: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Connect, and read from where this system stopped last time."""
        await self._producer.start()
        for urgent in self._lanes:
            consumer = AIOKafkaConsumer(
                self.names.delivery(self.code, urgent=urgent),
                **self.login.client,
                group_id=f"{self.names.prefix}{self.code.lower()}.simulator{'-urgent' * urgent}",
                auto_offset_reset="earliest",
                enable_auto_commit=False,
            )
            self._consumers.append(consumer)
            await consumer.start()
            self._readers.append(asyncio.create_task(self._read(consumer)))

    async def stop(self) -> None:
        for task in self._readers:
            task.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        for client in (*self._consumers, self._producer):
            with suppress(KafkaError):
                await client.stop()

    async def send(self, records: Sequence[PartnerMessage], *, urgent: bool = False) -> dict[str, float]:
        """Returns when the broker has all of them: when each was handed over, by id, in seconds since 1970."""
        topic = self.names.intake(self.code, urgent=urgent)
        sent, pending = {}, []
        for number, record in enumerate(records):
            if number % RECORDS_BETWEEN_YIELDS == RECORDS_BETWEEN_YIELDS - 1:
                await asyncio.sleep(0)
            sent[record.id] = time.time()
            pending.append(await self._producer.send(topic, record.value, record.key, headers=list(record.headers)))
        await asyncio.gather(*pending)
        return sent

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            with suppress(KafkaError):  # the broker is away: the client comes back to it by itself
                batches = await consumer.getmany(timeout_ms=500, max_records=READ_AT_ONCE)
                at = time.time()
                for messages in batches.values():
                    for message in messages:
                        headers = {name: value.decode() for name, value in message.headers}
                        self.inbox.take(headers, message.value, at)
                if batches:
                    await consumer.commit()


class Client:
    """Somebody at the HTTPS API: a system or a person with a bearer token."""

    def __init__(self, url: str, token: str, tls: ssl.SSLContext | bool = True) -> None:
        self.token = token
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.AsyncClient(base_url=url, headers=headers, timeout=30, trust_env=False, verify=tls)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One request; a header's name is written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._http.request(method, path, json=body, headers=named)

    async def send_events(self, records: Sequence[PartnerMessage]) -> httpx.Response:
        """Records as a CloudEvents batch."""
        content = json.dumps([_structured(record) for record in records])
        media_type = "application/cloudevents-batch+json"
        return await self._http.post("/v1/events", content=content, headers={"content-type": media_type})

    async def read_events(self, inbox: Inbox, cursor: str | None = None) -> str:
        """Take what has arrived since a cursor into an inbox; returns the next cursor."""
        query: dict[str, str | int] = {"limit": 500, "wait": 5} | ({"cursor": cursor} if cursor else {})
        page = (await self._http.get("/v1/events", params=query)).raise_for_status().json()
        for event in page["events"]:
            inbox.take(
                {"ce_id": event["id"], "ce_type": event["type"]}, json.dumps(event["data"]).encode(), time.time()
            )
        return str(page["cursor"])

    async def stream(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Server-sent events: name and data."""
        async with self._http.stream("GET", "/v1/stream", timeout=None) as answer:
            answer.raise_for_status()
            name = ""
            async for line in answer.aiter_lines():
                field_name, _, text = line.partition(": ")
                if field_name == "event":
                    name = text
                elif field_name == "data":
                    yield name, json.loads(text)


def _structured(record: PartnerMessage) -> dict[str, Any]:
    attributes = {name.removeprefix("ce_"): value.decode() for name, value in record.headers if name.startswith("ce_")}
    return attributes | {"datacontenttype": "application/json", "data": json.loads(record.value)}
