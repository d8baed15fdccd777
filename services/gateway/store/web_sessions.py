"""Sessions of the web, sealed: who is signed in stands in no clear field. Each is deleted when it is over."""

from datetime import UTC, datetime

from chassis.mongo import Database, Index

INDEXES: tuple[Index, ...] = (("web_sessions", (("until", 1),), {"expireAfterSeconds": 0}),)


class WebSessions:
    """By the hash of the id that the browser holds."""

    def __init__(self, database: Database) -> None:
        self._sessions = database["web_sessions"]

    async def put(self, name: str, sealed: bytes, until: datetime) -> None:
        """A new session, in force until then unless it is extended."""
        await self._sessions.insert_one({"_id": name, "sealed": sealed, "until": until})

    async def find(self, name: str) -> tuple[bytes, datetime] | None:
        """What was put, and its end; the database may keep one for a minute after that."""
        document = await self._sessions.find_one({"_id": name})
        if document is None:
            return None
        until = document["until"]
        return bytes(document["sealed"]), until if until.tzinfo else until.replace(tzinfo=UTC)

    async def replace(self, name: str, sealed: bytes) -> None:
        """Other content for a session that is still there."""
        await self._sessions.update_one({"_id": name}, {"$set": {"sealed": sealed}})

    async def extend(self, name: str, until: datetime) -> None:
        """Another end for a session that is still there."""
        await self._sessions.update_one({"_id": name}, {"$set": {"until": until}})

    async def remove(self, name: str) -> None:
        """Nobody is signed in by it any more."""
        await self._sessions.delete_one({"_id": name})
