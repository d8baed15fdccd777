"""A person's write that its service had to put aside: who waits is told so, and finds it again."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local import keys
from tests.gateway.api.conftest import BEHIND, Gateway, a_gateway
from tests.servers import KafkaServer


@pytest.fixture
async def api(kafka: KafkaServer, mongo: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway that seals for another key than the one that the alerts service opens with."""
    path = keys.ensure(tmp_path) / "gateway-api.json"
    ring = json.loads(path.read_text())
    ring["public"]["sealing-alerts"] = keys.rings()["gateway-api"]["public"]["sealing-alerts"]
    path.write_text(json.dumps(ring))
    async with a_gateway(kafka, mongo, tmp_path, BEHIND) as gateway:
        yield gateway


async def test_whoever_waits_for_a_write_that_lies_aside_is_told_so_and_finds_it_held(api: Gateway) -> None:
    body = {"occurred_at": "2026-03-01", "alert_type": "ALT-DISTRESS", "country": "MY", "narrative": "Terkunci"}
    async with api.as_("KP2MI", "duty_officer") as officer, api.as_("KEMLU", "duty_officer") as other:
        for _ in range(2):
            answer = await officer.post("/v1/alerts", json=body, headers={"Idempotency-Key": "call-1"})
            assert (answer.status_code, answer.json()["result"]) == (202, "held"), answer.text
        place = answer.headers["Location"]
        found = await officer.get(place)
        assert (found.status_code, found.json()["result"]) == (200, "held")
        assert (await other.get(place)).status_code == 404
