"""The embedded database: what a kill leaves, and the defects of tech.md that a service would meet in a test."""

import asyncio
from pathlib import Path

import psutil
from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local import ports
from deploy.local.database import Database
from tests.servers import running

Client = AsyncIOMotorClient
SECRET = "Ni Wayan Bukan-Siapa-Siapa"


def a_database(folder: Path) -> Database:
    return Database("db", folder, ports.free(1)[0], cache="256M")


async def test_acknowledged_transactions_survive_a_kill_whole(tmp_path: Path) -> None:
    database = a_database(tmp_path)
    async with running([database]):
        acknowledged = await _write_until_killed(database)
        await database.start()
        client = Client(database.url)
        left = {row["_id"] async for row in client.d.left.find()}
        right = {row["_id"] async for row in client.d.right.find()}
        client.close()
    assert len(acknowledged) >= 100
    assert acknowledged <= left
    assert left == right


async def _write_until_killed(database: Database) -> set[int]:
    """Numbers whose transaction over two collections was acknowledged when the server was killed in full run."""
    client = Client(database.url, serverSelectionTimeoutMS=100)
    await client.d.left.insert_one({"_id": -1})
    await client.d.right.insert_one({"_id": -1})
    acknowledged: set[int] = set()

    async def stream(first: int) -> None:
        for n in range(first, 1_000_000, 4):
            async with await client.start_session() as session, session.start_transaction():
                await client.d.left.insert_one({"_id": n}, session=session)
                await client.d.right.insert_one({"_id": n}, session=session)
            acknowledged.add(n)
            if len(acknowledged) == 100:
                database.kill()

    await asyncio.gather(*(stream(first) for first in range(4)), return_exceptions=True)
    client.close()
    return acknowledged


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
