"""What the services say, on its way out: outcomes become receipts, events become copies."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pydantic import ValidationError

from chassis import telemetry
from chassis.messaging.consumer import Record
from chassis.messaging.priority import Breathe
from chassis.messaging.publisher import Publisher
from chassis.security.keys import KeyRing
from chassis.security.sealing import ReplyToCipher
from contracts.exchange import Receipt
from contracts.outcomes import Outcome
from contracts.topics import DOMAIN_SERVICES, Names
from services.gateway.domain import receipts
from services.gateway.domain.receipts import ReplyTo
from services.gateway.exchange.alerts import AlertDelivery
from services.gateway.exchange.delivery import Delivery, Event, Owns, Undecodable, decode


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What stands behind the subscribers of the services' outcomes and events."""

    ring: KeyRing
    names: Names
    publisher: Publisher
    delivery: Delivery | AlertDelivery
    breathe: Breathe
    keyed = True
    """The services' keys are aggregates: what comes after a parked message of one waits behind it."""

    async def take(self, records: Sequence[Record], owns: Owns) -> None:
        """Publish copies, which may wait for a service, then receipts. Raises an outage, or as a bad record does."""
        services = {self.names.outcomes(service): service for service in DOMAIN_SERVICES}
        events: list[Event] = []
        found: list[tuple[ReplyTo, Receipt]] = []
        cipher = ReplyToCipher(self.ring)
        for index, record in enumerate(records):
            await self.breathe(index)
            if (service := services.get(record.topic)) is None:
                events.append(decode(record.headers, record.value or b"", record))
            elif (receipt := self._receipt(cipher, record, service)) is not None:
                found.append(receipt)
        with _hops(events) as onward:
            await self.delivery.deliver(onward, owns)
        await self.publisher.send_all([*receipts.messages(self.ring, self.names, found)])

    async def hold(self, _: Record) -> None:
        """Nobody waits for what a service says: receivers get the copy when it is replayed."""

    async def end(self, _: Record) -> None:
        """Nobody is told of a copy that will never be made."""

    def _receipt(self, cipher: ReplyToCipher, record: Record, service: str) -> tuple[ReplyTo, Receipt] | None:
        """None for the outcome of a person's write."""
        outcome = _outcome(record)
        address = ReplyTo.opened(cipher.open_address(outcome.reply_to)) if outcome.reply_to else None
        return (address, receipts.of_outcome(self.ring, address, outcome, service)) if address else None


def _outcome(record: Record) -> Outcome:
    try:
        return Outcome.model_validate_json(record.value or b"")
    except ValidationError as error:
        raise Undecodable(type(error).__name__) from None


@contextmanager
def _hops(events: Sequence[Event]) -> Iterator[list[Event]]:
    """The events as their traces go on: a span of ours for each that is recorded."""
    spans = [telemetry.hop(f"copy {event.envelope.type}", event.envelope.traceparent) for event in events]
    try:
        yield [
            replace(
                event,
                envelope=replace(event.envelope, traceparent=telemetry.onward(span, event.envelope.traceparent)),
            )
            if span
            else event
            for event, span in zip(events, spans, strict=True)
        ]
    finally:
        telemetry.end(spans)
