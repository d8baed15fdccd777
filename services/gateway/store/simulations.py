"""Simulations of agreements: what was asked, and what came of it. Kept for a day."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from chassis.mongo import Database, Index

KEPT_SECONDS = 24 * 3600
LONGEST = timedelta(minutes=10)
"""One that is still running after this long is lost: the process that ran it has ended."""

INDEXES: Sequence[Index] = (("simulations", (("at", 1),), {"expireAfterSeconds": KEPT_SECONDS}),)
Status = Literal["running", "done", "failed"]


class Simulations:
    """Whichever api process is asked, it answers for all of them."""

    def __init__(self, database: Database) -> None:
        self._simulations = database["simulations"]

    async def begin(self, simulation: str, organisation: str, agreement: str) -> None:
        document = {"_id": simulation, "organisation": organisation, "agreement": agreement, "status": "running"}
        await self._simulations.insert_one(document | {"at": datetime.now(UTC)})

    async def end(self, simulation: str, status: Status, result: dict[str, Any] | None = None) -> None:
        await self._simulations.update_one({"_id": simulation}, {"$set": {"status": status, "result": result}})

    async def find(self, simulation: str, organisation: str) -> tuple[Status, dict[str, Any] | None] | None:
        """Status and result; None for one that is not there, or another organisation's."""
        document = await self._simulations.find_one({"_id": simulation, "organisation": organisation})
        if document is None:
            return None
        lost = document["status"] == "running" and datetime.now(UTC) - _utc(document["at"]) > LONGEST
        return ("failed" if lost else document["status"]), document.get("result")


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
