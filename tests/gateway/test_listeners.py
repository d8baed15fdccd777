"""What partners and people reach at the api's port, and what operators reach at theirs."""

import re
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from contracts.authority import TABLE
from contracts.outcomes import status_of
from deploy.local import keys
from services.gateway.app import HEALTH, OPERATORS_PATHS, api_listeners, create_api
from services.gateway.settings import Settings

OPERATORS = ("/metrics", "/v1/operations/pass", "/v1/operations/token-denials", "/v1/operations")
DOCS = ("/", "/docs", "/docs/assets/swagger-ui.css")
ANYBODY = ("/healthz", "/openapi.json")


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("keys")
    keys.ensure(folder)
    servers = {"kafka_url": "127.0.0.1:9", "mongo_url": "mongodb://127.0.0.1:9", "kafka_security": "PLAINTEXT"}
    own = {"instance": "api-0", "keys": folder / "gateway-api.json", "token_jwks": str(folder / keys.TOKEN_JWKS)}
    return {**servers, **own}


@pytest.fixture(scope="module")
def api(given: dict[str, Any]) -> ASGIApp:
    """The app, which is not started."""
    return create_api(Settings(**given))


async def ask(app: ASGIApp, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client:
        return await client.get(path)


async def is_there(app: ASGIApp, path: str) -> bool:
    """Whether anything answers, if only that one must sign in or use POST."""
    answer = await ask(app, path)
    if answer.status_code != status_of("not_found"):
        return True
    assert answer.json()["code"] == "not_found"
    return False


async def test_partners_reach_neither_metrics_nor_operators_routes_nor_the_page(
    given: dict[str, Any], api: ASGIApp
) -> None:
    settings = Settings(**given, operations_port=9001)
    partners, operators = api_listeners(api, settings)
    assert (partners.port, operators.port) == (settings.port, 9001)
    for path in (*OPERATORS, *DOCS):
        assert not await is_there(partners.app, path), path
    for path in (*ANYBODY, "/readyz", "/v1/me"):
        assert await is_there(partners.app, path), path


async def test_operators_reach_what_the_table_opens_to_them_and_nothing_that_is_for_partners_alone(
    given: dict[str, Any], api: ASGIApp
) -> None:
    settings = Settings(**given, operations_port=9001)
    _, operators = api_listeners(api, settings)
    assert "simpul_" in (await ask(operators.app, "/metrics")).text
    doors = {door for row in TABLE if row.kind == "operator" for door in row.doors if " /v1/" in door}
    theirs = {door.partition(" ")[2] for door in doors} | set(HEALTH)
    assert {"/v1/operations/pass", "/v1/organisations/{organisation}/suspension"} <= theirs
    for path in (await ask(api, "/openapi.json")).json()["paths"]:
        asked = path.replace("{", "").replace("}", "")
        assert await is_there(operators.app, asked) == (_unnamed(path) in map(_unnamed, theirs)), path


def _unnamed(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


async def test_without_a_port_for_operators_their_routes_are_nowhere(given: dict[str, Any], api: ASGIApp) -> None:
    settings = Settings(**given)
    (partners,) = api_listeners(api, settings)
    assert not await is_there(partners.app, "/metrics")


@pytest.mark.parametrize("path", ["/metrics/", "//metrics", "/%6Detrics", "/docs/../metrics", "/v1/operations/"])
async def test_another_spelling_of_a_path_opens_nothing(given: dict[str, Any], api: ASGIApp, path: str) -> None:
    settings = Settings(**given, operations_port=9001)
    partners, _ = api_listeners(api, settings)
    assert not await is_there(partners.app, path)


@pytest.mark.parametrize("seen", ["docs", "metrics", "operations", "docs, metrics"])
async def test_a_setting_shows_partners_what_it_names_and_no_more(
    given: dict[str, Any], api: ASGIApp, seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTNERS_SEE", seen)
    settings = Settings(**given, operations_port=9001)
    partners, _ = api_listeners(api, settings)
    shown = {path for name in seen.split(", ") for path in OPERATORS_PATHS[name]}  # type: ignore[index]
    for path in (*OPERATORS, *DOCS):
        expected = any(path == top or (top != "/" and path.startswith(f"{top}/")) for top in shown)
        assert await is_there(partners.app, path) == (expected and path != "/v1/operations"), path


def test_a_word_that_means_nothing_is_an_error(given: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTNERS_SEE", "docs,everything")
    with pytest.raises(ValueError, match="partners_see"):
        Settings(**given)
