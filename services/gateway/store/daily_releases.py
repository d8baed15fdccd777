"""How far the daily releases came: for each receiver and agreement, the day and the positions in the log."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from chassis.mongo import Database

LEASE = timedelta(minutes=15)
"""How long one process releases alone; another that takes over sends the same copies again, in the same order."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Released up to `next`, on `day`; what is being released goes up to `end`."""

    day: date
    next: dict[int, int]
    end: dict[int, int] | None


class DailyReleases:
    """The collection `daily_releases`."""

    def __init__(self, database: Database) -> None:
        self._releases = database["daily_releases"]

    async def find(self, name: str) -> Progress | None:
        document = await self._releases.find_one({"_id": name})
        if document is None:
            return None
        end = document.get("end")
        return Progress(date.fromisoformat(document["day"]), _numbered(document["next"]), end and _numbered(end))

    async def begin(self, name: str, day: date, positions: dict[int, int]) -> None:
        """From now on; nothing where it has begun."""
        document = {"day": day.isoformat(), "next": _named(positions), "end": None, "lease": datetime.now(UTC)}
        await self._releases.update_one({"_id": name}, {"$setOnInsert": document}, upsert=True)

    async def end_day(self, name: str) -> None:
        """As though midnight had passed since the last release: whoever looks next releases what waits. To rehearse."""
        progress = await self.find(name)
        if progress is not None:
            yesterday = progress.day - timedelta(days=1)
            query = {"_id": name, "day": progress.day.isoformat()}
            await self._releases.update_one(query, {"$set": {"day": yesterday.isoformat()}})

    async def take(self, name: str, day: date) -> bool:
        """Whether this process may release what waits since that day: no other has begun of late."""
        now = datetime.now(UTC)
        query = {"_id": name, "day": day.isoformat(), "lease": {"$lte": now}}
        taken = await self._releases.update_one(query, {"$set": {"lease": now + LEASE}})
        return bool(taken.modified_count)

    async def fix_end(self, name: str, positions: dict[int, int]) -> None:
        """What is released now goes up to here, whoever goes on with it."""
        await self._releases.update_one({"_id": name, "end": None}, {"$set": {"end": _named(positions)}})

    async def done(self, name: str, day: date, progress: Progress) -> None:
        """Everything up to the end was sent."""
        values = {"day": day.isoformat(), "next": _named(progress.end or {}), "end": None, "lease": datetime.now(UTC)}
        await self._releases.update_one({"_id": name, "day": progress.day.isoformat()}, {"$set": values})

    async def give_back(self, name: str) -> None:
        """It failed on the way: whoever looks next may go on."""
        await self._releases.update_one({"_id": name}, {"$set": {"lease": datetime.now(UTC)}})


def _named(positions: dict[int, int]) -> dict[str, int]:
    return {str(partition): offset for partition, offset in positions.items()}


def _numbered(positions: dict[str, int]) -> dict[int, int]:
    return {int(partition): offset for partition, offset in positions.items()}
