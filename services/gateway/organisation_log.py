"""Organisations as an administrator of the broker reads them from its log, without an api, a database or a key."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from contracts.gateway import OrganisationChanged
from contracts.topics import Names
from services.gateway.broker import Login
from services.gateway.broker_limits import client_options
from services.gateway.domain.organisations import Organisations

TYPE = str(OrganisationChanged.model_fields["type"].default).encode()
LOOK_SECONDS = 1.0


async def read(login: Login, names: Names) -> Organisations:
    """Who they are now. Raises KafkaError."""
    async with following(login, names) as changes:
        return await anext(changes)


@asynccontextmanager
async def following(login: Login, names: Names) -> AsyncIterator[AsyncIterator[Organisations]]:
    """Who they are now, and then at least every second, changed or not. Raises KafkaError."""
    consumer = AIOKafkaConsumer(
        names.events("gateway"), **client_options(login), enable_auto_commit=False, auto_offset_reset="earliest",
        metadata_max_age_ms=5_000,
    )  # fmt: skip
    try:
        await consumer.start()
        yield _changes(consumer)
    finally:
        await consumer.stop()


async def _changes(consumer: AIOKafkaConsumer) -> AsyncIterator[Organisations]:
    """Nothing before all is known that stood in the log at first: nobody is given a right back for what comes later."""
    if not consumer.assignment():
        raise KafkaError("the topic does not exist yet")
    organisations, ends = Organisations(), await consumer.end_offsets(consumer.assignment())
    while True:
        if all([await consumer.position(partition) >= end for partition, end in ends.items()]):
            yield organisations
        for records in (await consumer.getmany(timeout_ms=int(LOOK_SECONDS * 1000))).values():
            organisations = _after(organisations, records)


def _after(organisations: Organisations, records: Collection[Any]) -> Organisations:
    for record in records:
        if any(name == "ce_type" and value == TYPE for name, value in record.headers):
            try:
                changed = OrganisationChanged.model_validate_json(record.value or b"")
            except ValidationError:
                continue  # of a later release: this process is upgraded with the others
            organisations = organisations.with_state(changed.state)
    return organisations
