"""The handler of a command topic: raw records are decoded and processed, and their senders told what lies aside."""

from __future__ import annotations

from typing import Any

from chassis import telemetry
from chassis.commands.decoding import Types, Undecodable, decoder, read_frame
from chassis.commands.processor import CommandProcessor
from chassis.commands.types import Command
from chassis.messaging.priority import in_slices
from chassis.messaging.record import Record, place
from chassis.messaging.subscription import Batch, Unreadable


class CommandHandler:
    """Handles the commands of one topic, for one consumer group."""

    def __init__(self, processor: CommandProcessor[Any], types: Types, *, topic: str, group: str) -> None:
        self.processor, self.decode = processor, decoder(processor, types)
        self.topic, self.group = topic, group

    async def handle(self, batch: Batch) -> None:
        """Raises Unreadable for records of an unknown type or shape, and what the processor raises."""
        commands = await self._decoded(batch)
        spans = {
            command.id: telemetry.hop(f"process {command.type}", command.envelope.traceparent)
            for command in commands
            if command.envelope.traceparent
        }
        try:
            with telemetry.batch_span(self.topic, self.group, [c.envelope.traceparent for c in commands]):
                await self.processor.process(commands, spans, again=batch.again)
        finally:
            telemetry.end(spans.values())

    async def _decoded(self, batch: Batch) -> list[Command]:
        commands: list[Command] = []
        unreadable: dict[tuple[str, int, int], str] = {}
        async for record in in_slices(batch.records):
            try:
                commands.append(self.decode(record))
            except Undecodable as error:
                unreadable[place(record)] = f"undecodable: {error}"
        if unreadable:
            raise Unreadable(unreadable)
        return commands

    async def hold(self, record: Record) -> None:
        """The outcome `held`, where the record names a command that can have one."""
        if (read := read_frame(record)) is not None:
            await self.processor.hold(*read)

    async def give_up(self, record: Record) -> None:
        """A final refusal, unless the command was processed meanwhile after all."""
        if (read := read_frame(record)) is not None:
            await self.processor.give_up(*read)
