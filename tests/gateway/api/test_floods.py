"""A partner whose loads the watch has stopped cannot send them over HTTPS either; its alerts and neighbours go on."""

import json
from typing import Any

import httpx
import pytest

from services.gateway import flood_watch, partner_access, provisioning
from services.gateway.settings import PartnerLimits
from tests.eventually import eventually
from tests.gateway.api.bodies import codes
from tests.gateway.api.conftest import Gateway

MIB = 2**20
LIMITS = PartnerLimits(partner_topic_bytes=MIB, broker_min_free_bytes=0)
ROOMY = PartnerLimits(partner_topic_bytes=100 * MIB, broker_min_free_bytes=0)


async def send(client: httpx.AsyncClient, organisation: str, **query: str) -> httpx.Response:
    data = {"occurred_at": "2026-03-01T08:30:00+08:00", "alert_type": "ALT-DISTRESS", "country": "MY"}
    event: dict[str, Any] = {
        "specversion": "1.0", "id": "rec-1", "source": f"/{organisation}/x", "type": "partner.alert.reported.v1",
        "data": data,
    }  # fmt: skip
    headers = {"content-type": "application/cloudevents+json"}
    return await client.post("/v1/events", content=json.dumps(event), headers=headers, params=query)


async def test_a_flood_is_stopped_over_https_too_until_the_watch_gives_it_back(api: Gateway) -> None:
    if api.kafka.security == "PLAINTEXT":
        pytest.skip("this broker knows no users")
    login = api.kafka.confluent
    await provisioning.sync_partners(login, api.names, ["BNPB", "BASARNAS"])
    async with api.as_("BNPB", kind="system") as flooding, api.as_("BASARNAS", kind="system") as neighbour:

        async def is_stopped() -> bool:
            answer = await send(flooding, "BNPB")
            if answer.status_code == 202:
                return False
            assert codes(answer) == (429, [("loads_stopped", "")])
            assert answer.headers["Retry-After"] == "30"
            return True

        async def is_taken() -> bool:
            return not await is_stopped()

        assert await is_taken()
        await api.publish(api.names.intake("BNPB"), *[{"x": "x" * 200_000}] * 6, headers=[])
        (change,) = await flood_watch.look(login, api.names, LIMITS)
        assert (change.organisation, change.withdrawn) == ("BNPB", True)
        await eventually(is_stopped)
        assert (await send(flooding, "BNPB", priority="urgent")).status_code == 202
        assert (await send(neighbour, "BASARNAS")).status_code == 202

        await partner_access.cut_off(login, api.names, "BNPB")
        await partner_access.restore(login, api.names, "BNPB")
        assert flood_watch.withdrawn_from(login, api.names) == {"BNPB"}
        assert await is_stopped()

        (change,) = await flood_watch.look(login, api.names, ROOMY)
        assert (change.organisation, change.withdrawn) == ("BNPB", False)
        await eventually(is_taken)
