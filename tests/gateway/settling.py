"""The gateway's own commands settled as the exchange of loads does it, without an exchange."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from chassis.messaging import dead_letters
from chassis.messaging.consumers import Consumers
from chassis.messaging.kafka import end
from chassis.messaging.publisher import Publisher
from chassis.messaging.retry import Health
from chassis.mongo import connect, ensure_indexes
from chassis.security.keys import KeyRing
from chassis.security.sealing import LocalCipher
from contracts.topics import Names
from services.gateway.settings import Settings
from services.gateway.settlement import INDEXES, Settlement


@asynccontextmanager
async def settling(settings: Settings, adopted: Path | None) -> AsyncIterator[Settlement]:
    """Those of `adopted` stand in the log when it yields."""
    names, ring, health = Names(settings.topic_prefix), KeyRing.load(settings.keys), Health()
    client, publisher = connect(settings), Publisher(settings, linger_ms=0)
    database = client[settings.mongo_database]
    settlement = Settlement(settings, names, ring, client, database, publisher)

    async def probe(_: BaseException) -> None:
        await settlement.processor.probe()

    consumers = Consumers(
        settings, [settlement.subscription], database=database, cipher=LocalCipher(ring, "parking"), probe=probe,
        health=health,
    )  # fmt: skip
    await publisher.start()
    try:
        await ensure_indexes(database, [*INDEXES, *dead_letters.INDEXES])
        await settlement.prepare(adopted)
        await consumers.start()
        keeping = asyncio.create_task(_keep(settlement, consumers, health))
        try:
            yield settlement
        finally:
            await end(keeping)
            await consumers.stop()
    finally:
        await publisher.stop()
        client.close()


async def _keep(settlement: Settlement, consumers: Consumers, health: Health) -> None:
    await asyncio.gather(consumers.keep(), settlement.keep(consumers, health))
