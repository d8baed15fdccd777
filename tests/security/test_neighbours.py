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


def stranger(place: str, login: str = "") -> AsyncIOMotorClient:
    """pymongo asks a server that refused it again with its next heartbeat."""
    options = "authSource=admin&directConnection=true&heartbeatFrequencyMS=500"
    return AsyncIOMotorClient(f"mongodb://{login}{place}/?{options}", serverSelectionTimeoutMS=20_000)


async def test_a_database_answers_nobody_without_a_password(place: str) -> None:
    client = stranger(place)
    for command in ("listDatabases", "serverStatus", "getLog", "usersInfo"):
        with pytest.raises(OperationFailure):
            await client.admin.command(command, "global" if command == "getLog" else 1)
    with pytest.raises(OperationFailure):
        await client["gateway"]["disclosures"].find_one()
    with pytest.raises(OperationFailure):
        await client["gateway"]["disclosures"].insert_one({"a": 1})
    client.close()


@pytest.mark.parametrize("user", ["simpul", "gateway-api"])
async def test_a_database_answers_nobody_with_a_wrong_password(place: str, user: str) -> None:
    client = stranger(place, f"{user}:wrong@")
    with pytest.raises(OperationFailure):
        await client["gateway"]["disclosures"].find_one()
    client.close()
