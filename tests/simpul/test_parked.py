"""The operator's commands against a real service's routes, over HTTP."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import pytest
import uvicorn
from click.testing import CliRunner, Result
from fastapi import APIRouter, Depends

from chassis.http import create_app
from chassis.keys import KeyRing
from chassis.principal import Verifier
from contracts.commands import Principal
from contracts.outcomes import Refused
from deploy.local.keys import ensure
from deploy.local.report import Trouble
from simpul.parked import parked

ONE = {"_id": "registry.bulk.v1/3/17/1", "at": "2026-03-01T01:30:00Z", "key": "", "reason": "undecodable: KeyError"}


def routes(verifier: Verifier) -> APIRouter:
    """The operator routes of a service, in front of a list instead of its database."""
    router = APIRouter()
    held = [ONE]
    Caller = Annotated[Principal, Depends(verifier)]  # noqa: N806  # a type

    @router.get("/parked")
    async def listed(caller: Caller) -> list[dict[str, Any]]:
        assert caller == Principal(organisation="SIMPUL", roles=("operator",), purpose="operations")
        return [dict(one) for one in held]

    @router.post("/parked/replay")
    async def replay(caller: Caller) -> dict[str, int]:
        return {"replayed": len(held), "keys_still_parked": 0}

    @router.post("/parked/give-up")
    async def give_up(parked_id: str, caller: Caller) -> dict[str, int]:
        if parked_id != ONE["_id"]:
            raise Refused("not_found")
        return {"ended": 1}

    return router


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure(tmp_path_factory.mktemp("parked") / "keys")


@pytest.fixture(scope="module")
def url(keys: Path) -> Iterator[str]:
    @asynccontextmanager
    async def nothing(_: Any) -> Any:
        yield

    verifier = Verifier(KeyRing.load(keys / "registry.json"), "registry")
    app = create_app("registry", lifespan=nothing, ready=dict, routers=[routes(verifier)])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        running = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        running.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        running.join(10)


def run(keys: Path, url: str, command: str, *arguments: str, answer: str | None = None) -> Result:
    named = ["--url", url, "--keys", str(keys / "gateway.json")]
    return CliRunner().invoke(parked, [command, "registry", *named, *arguments], input=answer)


def test_list_shows_where_when_and_why_but_no_content(keys: Path, url: str) -> None:
    done = run(keys, url, "list")
    assert done.exit_code == 0
    assert "registry.bulk.v1/3/17/1  2026-03-01T01:30:00Z  key -  undecodable: KeyError" in done.output
    assert "1 parked at registry." in done.output


def test_replay_says_how_many_went_through(keys: Path, url: str) -> None:
    assert run(keys, url, "replay").output == "replayed: 1, keys still parked: 0\n"


def test_giving_up_asks_first(keys: Path, url: str) -> None:
    assert run(keys, url, "give-up", "--id", ONE["_id"], answer="n\n").exit_code == 1
    done = run(keys, url, "give-up", "--id", ONE["_id"], answer="y\n")
    assert done.output.endswith(f"Ended {ONE['_id']}.\n")


def test_a_refusal_is_one_line_with_its_code(keys: Path, url: str) -> None:
    done = run(keys, url, "give-up", "--yes", "--id", "elsewhere")
    assert isinstance(done.exception, Trouble)
    assert str(done.exception).startswith("registry refuses: not_found: ")


def test_a_process_that_is_away_is_named(keys: Path) -> None:
    done = run(keys, "http://127.0.0.1:1", "list")
    assert isinstance(done.exception, Trouble)
    assert "registry does not answer at http://127.0.0.1:1" in str(done.exception)


def test_another_ring_than_the_gateways_is_named(keys: Path, url: str) -> None:
    done = CliRunner().invoke(parked, ["list", "registry", "--url", url, "--keys", str(keys / "registry.json")])
    assert isinstance(done.exception, Trouble)
    assert "is not the gateway's key ring" in str(done.exception)
