"""A registry on a database of the test's own."""

import base64
from collections.abc import AsyncIterator, Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from motor.motor_asyncio import AsyncIOMotorClient

from chassis.keys import KeyRing
from chassis.mongo import Client, ensure_indexes
from services.registry.store import INDEXES, Memory, Store


def _only(secret: bytes) -> dict[str, object]:
    return {"current": "1", "versions": {"1": base64.b64encode(secret).decode()}}


@pytest.fixture(scope="session")
def ring() -> KeyRing:
    """The registry's own key and both halves of the gateway's."""
    gateway = Ed25519PrivateKey.generate()
    private = gateway.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = gateway.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return KeyRing({"claims": _only(b"claims" * 6), "principal": _only(private)}, {"principal": _only(public)})


@pytest.fixture
async def client(mongo: str) -> AsyncIterator[Client]:
    connected: Client = AsyncIOMotorClient(mongo, tz_aware=True, w="majority")
    yield connected
    connected.close()


@pytest.fixture
async def a_store(client: Client, database_name: str, ring: KeyRing) -> Callable[[], Store]:
    """Makes stores on one database, each with a memory of its own as in a process of its own."""
    await ensure_indexes(client[database_name], INDEXES)
    return lambda: Store(client[database_name], ring, Memory())


@pytest.fixture
def store(a_store: Callable[[], Store]) -> Store:
    return a_store()
