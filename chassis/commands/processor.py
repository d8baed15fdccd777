"""How a service processes commands: one batch, one transaction, one final outcome for each command.

Load, decide, commit, publish, mark; the caller acknowledges. The service gives the steps that are its own.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Generic

from opentelemetry.trace import Span

from chassis import telemetry
from chassis.commands.messages import MessageBuilder
from chassis.commands.outbox import Outbox
from chassis.commands.processed_commands import ProcessedCommands, held_outcome, outcome_in
from chassis.commands.recorded_time import recorded_after
from chassis.commands.types import Command, ProcessedCommand, Steps, W
from chassis.messaging.kafka import MAX_MESSAGE
from chassis.messaging.message import Message
from chassis.messaging.priority import in_slices
from chassis.messaging.publisher import Publisher
from chassis.messaging.retry import TooSlow
from chassis.mongo import Client, Database, Session, transact
from chassis.security.keys import KeyRing
from chassis.security.sealing import Opener
from contracts.commands import Frame
from contracts.envelope import Envelope
from contracts.outcomes import Outcome, Refused, problem

LOAD = 100
"""Commands in a batch from which on it is part of a load."""
NOBODY = "00000000-0000-8000-8000-000000000000"
"""The command of a probe, for which nobody waits."""
DECIDE_SECONDS = 1.5
"""From the recorded time to the transaction, which lives 3 s at most: a question as of D answers only for D 5 s ago."""


class DecidedTooLongAgo(TooSlow):
    """Deciding took so long that its recorded time is too old to commit: decide again, with fewer commands."""


LARGEST_VALUE = MAX_MESSAGE - 16_384
"""Bytes of a message's value: its key and headers need some."""


class TooLargeToPublish(Exception):
    """What comes of a command is larger than the broker takes: committed, it would stand in the way of all others."""


class CommandProcessor(Generic[W]):
    """Processes batches of one service."""

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
        self.client, self.database = client, database
        self.processed = ProcessedCommands(database)
        self.publisher, self.outbox = publisher, Outbox(database, publisher)
        self.opener = Opener(ring, service)
        self.message_builder = MessageBuilder(service, events_topic, outcomes_topic)
        self._loading, self._loaded_at = 0, -math.inf

    async def process(self, commands: Sequence[Command], spans: Mapping[str, Span | None], *, again: bool) -> None:
        """Process a batch and publish what came of it.

        The first try takes every command for new; `again` looks up which are processed. Raises VersionConflict after a
        lost race, what `is_outage` knows, or what a bad command causes; the whole is repeated then.
        """
        if len(commands) < LOAD:
            await self._process(commands, spans, again=again)
            return
        self._loading += 1
        try:
            await self._process(commands, spans, again=again)
        finally:
            self._loading -= 1
            self._loaded_at = time.monotonic()

    async def _process(self, commands: Sequence[Command], spans: Mapping[str, Span | None], *, again: bool) -> None:
        if not commands:
            return
        unique = list({(c.id, c.digest): c for c in commands}.values())
        stored = await self.processed.find(command.id for command in unique) if again else {}
        new, answered = self._sort_out(unique, stored)
        workspace = await self.steps.load(new) if new else None
        await self.outbox.drain()
        now, started = recorded_after(datetime.now(UTC)), time.monotonic()
        fresh: list[ProcessedCommand] = []
        messages: list[Message] = []
        async for command in in_slices(new if workspace is not None else ()):
            assert workspace is not None
            fresh.append(self._decide(workspace, command, now))
            messages += self.message_builder.messages(fresh[-1:], spans, now)
        if any(len(message.value) > LARGEST_VALUE for message in messages):
            raise TooLargeToPublish
        if time.monotonic() - started > DECIDE_SECONDS:
            raise DecidedTooLongAgo
        made: list[str] = []

        async def write(session: Session) -> None:
            assert workspace is not None
            await self.processed.insert(fresh, now, session)
            await self.steps.save(workspace, session)
            made[:] = await self.outbox.add(messages, now, session)

        if workspace is not None:
            await self._commit(write, workspace)
            for (kind, result), count in Counter((s.command.type, s.outcome.result) for s in fresh).items():
                telemetry.RECORDS.labels(kind, result).inc(count)
        await self.publisher.send_all([*messages, *self.message_builder.messages(answered, spans, now)])
        await self.outbox.mark(made)

    async def _commit(self, write: Callable[[Session], Awaitable[None]], workspace: W) -> None:
        try:
            await transact(self.client, write)
        except BaseException:
            self.steps.on_conflict(workspace)
            raise
        self.steps.committed(workspace)

    def _sort_out(
        self, commands: Sequence[Command], processed: Mapping[str, Mapping[str, Any]]
    ) -> tuple[list[Command], list[ProcessedCommand]]:
        """Commands to decide, and those whose outcome is known: redelivered, or an id used for another body."""
        new: dict[str, Command] = {}
        answered: list[ProcessedCommand] = []
        for command in commands:
            stored = processed.get(command.id)
            first_digest = stored["digest"] if stored else new[command.id].digest if command.id in new else None
            if first_digest is None:
                new[command.id] = command
            elif first_digest != command.digest:
                answered.append(_refused(command, Refused("id_reused")))
            elif stored:
                outcome = outcome_in(stored, command.reply_to)
                answered.append(ProcessedCommand(command, outcome, survivor=stored.get("survivor", False)))
        return list(new.values()), answered

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

    def quiet_for(self) -> float:
        """Seconds since the last batch of a load ended: 0 while one is in hand, infinite when there was none."""
        return 0.0 if self._loading else time.monotonic() - self._loaded_at

    async def hold(self, envelope: Envelope, frame: Frame) -> None:
        """Publish the outcome that is not final: the platform keeps the command and will process it later.

        It is kept too, for those who ask for it.
        """
        now, outcome = datetime.now(UTC), held_outcome(envelope.id, frame.digest)
        await self.processed.put_held(envelope.id, frame.digest, frame.principal.organisation, now)
        addressed = outcome.model_copy(update={"reply_to": frame.reply_to})
        message = self.message_builder.outcome(addressed, now, survivor=is_survivor(envelope))
        await self.publisher.send_all([message])

    async def give_up(self, envelope: Envelope, frame: Frame) -> None:
        """An operator ends a command for good: a final refusal, unless it was processed meanwhile after all."""
        now, problems = datetime.now(UTC), (problem("platform_gave_up"),)
        outcome = Outcome(command_id=envelope.id, digest=frame.digest, result="refused", problems=problems)
        survivor = is_survivor(envelope)
        stored = await self.processed.put_given_up(outcome, frame.principal.organisation, now, survivor=survivor)
        if stored["digest"] == frame.digest:
            outcome = outcome_in(stored, frame.reply_to)
        else:
            outcome = outcome.model_copy(update={"reply_to": frame.reply_to})
        survivor = survivor or bool(stored.get("survivor"))
        await self.publisher.send_all([self.message_builder.outcome(outcome, now, survivor=survivor)])

    async def probe(self) -> None:
        """A harmless transaction and an acknowledged message: raises when the servers are at fault."""

        async def write(session: Session) -> None:
            document = {"_id": "probe", "at": datetime.now(UTC)}
            await self.database["probes"].replace_one({"_id": "probe"}, document, upsert=True, session=session)

        await transact(self.client, write)
        await self.publisher.send_all([self.message_builder.outcome(held_outcome(NOBODY, "probe"), datetime.now(UTC))])


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
    """Whether whatever answers this message is of class survivor too."""
    return envelope.dataclassification == "survivor"
