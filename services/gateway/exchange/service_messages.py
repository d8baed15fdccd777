"""What the services say, on its way out: outcomes become receipts, events become copies."""

from collections.abc import Sequence
from typing import Protocol

from pydantic import ValidationError

from chassis.messaging.priority import in_slices
from chassis.messaging.record import Place, Record, place
from chassis.messaging.subscription import Batch, Owns, Unreadable
from chassis.security.keys import KeyRing
from chassis.security.sealing import CannotOpen, ReplyToCipher
from contracts.exchange import Receipt
from contracts.outcomes import Outcome
from contracts.topics import DOMAIN_SERVICES, Names
from services.gateway.domain import receipts
from services.gateway.domain.receipts import ReplyTo
from services.gateway.exchange.events import Event, Undecodable, decode, traced
from services.gateway.exchange.receivers import Receivers, ToReceiver
from services.gateway.exchange.refusal_counts import count_refusals


class Copies(Protocol):
    """Sends the copies of events to whoever an agreement gives them."""

    async def deliver(self, events: Sequence[Event], owns: Owns) -> None:
        """Raises an outage, or LostRace: the events are taken again."""


class ServiceMessages:
    """Handles the outcomes and events of the services of one lane."""

    def __init__(self, ring: KeyRing, names: Names, receivers: Receivers, copies: Copies) -> None:
        self._ring, self._names, self._receivers, self._copies = ring, names, receivers, copies
        self._cipher = ReplyToCipher(ring)
        self._outcomes = {names.outcomes(service): service for service in DOMAIN_SERVICES}

    async def handle(self, batch: Batch) -> None:
        """Publish copies, which may wait for a service, then receipts. Raises Unreadable for an unknown type."""
        events, answers = await self._read(batch)
        with traced(events) as onward:
            await self._copies.deliver(onward, batch.owns)
        messages = receipts.messages(self._ring, self._names, answers)
        await self._receivers.send([ToReceiver(organisation, message) for organisation, message in messages])
        count_refusals(answers)

    async def _read(self, batch: Batch) -> tuple[list[Event], list[tuple[ReplyTo, Receipt]]]:
        events: list[Event] = []
        answers: list[tuple[ReplyTo, Receipt]] = []
        unreadable: dict[Place, str] = {}
        async for record in in_slices(batch.records):
            try:
                if record.topic not in self._outcomes:
                    events.append(decode(record.headers, record.value or b"", record))
                elif (answer := self._receipt(record, self._outcomes[record.topic])) is not None:
                    answers.append(answer)
            except (Undecodable, CannotOpen) as error:
                unreadable[place(record)] = f"undecodable: {type(error).__name__} {error}".strip()
        if unreadable:
            raise Unreadable(unreadable)
        return events, answers

    def _receipt(self, record: Record, service: str) -> tuple[ReplyTo, Receipt] | None:
        """None for the outcome of a person's write."""
        outcome = _outcome(record)
        reply_to = ReplyTo.opened(self._cipher.open_address(outcome.reply_to)) if outcome.reply_to else None
        return (reply_to, receipts.of_outcome(self._ring, reply_to, outcome, service)) if reply_to else None

    async def hold(self, record: Record) -> None:
        """Nobody waits for what a service says: receivers get the copy when it is replayed."""

    async def give_up(self, record: Record) -> None:
        """Nobody is told of a copy that will never be made."""


def _outcome(record: Record) -> Outcome:
    try:
        return Outcome.model_validate_json(record.value or b"")
    except ValidationError as error:
        raise Undecodable(type(error).__name__) from None
