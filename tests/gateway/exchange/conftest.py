"""One installation for all tests of the exchange: it takes seconds to start, and tests use ids of their own."""

import secrets
from collections.abc import AsyncIterator

import pytest

from services.gateway.exchange import process
from tests.gateway.exchange.installation import Installation, installation
from tests.servers import KafkaServer


@pytest.fixture(scope="session")
async def running(
    kafka: KafkaServer, mongo: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """Its exchange hardly ever looks for new partners by itself: whoever is told before is told because of a record."""
    prefix = f"x{secrets.token_hex(4)}."
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "REFRESH_SECONDS", 3600)
        async with installation(kafka, mongo, prefix, tmp_path_factory.mktemp("exchange")) as found:
            yield found
    kafka.drop_topics(prefix)
