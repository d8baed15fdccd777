"""Quotas of the broker's users, and how much the broker keeps: two requests that neither Python client knows."""

import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import DescribeClientQuotasRequest
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Array,
    Boolean,
    CompactArray,
    CompactString,
    Float64,
    Int16,
    Int32,
    Int64,
    Schema,
    String,
    TaggedFields,
)

from chassis.security.certificates import Identity, client_context
from services.gateway.broker import Login, has_users

EVERY_NAMED = 2
"""Match type of DescribeClientQuotas (KIP-546): every entity of a type that has a name."""
_TEXT = String("utf-8")
_COMPACT = CompactString("utf-8")


@dataclass(frozen=True, slots=True)
class Quota:
    """What one user may ask of each broker, as a mean over some ten seconds; beyond it the broker answers later.

    `request_percentage` is of one of its threads' time.
    """

    producer_byte_rate: float
    consumer_byte_rate: float
    request_percentage: float


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes of each topic on the broker that holds most of it, and free bytes of the fullest disk; None: not told."""

    topic_bytes: dict[str, int]
    usable_bytes: int | None


async def set_quotas(login: Login, quotas: Mapping[str, Quota]) -> None:
    """By user; in force at once, on open connections too. Nothing on a broker without users.

    Raises KafkaError.
    """
    if not quotas or not has_users(login):
        return
    entries = [
        ([("user", user)], [(name, float(getattr(quota, name)), False) for name in Quota.__slots__])
        for user, quota in quotas.items()
    ]
    async with _client(login) as client:
        answer = await client.send(client.get_random_node(), AlterClientQuotasRequest(entries))
    for code, _message, _entity in answer.entries:
        _raise_for(code)


async def quotas_of(login: Login, users: Sequence[str]) -> dict[str, Quota]:
    """Of those users that have all three limits. Raises KafkaError."""
    async with _client(login) as client:
        request = DescribeClientQuotasRequest([("user", EVERY_NAMED, None)], strict=True)
        answer = await client.send(client.get_random_node(), request)
    _raise_for(answer.error_code)
    limits = {entity[0][1]: dict(values) for entity, values in answer.entries or ()}
    return {user: Quota(**limits[user]) for user in users if set(Quota.__slots__) <= limits.get(user, {}).keys()}


async def kept(login: Login) -> Kept:
    """What the brokers keep now. Raises KafkaError."""
    topic_bytes: dict[str, int] = {}
    usable: list[int] = []
    async with _client(login) as client:
        for node in client.cluster.brokers():
            answer = await client.send(node.nodeId, DescribeLogDirsRequest())
            _raise_for(answer.error_code)
            for code, _folder, topics, _total, free, _tags in answer.results:
                _raise_for(code)
                usable += [free] if free >= 0 else []
                for topic, size in _sizes(topics):
                    topic_bytes[topic] = max(size, topic_bytes.get(topic, 0))
    return Kept(topic_bytes, min(usable, default=None))


def _sizes(topics: Sequence[Any]) -> list[tuple[str, int]]:
    return [(topic, sum(partition[1] for partition in partitions)) for topic, partitions, _tags in topics]


def _raise_for(code: int) -> None:
    if code:
        raise for_code(code)


@asynccontextmanager
async def _client(login: Login) -> AsyncIterator[AIOKafkaClient]:
    client = AIOKafkaClient(**client_options(login))
    try:
        await client.bootstrap()
        yield client
    finally:
        await client.close()


def client_options(login: Login) -> dict[str, Any]:
    """confluent-kafka's settings as those of aiokafka."""
    protocol = str(login.get("security.protocol", "PLAINTEXT"))
    options: dict[str, Any] = {
        "bootstrap_servers": str(login["bootstrap.servers"]).split(","),
        "security_protocol": protocol,
    }
    if "SASL" in protocol:
        options["sasl_mechanism"] = "SCRAM-SHA-512"
        options["sasl_plain_username"] = login["sasl.username"]
        options["sasl_plain_password"] = login["sasl.password"]
    if protocol.endswith("SSL"):
        options["ssl_context"] = _tls(login)
    return options


def _tls(login: Login) -> ssl.SSLContext:
    files = {name: login.get(f"ssl.{name}.location") for name in ("ca", "certificate", "key")}
    ca, certificate, key = (Path(str(file)) if file else None for file in files.values())
    return client_context(ca, Identity(certificate, key) if certificate else None)


class _AlterClientQuotasResponse(Response):  # type: ignore[misc]
    API_KEY, API_VERSION = 49, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "entries",
            Array(
                ("error_code", Int16),
                ("error_message", _TEXT),
                ("entity", Array(("entity_type", _TEXT), ("entity_name", _TEXT))),
            ),
        ),
    )


class _AlterClientQuotas(RequestStruct):  # type: ignore[misc]
    API_KEY, API_VERSION, RESPONSE_TYPE = 49, 0, _AlterClientQuotasResponse
    SCHEMA = Schema(
        (
            "entries",
            Array(
                ("entity", Array(("entity_type", _TEXT), ("entity_name", _TEXT))),
                ("ops", Array(("key", _TEXT), ("value", Float64), ("remove", Boolean))),
            ),
        ),
        ("validate_only", Boolean),
    )


class AlterClientQuotasRequest(Request[_AlterClientQuotas]):  # type: ignore[misc]
    """Kafka's API 49 (KIP-546)."""

    API_KEY = 49

    def __init__(self, entries: Sequence[Any]) -> None:
        self._entries = entries

    def build(self, request_struct_class: type[_AlterClientQuotas]) -> _AlterClientQuotas:
        return request_struct_class(self._entries, False)


class _DescribeLogDirsResponse(Response):  # type: ignore[misc]
    API_KEY, API_VERSION = 35, 4
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        (
            "results",
            CompactArray(
                ("error_code", Int16),
                ("log_dir", _COMPACT),
                (
                    "topics",
                    CompactArray(
                        ("name", _COMPACT),
                        (
                            "partitions",
                            CompactArray(
                                ("index", Int32),
                                ("size", Int64),
                                ("offset_lag", Int64),
                                ("is_future", Boolean),
                                ("tags", TaggedFields),
                            ),
                        ),
                        ("tags", TaggedFields),
                    ),
                ),
                ("total_bytes", Int64),
                ("usable_bytes", Int64),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _DescribeLogDirs(RequestStruct):  # type: ignore[misc]
    API_KEY, API_VERSION, RESPONSE_TYPE = 35, 4, _DescribeLogDirsResponse
    FLEXIBLE_VERSION = True
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(("topic", _COMPACT), ("partitions", CompactArray(Int32)), ("tags", TaggedFields)),
        ),
        ("tags", TaggedFields),
    )


class DescribeLogDirsRequest(Request[_DescribeLogDirs]):  # type: ignore[misc]
    """Kafka's API 35 for every topic, with the free bytes of each disk (KIP-827)."""

    API_KEY = 35

    def build(self, request_struct_class: type[_DescribeLogDirs]) -> _DescribeLogDirs:
        return request_struct_class(None, {})
