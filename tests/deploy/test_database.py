"""The embedded database: what a kill leaves, and the defects of tech.md that a service would meet in a test."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import psutil
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from bench.conformance import outcomes
from deploy.local import ports
from deploy.local.database import Database
from tests.eventually import eventually
from tests.servers import running

Client = AsyncIOMotorClient
SECRET = "Ni Wayan Bukan-Siapa-Siapa"


def a_database(folder: Path) -> Database:
    return Database("db", folder, ports.free(1)[0], cache="256M")


async def test_acknowledged_transactions_survive_a_kill_whole(tmp_path: Path) -> None:
    database = a_database(tmp_path)
    async with running([database]):
        killed = await outcomes.kill_during_transactions(database, 100)
    assert killed.acknowledged >= 100
    assert killed.lost == killed.torn == 0


async def test_a_database_that_can_write_no_more_ends_and_comes_back_with_what_it_acknowledged(tmp_path: Path) -> None:
    database = a_database(tmp_path)
    async with running([database]):
        client = Client(database.url, serverSelectionTimeoutMS=3000)
        await client.d.facts.insert_one({"_id": "before"})
        psutil.Process(database.pid).rlimit(psutil.RLIMIT_FSIZE, (4096, -1))  # as a disk with no room left
        await eventually(lambda: write_and_see_it_end(client, database), timeout=60)
        await database.start()
        assert await client.d.facts.find_one({"_id": "before"})
        client.close()


async def write_and_see_it_end(client: Client, database: Database) -> bool:
    with suppress(PyMongoError):
        await client.d.facts.insert_many([{"text": "x" * 10_000} for _ in range(100)])
    return database.pid is None


async def test_racing_upserts_are_all_applied_whatever_they_answer(mongo: str, database_name: str) -> None:
    """D5: some answer nothing, and the one who asked reads again by `_id`."""
    assert (await outcomes.upsert_race(mongo, database_name)).lost == 0


async def test_a_killed_clients_transaction_does_not_hold_its_documents(mongo: str, database_name: str) -> None:
    """D7: MongoDB itself gives up after a minute by default, the embedded database after 3 s."""
    limit = 70 if os.environ.get("MONGO_URL") else 8
    assert await outcomes.orphaned_transaction(mongo, database_name) < limit


async def test_its_log_never_shows_what_is_stored_and_only_this_machine_reaches_it(tmp_path: Path) -> None:
    database = a_database(tmp_path)
    async with running([database]):
        client = Client(database.url)
        await client.d.people.insert_one({"_id": 1, "name": SECRET})
        answers = await asyncio.gather(
            client.d.people.insert_one({"_id": 1, "name": SECRET}),
            client.d.people.find_one({"$no": SECRET}),
            client.d.people.update_one({"_id": 1}, {"$no": {"name": SECRET}}),
            return_exceptions=True,
        )
        client.close()
        assert all(isinstance(answer, Exception) for answer in answers)
        listening = [c.laddr.ip for c in psutil.Process(database.pid).net_connections() if c.status == "LISTEN"]
    assert set(listening) == {ports.HOST}
    assert SECRET not in database.log.read_text()
