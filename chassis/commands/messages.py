"""What the log is told of settled commands: their events and their outcomes, as messages."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from opentelemetry.trace import Span

from chassis import telemetry
from chassis.commands.types import Command, NewEvent, ProcessedCommand
from chassis.messaging.message import Message
from chassis.security.keys import uuid_of
from contracts.envelope import Envelope
from contracts.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class MessageBuilder:
    """One service's voice in the log."""

    service: str
    events_topic: str
    outcomes_topic: str

    def messages(
        self, settled: Sequence[ProcessedCommand], spans: Mapping[str, Span | None], now: datetime
    ) -> list[Message]:
        """Events and outcome of each, in order; `spans` by command id carry the traces on."""
        made = []
        for processed in settled:
            command = processed.command
            onward = telemetry.onward(spans.get(command.id), command.envelope.traceparent)
            made += [self._event(command, emitted, index, onward) for index, emitted in enumerate(processed.events)]
            made.append(
                self.outcome(
                    processed.outcome, now, command.envelope.correlationid, onward, survivor=processed.survivor
                )
            )
        return made

    def outcome(
        self,
        outcome: Outcome,
        now: datetime,
        correlation: str | None = None,
        onward: str | None = None,
        *,
        survivor: bool = False,
    ) -> Message:
        """The message of one outcome; final ones of one command and body all have one id.

        Of class survivor, nothing leads from it to its origin but the command it answers.
        """
        outcome_id = _derived(outcome.command_id, outcome.digest if outcome.result != "held" else "held", 0)
        envelope = Envelope(
            id=outcome_id,
            source=f"/simpul/{self.service}",
            type=outcome.type,
            time=now,
            correlationid=outcome_id if survivor else correlation or outcome.command_id,
            dataclassification="survivor" if survivor else "internal",
            traceparent=None if survivor else onward,
        )
        value = outcome.model_dump_json(exclude_none=True).encode()
        return Message(self.outcomes_topic, outcome.command_id.encode(), value, envelope.headers())

    def _event(self, command: Command, emitted: NewEvent, index: int, onward: str | None) -> Message:
        event_id, survivor = _derived(command.id, emitted.key, index), emitted.classification == "survivor"
        envelope = Envelope(
            id=event_id,
            source=f"/simpul/{self.service}",
            type=emitted.event.type,  # type: ignore[attr-defined]  # every contract event has a type
            time=emitted.occurred,
            subject=emitted.key,
            recordedtime=emitted.recorded,
            correlationid=event_id if survivor else command.envelope.correlationid or command.id,
            sequence=emitted.sequence,
            purpose=command.principal.purpose,
            dataclassification=emitted.classification,
            traceparent=None if survivor else onward,
        )
        value = emitted.event.model_dump_json(exclude_none=True).encode()
        return Message(self.events_topic, emitted.key.encode(), value, envelope.headers())


def _derived(command_id: str, salt: str, index: int) -> str:
    """The same command makes the same event and outcome ids, whoever settles it and however often."""
    return uuid_of(hashlib.sha256(f"{command_id}\0{salt}\0{index}".encode()).digest())
