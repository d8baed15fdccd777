"""One stack under a steady load, through one fault after the other: nothing lost, nothing doubled, order kept."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from chassis.security.keys import KeyRing
from deploy.local.ports import anywhere
from deploy.local.rotation import rotate
from deploy.local.stack import Stack
from simulation.scenario import partner_messages
from simulation.scenario.partners import Inbox
from tests.builders import OPERATOR
from tests.eventually import eventually
from tests.signing import Signed
from tests.system.load import BORDER, CONNECTED, FACTS, MISSION, SENDER, Load, workers

AWAY_SECONDS = float(os.environ.get("AWAY_SECONDS", "8"))
"""How long the database stays away; a minute in the long run (AWAY_SECONDS=60)."""
WHEN = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    folder = tmp_path_factory.mktemp("faults")
    async with Stack(folder, ports=anywhere(), cache="256M", connect=CONNECTED) as running:
        yield running


@pytest.fixture(scope="module")
async def load(stack: Stack) -> AsyncIterator[Load]:
    running = Load(stack)
    await running.start()
    await running.flows()
    yield running
    await running.stop()


async def dead_letters(stack: Stack, service: str, process: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await ask(stack, service, process, "GET", "/dead-letters")
    return found


async def ask(stack: Stack, service: str, process: str, method: str, path: str) -> Any:
    api, operators = (KeyRing.load(stack.keys / f"{ring}.json") for ring in ("gateway-api", "operators"))
    async with httpx.AsyncClient(trust_env=False, timeout=60, auth=Signed(api, OPERATOR, service, operators)) as client:
        answer = await client.request(method, f"{stack.url(process)}{path}")
    return answer.raise_for_status().json()


async def persons(stack: Stack) -> list[dict[str, Any]]:
    """Every person as stored, without what identifies them."""
    environment = stack.environment("registry")
    client: AsyncIOMotorClient = AsyncIOMotorClient(environment["MONGO_URL"])
    try:
        wanted = {"version": 1, "actions.kind": 1, "status": 1}
        found = await client[environment["MONGO_DATABASE"]].persons.find({}, wanted).to_list(None)
        return [dict(one) for one in found]
    finally:
        client.close()


@pytest.mark.parametrize(
    "processes",
    [("registry", "gateway-api"), ("gateway-exchange", "alerts"), ("gateway-exchange-urgent", "indicators")],
)
async def test_killed_processes_come_back_and_go_on(stack: Stack, load: Load, processes: tuple[str, ...]) -> None:
    """One that the load goes through, and one that it does not."""
    for process in processes:
        stack.kill(process)
    await asyncio.gather(*(stack.start_one(process) for process in processes))
    await load.flows()


async def test_two_processes_of_the_registry_share_the_work(stack: Stack, load: Load) -> None:
    second = await stack.start_another("registry")
    await load.flows()
    stack.kill("registry")
    await stack.start_one("registry")
    await load.flows()
    stack.kill(second)
    await load.flows()


async def test_a_killed_broker_comes_back_with_everything(stack: Stack, load: Load) -> None:
    stack.kill("kafka")
    await stack.start_one("kafka")
    await load.flows()


async def test_a_killed_database_comes_back_with_everything(stack: Stack, load: Load) -> None:
    stack.kill("db-registry")
    await stack.start_one("db-registry")
    await load.flows()


async def test_a_database_that_is_away_puts_nothing_aside(stack: Stack, load: Load) -> None:
    await stack.stop_one("db-registry")
    await eventually(lambda: _unready(stack, "registry"), timeout=90)
    await asyncio.sleep(AWAY_SECONDS)
    await stack.start_one("db-registry")
    await load.flows()
    assert await dead_letters(stack, "registry", "registry") == []
    assert await dead_letters(stack, "gateway-exchange", "gateway-exchange") == []


async def _unready(stack: Stack, process: str) -> bool:
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        return (await client.get(f"{stack.url(process)}/readyz")).status_code == 503


async def test_garbage_at_full_speed_holds_nobody_up(stack: Stack, load: Load) -> None:
    garbage = load.partners[BORDER]
    broken = [
        partner_messages.partner_message(
            BORDER, f"sampah-{n}", "partner.departure.reported.v1", {"serial": n, "isi": "x" * 200}
        )
        for n in range(3_000)
    ]
    sending = asyncio.create_task(garbage.send(broken))
    await load.flows()
    sent = await sending
    await eventually(lambda: garbage.inbox.final >= sent.keys(), timeout=90, every=0.2)
    assert {r.result for one in sent for r in garbage.inbox.receipts[one]} == {"refused"}


async def test_after_all_that_nothing_is_lost_nothing_doubled_and_order_is_kept(stack: Stack, load: Load) -> None:
    await load.pause()
    await load.settles()
    load.check_receipts()
    load.check_copies()
    stored = await persons(stack)
    assert len(stored) == len(load.people)
    assert all(sorted(a["kind"] for a in one["actions"]) == ["PLACEMENT", "REGISTRATION"] for one in stored)
    assert {one["version"] for one in stored} == {2}
    assert {one["status"] for one in stored} == {"C4_PLACEMENT_AGREED"}


async def test_the_same_batch_twice_changes_nothing(stack: Stack, load: Load) -> None:
    batch = [partner_messages.registration(SENDER, p, WHEN) for p in workers(51, seed=77)]
    inbox, last = load.sender.inbox, batch.pop()
    await load.sender.send(batch)
    await eventually(lambda: inbox.final >= {r.id for r in batch}, timeout=90)
    await load.sender.send([*batch, last])
    await eventually(lambda: last.id in inbox.final, timeout=90)
    assert all(len(inbox.receipts[r.id]) == 1 for r in batch)
    assert len(await persons(stack)) == len(load.people) + 51


async def test_the_same_id_with_another_body_is_refused(stack: Stack, load: Load) -> None:
    one, other = workers(2, seed=78)
    first = partner_messages.registration(SENDER, one, WHEN)
    second = replace(first, value=partner_messages.registration(SENDER, other, WHEN).value)
    receipts = load.sender.inbox.receipts
    await load.sender.send([first])
    await eventually(lambda: first.id in receipts, timeout=90)
    await load.sender.send([second])
    await eventually(lambda: len(receipts[first.id]) == 2, timeout=90)
    told = receipts[first.id]
    assert [(r.result, r.code) for r in told] == [("applied", ""), ("refused", "id_reused")]


async def test_a_poison_message_is_put_aside_and_replayed_in_order(stack: Stack, load: Load) -> None:
    """The gateway seals under a key that the registry does not have yet: what comes is held, and nothing is lost."""
    await load.pause()
    await load.settles()
    ring = stack.keys / "registry.json"
    old = ring.read_text()
    rotate("sealing-registry", stack.keys)
    new = ring.read_text()
    ring.write_text(old)
    await _restart(stack, "gateway-exchange")
    (person,) = workers(1, seed=79)
    registered = partner_messages.registration(SENDER, person, WHEN)
    placed = partner_messages.placement(SENDER, person, WHEN + timedelta(days=1))
    await load.sender.send([registered, placed])
    inbox = load.sender.inbox
    await eventually(lambda: _results(load, registered.id) == _results(load, placed.id) == ["held"], timeout=90)
    assert len(await dead_letters(stack, "registry", "registry")) == 2

    ring.write_text(new)
    await _restart(stack, "registry")
    assert await ask(stack, "registry", "registry", "POST", "/dead-letters/replay") == {"replayed": 2, "keys_left": 0}
    await eventually(lambda: inbox.final >= {registered.id, placed.id}, timeout=90)
    assert _results(load, registered.id) == _results(load, placed.id) == ["held", "applied"]
    assert await dead_letters(stack, "registry", "registry") == []
    copies = load.partners[MISSION].inbox
    await eventually(lambda: _last_events(copies, 2) == list(FACTS), timeout=90)


async def _restart(stack: Stack, process: str) -> None:
    await stack.stop_one(process)
    await stack.start_one(process)


def _last_events(inbox: Inbox, count: int) -> list[str]:
    return [copy.body["event"] for copy in inbox.of_type("exchange.person.copied.v1")[-count:]]


def _results(load: Load, record: str) -> list[str]:
    return [r.result for r in load.sender.inbox.receipts.get(record, ())]
