"""One process of the counter service without its consumers."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.errors import KafkaConnectionError

from chassis.commands import outbox, processed_commands
from chassis.commands.decoding import decoder, read_frame
from chassis.commands.overlay import Overlay
from chassis.commands.processor import CommandProcessor
from chassis.commands.types import Command, Steps
from chassis.messaging.message import Message
from chassis.messaging.publisher import SEND_SECONDS, Publisher
from chassis.messaging.retry import LostRace
from chassis.mongo import connect, ensure_indexes
from chassis.security.keys import KeyRing
from contracts.commands import Frame
from contracts.envelope import Envelope
from tests.builders import a_record
from tests.chassis.counter import TYPES, Bugs, Counter, Desk, steps
from tests.chassis.counting import SERVICE, Place


class Dying(Publisher):
    """Its process dies between commit and publication, so many times."""

    deaths = 0

    async def send_all(self, messages: Sequence[Message], *, within: float = SEND_SECONDS) -> None:
        if messages and self.deaths:
            self.deaths -= 1
            raise KafkaConnectionError
        await super().send_all(messages, within=within)


class Bench:
    """One process of the counter service without consumers; what fails is tried again as a consumer does."""

    def __init__(self, place: Place, processor: CommandProcessor[Desk], publisher: Dying) -> None:
        self.place, self.processor, self.publisher = place, processor, publisher
        self.decode = decoder(processor, TYPES)

    def commands(self, *messages: Message) -> list[Command]:
        return [self.decode(a_record(0, m.key, m.value, m.headers)) for m in messages]

    async def process(self, *messages: Message) -> None:
        """Raises everything but lost races, which are tried again."""
        commands, again = self.commands(*messages), False
        while True:
            try:
                return await self.processor.process(commands, {}, again=again)
            except LostRace:
                again = True
                await asyncio.sleep(random.uniform(0, 0.05))

    async def give_up(self, message: Message, reply_to: str = "reply") -> None:
        envelope, frame = framed(message)
        await self.processor.give_up(envelope, frame.model_copy(update={"reply_to": reply_to}))

    async def hold(self, message: Message) -> None:
        await self.processor.hold(*framed(message))


def framed(message: Message) -> tuple[Envelope, Frame]:
    read = read_frame(a_record(0, message.key, message.value, message.headers))
    assert read is not None
    return read


@asynccontextmanager
async def a_bench(place: Place, change: Any = None) -> AsyncIterator[Bench]:
    client = connect(place.settings)
    database = client[place.settings.mongo_database]
    await ensure_indexes(database, [*outbox.INDEXES, *processed_commands.INDEXES])
    publisher = Dying(place.settings, linger_ms=0)
    own: Steps[Desk, Overlay[Counter]] = steps(database, Bugs())
    made: CommandProcessor[Desk] = CommandProcessor(
        SERVICE, change(own) if change else own, client=client, database=database, publisher=publisher,
        ring=KeyRing.load(place.settings.keys), events_topic=place.names.events(SERVICE),
        outcomes_topic=place.names.outcomes(SERVICE),
    )  # fmt: skip
    try:
        yield Bench(place, made, publisher)
    finally:
        await publisher.stop()
        client.close()
