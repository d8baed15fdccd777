"""The MongoDB side: client, indexes, chunked reads, guarded writes, transactions. Else only stores name Motor."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo import ReplaceOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, PyMongoError

from chassis.messaging.retry import LostRace, TooSlow
from chassis.settings import Settings

Client: TypeAlias = AsyncIOMotorClient
Database: TypeAlias = AsyncIOMotorDatabase
Collection: TypeAlias = AsyncIOMotorCollection
Session: TypeAlias = AsyncIOMotorClientSession

CHUNK = 100
"""Ids per `$in`: the embedded server takes quadratic time over longer lists that are found.

Measured over 500 ids (ms, found and absent): 25 → 75 and 39, 100 → 74 and 14, 500 → 277 and 8."""
WRITE_CONFLICT, DUPLICATE = 112, 11000
AGED_OUT = frozenset({251, 290})
"""NoSuchTransaction, as whoever comes after its end is told; TransactionExceededLifetimeLimitSeconds, who is in it."""


DELETED_AT_ONCE = 50
"""Ids per deletion: the embedded server takes quadratic time over longer lists."""
NO_TLS: Mapping[str, Any] = {}
PAUSE_SECONDS = 0.02
"""Between two deletions in the background, so that they never stand in the way of work."""


class VersionConflict(LostRace):
    """Somebody else changed or created it meanwhile: load and decide again."""


class TransactionAgedOut(VersionConflict, TooSlow):
    """The server ended the transaction for its age: decide again, with fewer records."""


def connect(settings: Settings) -> Client:
    """As `connect_to`, for a process with settings."""
    return connect_to(settings.mongo_url, settings.instance, settings.mongo_tls(settings.mongo_url))


def connect_to(url: str, name: str, tls: Mapping[str, Any] = NO_TLS) -> Client:
    """A client that gives up on an unreachable server after 3 s (it does not connect yet)."""
    return AsyncIOMotorClient(
        url,
        appname=name,
        tz_aware=True,
        maxPoolSize=20,
        serverSelectionTimeoutMS=3000,
        connectTimeoutMS=3000,
        socketTimeoutMS=20_000,
        w="majority",
        **tls,
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
    documents: list[dict[str, Any]] = []
    for start in range(0, len(wanted), chunk):
        part = wanted[start : start + chunk]
        query = {field: {"$in": part}} if len(part) > 1 else {field: part[0]}
        cursor = collection.find(query, projection, session=session, batch_size=1000)
        documents += [dict(document) for document in await cursor.to_list(None)]
    return documents


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


async def save_guarded(collection: Collection, documents: Iterable[dict[str, Any]], session: Session) -> None:
    """Write documents that carry the `revision` they were read with, none or 0 where they are new: they get the next.

    Raises VersionConflict when a new one exists, or another has not that revision any more.
    """
    new: list[dict[str, Any]] = []
    old: list[dict[str, Any]] = []
    for document in documents:
        revision = document.get("revision", 0)
        (old if revision else new).append(document | {"revision": revision + 1})
    await insert_new(collection, new, session)
    await replace_guarded(collection, old, session)


def lost_race(error: BaseException) -> VersionConflict | None:
    """The lost race that an error tells of: write conflict, duplicate key, our own, or a transaction that aged out."""
    if isinstance(error, VersionConflict):
        return error
    codes = _codes(error)
    if codes & AGED_OUT:
        return TransactionAgedOut()
    return VersionConflict() if codes & {DUPLICATE, WRITE_CONFLICT} else None


def _codes(error: BaseException) -> set[int | None]:
    if isinstance(error, BulkWriteError):
        return {error.code, *(item.get("code") for item in (error.details or {}).get("writeErrors", ()))}
    if isinstance(error, DuplicateKeyError):
        return {DUPLICATE}
    return {error.code} if isinstance(error, OperationFailure) else set()


async def transact(client: Client, write: Callable[[Session], Awaitable[None]]) -> None:
    """Run `write` in one transaction. Raises VersionConflict after a lost race, else the driver's error.

    After an error whose commit result is unknown, read back what happened: processed commands and unmarked outbox
    documents tell.
    """
    async with await client.start_session() as session:
        session.start_transaction()
        try:
            await write(session)
            await session.commit_transaction()
        except BaseException as error:
            if session.in_transaction:
                await _abort(session)
            if (lost := lost_race(error)) is not None:
                raise lost from None
            raise


async def _abort(session: Session) -> None:
    try:
        await session.abort_transaction()
    except PyMongoError:
        return  # the server forgets it after its lifetime of 3 s


async def delete_by_age(collection: Collection, equal: Mapping[str, Any], before: datetime) -> int:
    """Delete what matches `equal` and whose `at` is before an instant, some at a time; returns how many.

    There must be an index of the fields of `equal`, then `at`. Other work goes between two deletions.
    """
    deleted = 0
    query = {**equal, "at": {"$lt": before}}
    while old := await collection.find(query, {"_id": 1}).limit(DELETED_AT_ONCE).to_list(None):
        done = await collection.delete_many({"_id": {"$in": [document["_id"] for document in old]}})
        deleted += done.deleted_count
        await asyncio.sleep(PAUSE_SECONDS)
    return deleted
