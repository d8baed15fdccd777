"""What became of each command: kept for as long as it may be delivered again, or asked for."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from chassis import telemetry
from chassis.commands.types import ProcessedCommand
from chassis.mongo import DELETED_AT_ONCE, PAUSE_SECONDS, Database, Index, Session, find_in, insert_new
from contracts.outcomes import Outcome, problem

PROCESSED, BATCHES, HELD = "processed_commands", "processed_batches", "held_commands"
INDEXES: tuple[Index, ...] = ((BATCHES, (("kind", 1), ("at", 1)), {}),)


class ProcessedCommands:
    """Final outcomes of one service's commands, and which commands it holds."""

    def __init__(self, database: Database) -> None:
        self._processed, self._batches, self._held = database[PROCESSED], database[BATCHES], database[HELD]

    async def find(self, command_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """By id, the documents of those that were processed."""
        return {document["_id"]: document for document in await find_in(self._processed, "_id", command_ids)}

    async def insert(self, processed: Sequence[ProcessedCommand], now: datetime, session: Session) -> None:
        """Raises VersionConflict where another process was first."""
        await insert_new(self._processed, [_document(item, now) for item in processed], session)
        await self._batches.insert_one(_batch_document(processed, now), session=session)

    async def put_held(self, command_id: str, digest: str, organisation: str, now: datetime) -> None:
        """Keep that a command is held, for those who ask for it."""
        new = {"digest": digest, "organisation": organisation, "at": now}
        await self._held.update_one({"_id": command_id}, {"$setOnInsert": new}, upsert=True)

    async def put_given_up(
        self, outcome: Outcome, organisation: str, now: datetime, *, survivor: bool
    ) -> Mapping[str, Any]:
        """Keep a final refusal, unless the command was processed before; returns the document that counts."""
        new = {
            "digest": outcome.digest,
            "organisation": organisation,
            "at": now,
            "outcome": _without_reply_to(outcome),
            "survivor": survivor,
        }
        await self._processed.update_one({"_id": outcome.command_id}, {"$setOnInsert": new}, upsert=True)
        stored: Mapping[str, Any] | None = await self._processed.find_one({"_id": outcome.command_id})
        return stored or new

    async def find_outcome(self, command_id: str, organisation: str) -> Outcome | None:
        """The outcome of an organisation's own command, without its reply-to address: the final one, else `held`."""
        if stored := await self._processed.find_one({"_id": command_id, "organisation": organisation}):
            return Outcome.model_validate_json(stored["outcome"])
        held = await self._held.find_one({"_id": command_id, "organisation": organisation})
        return held_outcome(command_id, held["digest"]) if held else None

    async def forget(self, before: datetime) -> None:
        """Delete processed commands older than `before`, a batch at a time; other work goes between.

        And what was kept of held ones, of which none can still lie among the dead letters.
        """
        gone = await self._held.delete_many({"at": {"$lt": before}})
        telemetry.DELETED.labels(HELD).inc(gone.deleted_count)
        while True:
            old = await self._batches.find({"kind": PROCESSED, "at": {"$lt": before}}).limit(20).to_list(None)
            for batch in old:
                await self._delete(batch["ids"])
                await self._batches.delete_one({"_id": batch["_id"]})
            if not old:
                return

    async def _delete(self, command_ids: Sequence[str]) -> None:
        for start in range(0, len(command_ids), DELETED_AT_ONCE):
            ids = command_ids[start : start + DELETED_AT_ONCE]
            done = await self._processed.delete_many({"_id": {"$in": ids}})
            telemetry.DELETED.labels(PROCESSED).inc(done.deleted_count)
            await asyncio.sleep(PAUSE_SECONDS)


def held_outcome(command_id: str, digest: str) -> Outcome:
    """The outcome that is not final: the platform keeps the command and will process it later."""
    return Outcome(command_id=command_id, digest=digest, result="held", problems=(problem("platform_held"),))


def outcome_in(document: Mapping[str, Any], reply_to: str | None) -> Outcome:
    """The outcome of the first delivery, addressed to whoever sent the command again."""
    return Outcome.model_validate_json(document["outcome"]).model_copy(update={"reply_to": reply_to})


def _without_reply_to(outcome: Outcome) -> str:
    return outcome.model_dump_json(exclude={"reply_to"}, exclude_none=True)


def _document(item: ProcessedCommand, now: datetime) -> dict[str, Any]:
    return {
        "_id": item.command.id,
        "digest": item.command.digest,
        "organisation": item.command.principal.organisation,
        "at": now,
        "outcome": _without_reply_to(item.outcome),
        "survivor": item.survivor,
    }


def _batch_document(processed: Sequence[ProcessedCommand], now: datetime) -> dict[str, Any]:
    """Which commands were processed when: one index entry for a whole batch instead of one for each command."""
    return {"_id": str(uuid.uuid4()), "kind": PROCESSED, "at": now, "ids": [item.command.id for item in processed]}
