"""Rules: a service follows events, its own included, and what follows from them goes out as commands to itself."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic_core import to_json

from chassis.messaging.consumer import Record
from chassis.messaging.publisher import Message
from contracts import envelope as envelopes
from contracts.commands import Principal
from contracts.envelope import Envelope
from contracts.model import Model


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event that a rule hears; `value` is its JSON."""

    envelope: Envelope
    value: bytes


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A command that follows. `id` is made of the rule and of what it heard, so that hearing it twice asks once."""

    id: str
    key: str
    body: Model
    at: datetime


@dataclass(frozen=True, slots=True)
class Policy:
    """What follows from a batch of events, for whom the rule acts. It keeps nothing but what it can read again."""

    principal: Principal
    follow: Callable[[Sequence[ReceivedEvent]], Awaitable[Sequence[FollowUp]]]


def heard(record: Record) -> ReceivedEvent:
    """The event in a record. Raises BadEnvelope."""
    return ReceivedEvent(envelopes.read(record.headers), bytes(record.value or b""))


def message(service: str, topic: str, asked: FollowUp, principal: Principal) -> Message:
    """The command as it stands on the service's own topic."""
    body = asked.body.model_dump(mode="json", exclude_none=True)
    kind: str = body["type"]
    envelope = Envelope(asked.id, f"/simpul/{service}", kind, asked.at, purpose=principal.purpose)
    frame = {
        "principal": principal.model_dump(exclude_none=True),
        "digest": hashlib.sha256(to_json(body)).hexdigest(),
        "body": body,
    }
    return Message(topic, asked.key.encode(), to_json(frame), envelope.headers())
