"""The api while its broker is away."""

from dataclasses import astuple
from pathlib import Path

import httpx

from deploy.local.kafka import Kafka
from tests.eventually import eventually
from tests.gateway.api.conftest import a_gateway
from tests.servers import KafkaServer


async def test_without_its_broker_the_api_is_not_ready_and_is_again_when_it_is_back(
    mongo: str, tmp_path: Path, mortal_broker: Kafka
) -> None:
    async with (
        a_gateway(KafkaServer(*astuple(mortal_broker.login)), mongo, tmp_path / "keys", {}) as gateway,
        httpx.AsyncClient(base_url=gateway.url, trust_env=False) as http,
    ):

        async def answers(status: int) -> bool:
            return (await http.get("/readyz")).status_code == status

        mortal_broker.kill()
        await eventually(lambda: answers(503), 60)
        await mortal_broker.start()
        await eventually(lambda: answers(200), 60)
