"""How a process reaches Kafka: its login, the FastStream broker, and a stop that cannot hang."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLScram512

from chassis import telemetry
from chassis.messaging.record_batches import read_any_batch
from chassis.settings import Settings

MAX_MESSAGE = 1_000_000
"""Largest message the broker takes, in bytes."""
GRACE = 20
"""Seconds a stop may take: the batch in hand has five fewer."""


def security(settings: Settings) -> BaseSecurity | None:
    """SCRAM-SHA-512 login over the configured transport."""
    if settings.kafka_security == "PLAINTEXT":
        return None
    context = settings.kafka_tls
    password = settings.kafka_password.get_secret_value() if settings.kafka_password else ""
    return SASLScram512(settings.kafka_user or "", password, ssl_context=context, use_ssl=context is not None)


def client_options(settings: Settings) -> dict[str, Any]:
    """The same login as keyword arguments of aiokafka's own clients."""
    options: dict[str, Any] = {"bootstrap_servers": settings.kafka_url.split(","), "client_id": settings.instance}
    if settings.kafka_security == "PLAINTEXT":
        return options
    return options | {
        "security_protocol": settings.kafka_security,
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": settings.kafka_user,
        "sasl_plain_password": settings.kafka_password.get_secret_value() if settings.kafka_password else "",
        "ssl_context": settings.kafka_tls,
    }


def make_broker(settings: Settings) -> KafkaBroker:
    """The FastStream broker of one process. It only consumes; publication goes through Publisher."""
    read_any_batch()
    return KafkaBroker(
        settings.kafka_url.split(","),
        client_id=settings.instance,
        security=security(settings),
        allow_auto_create_topics=False,
        graceful_timeout=GRACE - 5,
        logger=None,
        metadata_max_age_ms=5_000,
        retry_backoff_ms=200,
    )


async def quietly(stop: Coroutine[Any, Any, None], within: float = 2) -> None:
    """Run an aiokafka `stop` for so many seconds at most: while brokers are away it fails, hangs or cancels us."""
    stopping = asyncio.create_task(stop)
    await asyncio.wait([stopping], timeout=within)
    if not stopping.done():
        stopping.cancel()
    elif not stopping.cancelled() and (error := stopping.exception()) is not None:
        telemetry.log.debug("client_dropped", error=telemetry.describe(error))


async def end(task: asyncio.Task[Any], tries: int = 5, seconds: float = 3) -> None:
    """Cancel a task and wait for it, `tries` times: a library may take one cancellation for its own and go on."""
    for _ in range(tries):
        task.cancel()
        if (await asyncio.wait([task], timeout=seconds))[0]:
            return
    telemetry.log.error("task_not_ended")
