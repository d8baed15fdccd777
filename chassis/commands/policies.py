"""Policies: a service follows events, its own included, and what follows from them goes out as commands to itself."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic_core import to_json

from chassis.messaging.message import Message
from chassis.messaging.publisher import Publisher
from chassis.messaging.record import Place, Record, place
from chassis.messaging.subscription import Batch, Unreadable
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


class PolicyHandler:
    """Handles events for one policy: what follows goes out as commands to the service itself."""

    def __init__(self, policy: Policy, publisher: Publisher, *, service: str, topic: str) -> None:
        self.policy, self.publisher, self.service, self.topic = policy, publisher, service, topic

    async def handle(self, batch: Batch) -> None:
        """Raises Unreadable for what is no event."""
        events: list[ReceivedEvent] = []
        unreadable: dict[Place, str] = {}
        for record in batch.records:
            try:
                events.append(ReceivedEvent(envelopes.read(record.headers), bytes(record.value or b"")))
            except envelopes.BadEnvelope as error:
                unreadable[place(record)] = f"no event: {error}"
        if unreadable:
            raise Unreadable(unreadable)
        await self.ask(await self.policy.follow(events))

    async def ask(self, follow_ups: Sequence[FollowUp]) -> None:
        """Publish commands of the policy."""
        await self.publisher.send_all(
            [message(self.service, self.topic, follow_up, self.policy.principal) for follow_up in follow_ups]
        )

    async def hold(self, record: Record) -> None:
        """Nobody waits for what a policy does."""

    async def give_up(self, record: Record) -> None:
        """Nobody waits for what a policy does."""


def message(service: str, topic: str, follow_up: FollowUp, principal: Principal) -> Message:
    """The command as it stands on the service's own topic."""
    body = follow_up.body.model_dump(mode="json", exclude_none=True)
    kind: str = body["type"]
    envelope = Envelope(follow_up.id, f"/simpul/{service}", kind, follow_up.at, purpose=principal.purpose)
    frame = {
        "principal": principal.model_dump(exclude_none=True),
        "digest": hashlib.sha256(to_json(body)).hexdigest(),
        "body": body,
    }
    return Message(topic, follow_up.key.encode(), to_json(frame), envelope.headers())
