"""Organisations over the API: everybody reads who they are, operators change them, and what is open ends."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from contracts import codes
from deploy.local.errors import CannotProceed
from services.gateway.api.organisation_changes import NEW, NewOrganisation
from simpul.operator import Session
from simpul.organisations import organisations
from tests.eventually import eventually
from tests.gateway.api.conftest import Gateway

PLACE = "/v1/organisations"


@asynccontextmanager
async def an_operator(api: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    async with api.as_("SIMPUL", "operator", user="wayan.adi") as operator:
        yield operator


async def changed(operator: httpx.AsyncClient, method: str, path: str, body: Any = None) -> dict[str, Any]:
    answer = await operator.request(method, f"{PLACE}{path}", json=body)
    assert answer.is_success, answer.text
    result: dict[str, Any] = answer.json()
    assert result["result"] == "applied"
    return result


async def seen(client: httpx.AsyncClient, code: str, **expected: Any) -> dict[str, Any]:
    """The organisation as soon as it is so."""

    async def view() -> dict[str, Any] | None:
        one: dict[str, Any] = (await client.get(f"{PLACE}/{code}")).json()
        return one if {name: one.get(name) for name in expected} == expected else None

    return await eventually(view, timeout=30)


@pytest.mark.parametrize("region_code", ["", "33.7", "id", "33.07.01"])
def test_what_cannot_be_the_code_of_a_region_is_refused_before_it_is_a_command(region_code: str) -> None:
    NewOrganisation.model_validate(NEW)
    with pytest.raises(ValidationError):
        NewOrganisation.model_validate(NEW | {"region_code": region_code})


async def test_everybody_who_is_signed_in_sees_who_everybody_is(api: Gateway) -> None:
    async with api.as_("UI") as anybody:
        listed = (await anybody.get(PLACE)).json()["organisations"]
        assert [one["organisation"] for one in listed][: len(codes.organisations())] == list(codes.organisations())
        one = (await anybody.get(f"{PLACE}/BPS")).json()
        assert (one["name_id"], one["suspended"]) == (codes.organisations()["BPS"].name_id, False)
        assert (await anybody.get(f"{PLACE}/NOSUCH")).status_code == 404


async def test_a_name_is_changed_and_changed_back(api: Gateway) -> None:
    before = codes.organisations()["BAKAMLA"]
    async with an_operator(api) as operator, api.as_("BAKAMLA") as officer:
        name = {"name_id": "Badan Baru", "name_en": "New Agency"}
        result = await changed(operator, "PUT", "/BAKAMLA/name", name)
        assert result["id"] == "BAKAMLA"
        await seen(officer, "BAKAMLA", name_id="Badan Baru")
        assert (await officer.get("/v1/me")).json()["name_id"] == "Badan Baru"
        await changed(operator, "PUT", "/BAKAMLA/name", {"name_id": before.name_id, "name_en": before.name_en})
        one = await seen(officer, "BAKAMLA", name_id=before.name_id)
        assert [named["name_id"] for named in one["names"]] == ["Badan Baru", before.name_id]


async def test_one_that_the_list_does_not_have_is_registered_once(api: Gateway) -> None:
    new = {"organisation": "LEMBAGA_UJI", "name_id": "Lembaga Uji", "name_en": "Trial", "kind": "agency",
           "level": "national", "region_code": "ID", "functions": ["case_support"]}  # fmt: skip
    async with an_operator(api) as operator:
        answer = await operator.post(PLACE, json=new)
        assert (answer.status_code, answer.headers["location"]) == (201, f"{PLACE}/LEMBAGA_UJI")
        await seen(operator, "LEMBAGA_UJI", functions=["case_support"])
        again = await operator.post(PLACE, json=new)
        assert (again.status_code, again.json()["code"]) == (409, "state_conflict")


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("PUT", "/NOSUCH/suspension", {"reason": "dissolved"}, "unknown_code"),
        ("PUT", "/BPS/suspension", {"reason": "because"}, "invalid_value"),
        ("PUT", "/BPS/successor", {"successor": "BPS"}, "state_conflict"),
        ("POST", "/BPS/functions", {"give": ["placment"]}, "unknown_code"),
        ("POST", "/BPS/functions", {}, "invalid_value"),
    ],
)
async def test_what_makes_no_sense_is_refused(api: Gateway, method: str, path: str, body: Any, code: str) -> None:
    async with an_operator(api) as operator:
        answer = await operator.request(method, f"{PLACE}{path}", json=body)
    assert answer.json()["code"] == code


async def test_why_it_is_suspended_is_told_to_operators_alone(api: Gateway) -> None:
    async with an_operator(api) as operator, api.as_("UI") as anybody:
        await changed(operator, "PUT", "/BAKAMLA/suspension", {"reason": "asked_for_itself"})
        try:
            assert (await seen(operator, "BAKAMLA", suspended=True))["suspension"]["reason"] == "asked_for_itself"
            assert "suspension" not in await seen(anybody, "BAKAMLA", suspended=True)
        finally:
            await changed(operator, "DELETE", "/BAKAMLA/suspension")
            await seen(anybody, "BAKAMLA", suspended=False)


async def test_an_open_stream_and_a_reading_that_waits_end_when_their_organisation_is_suspended(api: Gateway) -> None:
    async with (
        an_operator(api) as operator,
        api.as_("KEMLU", "duty_officer") as officer,
        api.as_("KEMLU", kind="system", user="kemlu-1") as system,
        officer.stream("GET", "/v1/stream") as stream,
    ):
        lines = stream.aiter_lines()
        await anext(lines)
        reading = asyncio.create_task(waiting_reading(system))
        await changed(operator, "PUT", "/KEMLU/suspension", {"reason": "credentials_stolen"})
        try:
            async with asyncio.timeout(30):
                assert (await reading).json()["code"] == "suspended"
                data = [line.removeprefix("data: ") async for line in lines if line.startswith("data: ")]
            assert json.loads(data[-1]) == {"reason": "suspended"}
            assert (await officer.get("/v1/alerts")).json()["code"] == "suspended"
        finally:
            await changed(operator, "DELETE", "/KEMLU/suspension")

        async def let_in() -> bool:
            return (await officer.get("/v1/me")).status_code == 200

        await eventually(let_in, timeout=30)


async def waiting_reading(system: httpx.AsyncClient) -> httpx.Response:
    """Behind all that is there, for as long as may be."""
    first = await system.get("/v1/events", params={"limit": 500})
    if not first.is_success:
        return first
    return await system.get("/v1/events", params={"cursor": first.json()["cursor"], "wait": 30}, timeout=40)


# -- simpul organisations


class Terminal:
    """Where an operator has signed in."""

    def __init__(self, api: Gateway, folder: Path) -> None:
        self.session = folder / "session.json"
        token = api.token("SIMPUL", "operator", user="wayan.adi")
        Session("wayan.adi", api.url, token, "", time.time() + 600).keep(self.session)

    async def __call__(self, *arguments: str) -> str:
        named = [*arguments, "--session", str(self.session)]
        result = await asyncio.to_thread(CliRunner().invoke, organisations, named)
        if result.exception:
            raise result.exception
        return result.output


async def test_an_operator_suspends_renames_and_merges_from_the_terminal(api: Gateway, tmp_path: Path) -> None:
    terminal = Terminal(api, tmp_path)
    async with an_operator(api) as operator:
        assert "BASARNAS is suspended" in await terminal("suspend", "basarnas", "--reason", "ordered_by_law")
        await seen(operator, "BASARNAS", suspended=True)
        assert "ordered_by_law" in await terminal("show", "BASARNAS")
        assert "BASARNAS" in await terminal("list", "--changed")
        await terminal("lift", "BASARNAS")
        await seen(operator, "BASARNAS", suspended=False)
        renamed = await terminal(
            "rename", "BASARNAS", "--name", "Basarnas", "--name-en", "Rescue", "--from", "2199-01-01"
        )
        assert renamed == "BASARNAS is Basarnas from 2199-01-01.\n"
        assert await terminal("succeed", "BASARNAS", "BNPB", "--from", "2199-01-01")
        assert await terminal("functions", "BASARNAS", "--give", "shelter", "--from", "2199-01-01")
        assert await terminal("succeed", "BASARNAS", "--nobody", "--from", "2199-01-01")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("suspend", "NOSUCH", "--reason", "dissolved"), "unknown_code"),
        (("succeed", "BPS"), "Say who takes over"),
        (("show", "../me"), "no code of an organisation"),
        (("show", "NOSUCH"), "not_found"),
    ],
)
async def test_what_cannot_be_done_is_said_in_one_line(
    api: Gateway, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(CannotProceed, match=said):
        await Terminal(api, tmp_path)(*arguments)
