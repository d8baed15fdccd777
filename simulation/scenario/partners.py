"""Simulated partners. They use what a real one has: a Kafka login and topics of its own, or a bearer token."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from contracts.topics import Names
from deploy.local.kafka import KafkaLogin
from simulation.scenario.records import Record

RECORDS_BETWEEN_YIELDS = 100
"""Records sent between two looks at the event loop."""
AT_ONCE = 25
"""Messages taken at once: two dozen partners share one process, and none shall be late because another reads much."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One message on a partner's own topic. `at` is when it arrived, in seconds since 1970."""

    id: str
    type: str
    body: dict[str, Any]
    traceparent: str | None
    at: float


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
    """Ids of the records of which it is known what became of them."""
    events: Counter[str] = field(default_factory=Counter)
    """Copies by the event that they are of."""
    _seen: set[str] = field(default_factory=set)

    def take(self, headers: Mapping[str, str], value: bytes, at: float) -> None:
        """One message."""
        body = json.loads(value)
        if headers["ce_type"] == "exchange.receipts.reported.v1":
            for receipt in body["receipts"]:
                self._take_receipt(receipt, at)
        else:
            self._take_copy(Copy(headers["ce_id"], headers["ce_type"], body, headers.get("traceparent"), at))

    def _take_copy(self, copy: Copy) -> None:
        if copy.id in self.copies:
            return
        self.copies[copy.id] = copy
        self.events[copy.body["event"]] += 1
        if "alert" in copy.body:
            self.alerts.setdefault(copy.body["alert"], []).append(copy)

    def _take_receipt(self, receipt: dict[str, Any], at: float) -> None:
        if receipt["receipt"] not in self._seen:
            self._seen.add(receipt["receipt"])
            record = receipt.get("record") or f"at {receipt.get('offset')}"
            self.receipts.setdefault(record, []).append(Receipt(receipt["result"], at, receipt))
            if receipt["result"] != "held":
                self.final.add(record)

    def settled(self, records: Mapping[str, float]) -> int:
        """How many of these records have a final receipt."""
        return len(self.final & records.keys())

    def of(self, kind: str) -> list[Copy]:
        """Copies of one type, in the order of arrival."""
        return [copy for copy in self.copies.values() if copy.type == kind]


class KafkaPartner:
    """An institution's system with a Kafka client: one producer, one consumer per lane."""

    def __init__(self, code: str, login: KafkaLogin, names: Names, *, urgent: bool) -> None:
        self.code, self.login, self.names = code, login, names
        self.inbox = Inbox()
        self._lanes = (False, True) if urgent else (False,)
        self._consumers: list[AIOKafkaConsumer] = []
        self._producer = AIOKafkaProducer(**login.client, acks="all", linger_ms=2, max_request_size=1_000_000)
        self._reading: list[asyncio.Task[None]] = []

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
            self._reading.append(asyncio.create_task(self._read(consumer)))

    async def stop(self) -> None:
        """Disconnect."""
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)
        for client in (*self._consumers, self._producer):
            with suppress(KafkaError):
                await client.stop()

    async def send(self, records: Sequence[Record], *, urgent: bool = False) -> dict[str, float]:
        """Returns when the broker has all of them: when each was handed over, by id, in seconds since 1970."""
        topic = self.names.intake(self.code, urgent=urgent)
        sent, pending = {}, []
        for number, one in enumerate(records):
            if number % RECORDS_BETWEEN_YIELDS == RECORDS_BETWEEN_YIELDS - 1:
                await asyncio.sleep(0)
            sent[one.id] = time.time()
            pending.append(await self._producer.send(topic, one.value, one.key, headers=list(one.headers)))
        await asyncio.gather(*pending)
        return sent

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            with suppress(KafkaError):  # the broker is away: the client comes back to it by itself
                for found in (await consumer.getmany(timeout_ms=500, max_records=AT_ONCE)).values():
                    at = time.time()
                    for message in found:
                        headers = {name: value.decode() for name, value in message.headers}
                        self.inbox.take(headers, message.value, at)
                    await consumer.commit()


class Client:
    """Somebody at the HTTPS API: a system or a person with a bearer token."""

    def __init__(self, url: str, token: str) -> None:
        self.token = token
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.AsyncClient(base_url=url, headers=headers, timeout=30, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """One request; a header's name is written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._http.request(method, path, json=body, headers=named)

    async def send_events(self, records: Sequence[Record]) -> httpx.Response:
        """Records as a CloudEvents batch."""
        content = json.dumps([_structured(one) for one in records])
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


def _structured(one: Record) -> dict[str, Any]:
    attributes = {name.removeprefix("ce_"): value.decode() for name, value in one.headers if name.startswith("ce_")}
    return attributes | {"datacontenttype": "application/json", "data": json.loads(one.value)}
