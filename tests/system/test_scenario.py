"""The scenario on a smaller scale: every process, with the servers that the run has."""

import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import psutil
import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import OperationFailure

from deploy.certificates import CA
from deploy.local import ports
from deploy.local.stack import Stack
from simulation.scenario.context import connected_partners
from simulation.scenario.participants import CONNECTED
from simulation.scenario.scenario_run import SMALL, ScenarioResult, run_scenario
from simulation.scenario.span_collector import collecting_spans


@dataclass(frozen=True)
class Day:
    """A stack that has run the scenario and still runs."""

    stack: Stack
    result: ScenarioResult


@pytest.fixture(scope="module")
async def finished(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Day]:
    """In a name space of its own, where the servers are shared; everything over TLS, where they are its own."""
    with collecting_spans() as collector:
        folder = tmp_path_factory.mktemp("scenario")
        stack = Stack(
            folder,
            ports=ports.anywhere(),
            cache="256M",
            prefix=f"scenario{folder.stat().st_ino:x}.",
            settings={"ZIPKIN_ENDPOINT": collector.endpoint},
            connect=CONNECTED,
            tls=not {"KAFKA_URL", "MONGO_URL"} & os.environ.keys(),
        )
        async with stack, connected_partners(stack) as context:
            yield Day(stack, await run_scenario(context, SMALL, collector=collector, timed=False))


@pytest.mark.slow
def test_every_expectation_of_the_scenario_is_met(finished: Day) -> None:
    expectations = finished.result.expectations
    assert [str(expectation) for expectation in expectations if not expectation.met] == []
    assert len(expectations) > 60


@pytest.mark.slow
def test_what_a_stack_keeps_is_for_its_owner_alone(finished: Day) -> None:
    kept = [finished.stack.folder, *finished.stack.folder.rglob("*")]
    assert [str(path) for path in kept if not path.is_symlink() and path.stat().st_mode & 0o077] == []


@pytest.mark.slow
def test_no_command_line_holds_a_secret(finished: Day) -> None:
    secrets = [path.read_text() for path in finished.stack.folder.rglob("*.password")]
    for file in finished.stack.folder.glob("databases/*.json"):
        secrets += json.loads(file.read_text()).values()
    assert len(secrets) > len(CONNECTED)
    commands = [psutil.Process(finished.stack.pid(name)).cmdline() for name in finished.stack.names()]
    assert not [secret for secret in secrets if secret in str(commands)]


@pytest.mark.slow
@pytest.mark.skipif("MONGO_URL" in os.environ, reason="the database is another's")
async def test_a_database_answers_nobody_without_its_own_password(finished: Day) -> None:
    registry, alerts = (finished.stack.url(f"db-{service}") for service in ("registry", "alerts"))
    place = registry.split("@")[1]
    tls: dict[str, Any] = {"tlsCAFile": str(finished.stack.folder / "tls" / CA)} if "tls=true" in place else {}
    for login in ("", alerts.removeprefix("mongodb://").split("@")[0] + "@"):
        client = AsyncIOMotorClient(f"mongodb://{login}{place}", serverSelectionTimeoutMS=3000, **tls)
        with pytest.raises(OperationFailure, match="auth"):
            await client.registry.persons.find_one()
        client.close()
