"""The pages in front of the api: each path goes to whom it belongs."""

import httpx
import pytest

from services.gateway.web.app import API_SEGMENTS
from tests.gateway.api.conftest import Gateway


@pytest.fixture
def anybody(api: Gateway) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=api.url, trust_env=False)


async def test_every_path_of_the_api_stays_the_apis(anybody: httpx.AsyncClient) -> None:
    async with anybody:
        described = (await anybody.get("/openapi.json")).json()
        assert {path.split("/")[1] for path in described["paths"]} <= API_SEGMENTS
        assert (await anybody.get("/readyz")).json()["ready"] is True
        assert (await anybody.get("/metrics")).status_code == 200
        assert (await anybody.get("/docs")).status_code == 200
        for path, status in {"/v1/alerts": 401, "/v1/nothing": 404}.items():
            answer = await anybody.get(path)
            assert answer.status_code == status
            assert answer.headers["content-type"] == "application/problem+json"


async def test_every_other_path_is_a_page(anybody: httpx.AsyncClient) -> None:
    async with anybody:
        assert (await anybody.get("/")).headers["location"] == "/login?next=%2F"
        login = await anybody.get("/login")
        assert login.status_code == 200
        assert "text/html" in login.headers["content-type"]
        assert (await anybody.get("/nothing")).status_code == 404
        assert (await anybody.get("/alerts", headers={"Cookie": "__Host-simpul=made-up"})).status_code == 303


async def test_a_provider_that_is_away_keeps_nobody_from_the_api(anybody: httpx.AsyncClient) -> None:
    async with anybody:
        answer = await anybody.post("/login", headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 503
        assert (await anybody.get("/readyz")).json()["ready"] is True
