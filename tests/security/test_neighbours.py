"""Another user of the machine, who can open connections on loopback: the databases answer him nothing."""

from urllib.parse import urlsplit

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import OperationFailure


@pytest.fixture
def place(mongo: str) -> str:
    """The database's host and port."""
    address = urlsplit(mongo)
    if address.password is None:
        pytest.skip("this database was given, and knows no passwords")
    return address.netloc.rpartition("@")[2]


@pytest.mark.parametrize("login", ["", "simpul:wrong@", "gateway-api:wrong@"])
async def test_a_database_answers_nobody_without_the_password_of_a_process(place: str, login: str) -> None:
    client: AsyncIOMotorClient = AsyncIOMotorClient(
        f"mongodb://{login}{place}/?authSource=admin&directConnection=true", serverSelectionTimeoutMS=20_000
    )
    for command in ("listDatabases", "serverStatus", "getLog", "usersInfo"):
        with pytest.raises(OperationFailure):
            await client.admin.command(command, "global" if command == "getLog" else 1)
    with pytest.raises(OperationFailure):
        await client["gateway"]["disclosures"].find_one()
    with pytest.raises(OperationFailure):
        await client["gateway"]["disclosures"].insert_one({"a": 1})
    client.close()
