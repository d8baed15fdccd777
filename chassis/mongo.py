"""The MongoDB side: client, indexes, chunked reads, guarded writes, transactions. Else only stores name Motor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo import ReplaceOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, PyMongoError

from chassis.settings import Settings

Client: TypeAlias = AsyncIOMotorClient
Database: TypeAlias = AsyncIOMotorDatabase
Collection: TypeAlias = AsyncIOMotorCollection
Session: TypeAlias = AsyncIOMotorClientSession

CHUNK = 100
"""Ids per `$in`: the embedded server takes quadratic time over longer lists that are found.

Measured over 500 ids (ms, found and absent): 25 → 75 and 39, 100 → 74 and 14, 500 → 277 and 8."""
WRITE_CONFLICT, DUPLICATE, NO_SUCH_TRANSACTION = 112, 11000, 251


class VersionConflict(Exception):
    """Somebody else changed or created it meanwhile: load and decide again."""


def connect(settings: Settings) -> Client:
    """A client that gives up on an unreachable server after 3 s (it does not connect yet)."""
    return AsyncIOMotorClient(
        settings.mongo_url,
        appname=settings.instance,
        tz_aware=True,
        maxPoolSize=20,
        serverSelectionTimeoutMS=3000,
        connectTimeoutMS=3000,
        socketTimeoutMS=20_000,
        w="majority",
    )


Index = tuple[str, Sequence[tuple[str, int]], Mapping[str, Any]]
"""Collection name, keys, options."""


async def ensure_indexes(database: Database, indexes: Iterable[Index]) -> None:
    """Create the indexes that are not there yet."""
    for collection, keys, options in indexes:
        await database[collection].create_index(list(keys), **options)


async def find_in(
    collection: Collection,
    field: str,
    values: Iterable[Any],
    projection: Mapping[str, Any] | None = None,
    session: Session | None = None,
    chunk: int = CHUNK,
) -> list[dict[str, Any]]:
    """Documents whose `field` is one of `values`, read in chunks and in no particular order."""
    wanted = list(dict.fromkeys(values))
    found: list[dict[str, Any]] = []
    for start in range(0, len(wanted), chunk):
        part = wanted[start : start + chunk]
        query = {field: {"$in": part}} if len(part) > 1 else {field: part[0]}
        cursor = collection.find(query, projection, session=session, batch_size=1000)
        found += [dict(document) for document in await cursor.to_list(None)]
    return found


async def insert_new(collection: Collection, documents: Sequence[dict[str, Any]], session: Session) -> None:
    """Insert what does not exist yet. Raises VersionConflict when one does."""
    if documents:
        await collection.insert_many(documents, ordered=False, session=session)


async def replace_guarded(collection: Collection, documents: Sequence[dict[str, Any]], session: Session) -> None:
    """Replace documents whose stored `revision` is one below their own. Raises VersionConflict when one is not."""
    if not documents:
        return
    writes: list[Any] = [ReplaceOne({"_id": d["_id"], "revision": d["revision"] - 1}, d) for d in documents]
    result = await collection.bulk_write(writes, ordered=False, session=session)
    if result.matched_count != len(documents):
        raise VersionConflict


def is_conflict(error: BaseException) -> bool:
    """True for a lost race: write conflict, duplicate key, our VersionConflict, or a transaction ended for its age."""
    if isinstance(error, VersionConflict | DuplicateKeyError):
        return True
    if isinstance(error, BulkWriteError):
        codes = {item.get("code") for item in (error.details or {}).get("writeErrors", ())}
        return bool(codes & {DUPLICATE, WRITE_CONFLICT}) or error.code in (DUPLICATE, WRITE_CONFLICT)
    return isinstance(error, OperationFailure) and error.code in (WRITE_CONFLICT, DUPLICATE, NO_SUCH_TRANSACTION)


async def transact(client: Client, write: Callable[[Session], Awaitable[None]]) -> None:
    """Run `write` in one transaction. Raises VersionConflict after a lost race, else the driver's error.

    After an unknown commit result the commit is asked for again twice; whoever gets the error then must read back what
    happened (settled commands and unmarked outbox documents tell).
    """
    async with await client.start_session() as session:
        session.start_transaction()
        try:
            await write(session)
        except BaseException as error:
            await _abort(session)
            if is_conflict(error):
                raise VersionConflict from None
            raise
        await _commit(session)


async def _abort(session: Session) -> None:
    try:
        await session.abort_transaction()
    except PyMongoError:
        return  # the server forgets it after its lifetime of 3 s


async def _commit(session: Session) -> None:
    for attempt in range(3):
        try:
            await session.commit_transaction()
        except PyMongoError as error:
            if is_conflict(error):
                raise VersionConflict from None
            if attempt == 2 or not error.has_error_label("UnknownTransactionCommitResult"):
                raise
        else:
            return


async def reachable(database: Database) -> bool:
    """True when the server answers a ping."""
    try:
        await database.command("ping")
    except PyMongoError:
        return False
    return True
