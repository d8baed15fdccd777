"""How a domain service settles commands: one batch at a time, one transaction, one final outcome per command.

Load, decide, commit, publish, mark, acknowledge (design.md section 3). The service gives the steps that are its own.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Generic

from opentelemetry.trace import Span

from chassis import telemetry
from chassis.commands.messages import MessageBuilder
from chassis.commands.outbox import Outbox
from chassis.commands.recorded_time import recorded_after
from chassis.commands.types import Command, ProcessedCommand, Steps, W
from chassis.messaging.priority import yield_to_loop
from chassis.messaging.publisher import Message, Publisher
from chassis.messaging.retry import backoff, is_outage
from chassis.mongo import Client, Database, Session, VersionConflict, find_in, insert_new, transact
from chassis.security.keys import KeyRing
from chassis.security.sealing import Opener
from contracts.envelope import Envelope
from contracts.outcomes import Outcome, Refused, problem

MAX_CONFLICTS = 40
"""Lost races of one command before it counts as bad."""


class NeverDecided(Exception):
    """A command conflicts with what is stored however often it is decided anew."""


class CommandProcessor(Generic[W]):
    """Settles batches of one service."""

    def __init__(
        self,
        service: str,
        steps: Steps[W, Any],
        *,
        client: Client,
        database: Database,
        publisher: Publisher,
        ring: KeyRing,
        events_topic: str,
        outcomes_topic: str,
    ) -> None:
        self.steps = steps
        self.client, self.settled = client, database["settled"]
        self.publisher, self.outbox = publisher, Outbox(database, publisher)
        self.opener = Opener(ring, service)
        self.message_builder = MessageBuilder(service, events_topic, outcomes_topic)

    async def settle(self, commands: Sequence[Command], spans: Mapping[str, Span | None]) -> None:
        """Settle a batch and publish what came of it. Raises what `is_outage` knows, or what a bad record causes."""
        if not commands:
            return
        unique = list({(c.id, c.digest): c for c in commands}.values())
        try:
            await self._attempts(unique, spans)
        except VersionConflict:
            middle = (len(unique) + 1) // 2
            await backoff(random.randint(0, 2))
            await self.settle(unique[:middle], spans)
            await self.settle(unique[middle:], spans)

    async def _attempts(self, commands: Sequence[Command], spans: Mapping[str, Span | None]) -> None:
        """The first try takes every command for new, the next ones look up what is settled.

        What cannot be decided may have been given up by an operator: that too is looked up before it counts as bad.
        After two conflicts a batch is given back to be halved; a single command goes on for half a minute or so.
        Raises NeverDecided when it has still not won: what always conflicts is no race.
        """
        for attempt in itertools.count():
            try:
                await self._once(commands, spans, careful=attempt > 0)
            except VersionConflict:
                if attempt >= 2 and len(commands) > 1:
                    raise
                if attempt == MAX_CONFLICTS:
                    raise NeverDecided from None
                await backoff(min(attempt, 3))
            except Exception as error:
                if attempt > 0 or is_outage(error):
                    raise
            else:
                return

    async def _once(self, commands: Sequence[Command], spans: Mapping[str, Span | None], *, careful: bool) -> None:
        known = await self._known(commands) if careful else {}
        new, again = self._sort_out(commands, known)
        workspace = await self.steps.load(new) if new else None
        await self.outbox.drain()
        now = recorded_after(datetime.now(UTC))
        fresh: list[ProcessedCommand] = []
        messages: list[Message] = []
        for index, command in enumerate(new if workspace is not None else ()):
            await yield_to_loop(index)
            assert workspace is not None
            fresh.append(self._decide(workspace, command, now))
            messages += self.message_builder.messages(fresh[-1:], spans, now)
        made: list[str] = []

        async def write(session: Session) -> None:
            assert workspace is not None
            await insert_new(self.settled, [_stored(s, now) for s in fresh], session)
            await self.steps.save(workspace, session)
            made[:] = await self.outbox.add(messages, now, session)

        if workspace is not None:
            await self._commit(write, workspace)
            for (kind, result), count in Counter((s.command.type, s.outcome.result) for s in fresh).items():
                telemetry.RECORDS.labels(kind, result).inc(count)
        await self.publisher.send_all([*messages, *self.message_builder.messages(again, spans, now)])
        await self.outbox.mark(made)

    async def _commit(self, write: Callable[[Session], Awaitable[None]], workspace: W) -> None:
        try:
            await transact(self.client, write)
        except BaseException:
            self.steps.recall(workspace)
            raise
        self.steps.saved(workspace)

    async def _known(self, commands: Sequence[Command]) -> dict[str, dict[str, Any]]:
        return {d["_id"]: d for d in await find_in(self.settled, "_id", (c.id for c in commands))}

    def _sort_out(
        self, commands: Sequence[Command], known: Mapping[str, Mapping[str, Any]]
    ) -> tuple[list[Command], list[ProcessedCommand]]:
        """Commands to decide, and those whose outcome is known: redelivered, or an id used for another body."""
        new: dict[str, Command] = {}
        again: list[ProcessedCommand] = []
        for command in commands:
            stored = known.get(command.id)
            first_digest = stored["digest"] if stored else new[command.id].digest if command.id in new else None
            if first_digest is None:
                new[command.id] = command
            elif first_digest != command.digest:
                again.append(_refused(command, Refused("id_reused")))
            elif stored:
                outcome = Outcome.model_validate_json(stored["outcome"]).model_copy(
                    update={"reply_to": command.reply_to}
                )
                again.append(ProcessedCommand(command, outcome, survivor=stored.get("survivor", False)))
        return list(new.values()), again

    def _decide(self, workspace: W, command: Command, now: datetime) -> ProcessedCommand:
        try:
            applied = self.steps.carry_out(workspace, command, now)
        except Refused as refused:
            return _refused(command, refused)
        outcome = Outcome(
            command_id=command.id,
            digest=command.digest,
            result="applied",
            aggregate_id=applied.aggregate_id,
            kind=applied.kind,
            version=applied.version,
            warnings=applied.warnings,
            reply_to=command.reply_to,
        )
        return ProcessedCommand(command, outcome, applied.events, applied.survivor or is_survivor(command.envelope))

    def held(self, command_id: str, digest: str, reply_to: str | None, *, survivor: bool = False) -> Message:
        """The outcome that is not final: the platform keeps the command and will settle it later."""
        outcome = Outcome(
            command_id=command_id, digest=digest, result="held", problems=(problem("platform_held"),), reply_to=reply_to
        )
        return self.message_builder.outcome(outcome, datetime.now(UTC), survivor=survivor)

    async def give_up(
        self, command_id: str, digest: str, reply_to: str | None, organisation: str, *, survivor: bool = False
    ) -> None:
        """An operator ends a parked command for good: a final refusal, unless it was settled meanwhile after all."""
        outcome = Outcome(
            command_id=command_id,
            digest=digest,
            result="refused",
            problems=(problem("platform_gave_up"),),
            reply_to=reply_to,
        )
        now = datetime.now(UTC)
        new = {
            "digest": digest,
            "organisation": organisation,
            "at": now,
            "outcome": _without_reply_to(outcome),
            "survivor": survivor,
        }
        await self.settled.update_one({"_id": command_id}, {"$setOnInsert": new}, upsert=True)
        stored = await self.settled.find_one({"_id": command_id}) or {}
        if stored.get("digest") == digest:
            outcome = Outcome.model_validate_json(stored["outcome"]).model_copy(update={"reply_to": reply_to})
        told = self.message_builder.outcome(outcome, now, survivor=survivor or stored.get("survivor", False))
        await self.publisher.send_all([told])

    async def find_outcome(self, command_id: str, organisation: str) -> Outcome | None:
        """The stored outcome of an organisation's own command, without its reply-to address."""
        stored = await self.settled.find_one({"_id": command_id})
        if stored is None or stored.get("organisation") != organisation:
            return None
        return Outcome.model_validate_json(stored["outcome"])


def _refused(command: Command, refused: Refused) -> ProcessedCommand:
    outcome = Outcome(
        command_id=command.id,
        digest=command.digest,
        result="refused",
        problems=refused.problems,
        reply_to=command.reply_to,
    )
    return ProcessedCommand(command, outcome, survivor=is_survivor(command.envelope))


def is_survivor(envelope: Envelope) -> bool:
    """Whether what answers this message is of class survivor too."""
    return envelope.dataclassification == "survivor"


def _without_reply_to(outcome: Outcome) -> str:
    return outcome.model_dump_json(exclude={"reply_to"}, exclude_none=True)


def _stored(one: ProcessedCommand, now: datetime) -> dict[str, Any]:
    return {
        "_id": one.command.id,
        "digest": one.command.digest,
        "organisation": one.command.principal.organisation,
        "at": now,
        "outcome": _without_reply_to(one.outcome),
        "survivor": one.survivor,
    }
