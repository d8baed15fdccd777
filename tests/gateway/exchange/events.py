"""Events of the services, as they tell them, and the copies that partners get."""

from typing import Any

from aiokafka import AIOKafkaProducer

from contracts.envelope import Envelope
from tests.gateway.exchange.installation import Installation, Partner
from tests.gateway.exchange.samples import (
    departed,
    envelope,
)


async def publish(running: Installation, service: str, event: Any, head: Envelope, key: str) -> None:
    """An event as the service itself would tell it."""
    value = event if isinstance(event, bytes) else event.model_dump_json(exclude_none=True).encode()
    async with AIOKafkaProducer(**running.admin.client) as sender:
        await sender.send_and_wait(running.names.events(service), value, key=key.encode(), headers=head.headers())


def copies(partner: Partner, kind: str, name: str, value: str) -> list[dict[str, Any]]:
    return [one for one in partner.copies(kind) if one.get(name) == value]


def numbered(person: str, number: int) -> tuple[Any, Envelope]:
    event = departed(person=person)
    return event, envelope(event, id=f"44444444-4444-8444-8444-{number:012}")
