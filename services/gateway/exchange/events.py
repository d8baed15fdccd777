"""Events of the services as they stand in the log, and who gets a copy of each."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pydantic import ValidationError

from chassis import telemetry
from chassis.messaging.record import Record
from contracts import envelope as envelopes
from contracts import indicators, notifications, registry
from contracts.envelope import Envelope, Headers
from contracts.model import Model
from contracts.schemas import members, message_type
from services.gateway.domain.routing import Recipient, Routing

_UNIONS = (registry.Event, indicators.Event, notifications.Event)
MODELS: dict[str, type[Model]] = {
    message_type(model): model for union in _UNIONS for model in members(union) if issubclass(model, Model)
}


class Undecodable(Exception):
    """An event of an unknown type or shape: it is put aside, and replayed after the upgrade."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it stands in the log; `record` is None for one that was kept in the database meanwhile."""

    envelope: Envelope
    body: Model
    headers: Headers
    value: bytes
    record: Record | None = None


def decode(headers: Headers, value: bytes, record: Record | None = None) -> Event:
    """Raises Undecodable."""
    try:
        envelope = envelopes.read(headers)
        body = MODELS[envelope.type].model_validate_json(value)
    except (envelopes.BadEnvelope, KeyError, ValidationError) as error:
        raise Undecodable(type(error).__name__) from None
    return Event(envelope, body, headers, value, record)


Planned = tuple[Event, Recipient]


def plan(routing: Routing, events: Iterable[Event], only: str | None = None) -> list[Planned]:
    """Every event with every receiver that gets a copy of it at once; or with one receiver alone."""
    planned: list[Planned] = []
    for event in (_as_owned_now(routing, event) for event in events):
        planned += [
            (event, recipient)
            for recipient in _recipients(routing, event)
            if not recipient.daily and (only is None or recipient.receiver == only)
        ]
    return planned


def plan_daily(routing: Routing, events: Iterable[Event], receiver: str, pseudonym: str) -> list[Planned]:
    """Every event of which a receiver gets a copy by the day, under one pseudonymised agreement."""
    return [
        (event, recipient)
        for event in (_as_owned_now(routing, event) for event in events)
        for recipient in _recipients(routing, event)
        if recipient.daily and (recipient.receiver, recipient.pseudonym) == (receiver, pseudonym)
    ]


def _as_owned_now(routing: Routing, event: Event) -> Event:
    if not routing.successors or not isinstance(event.body, registry.PersonEvent):
        return event
    return replace(event, body=routing.owned_now(event.body))


def _recipients(routing: Routing, event: Event) -> Iterable[Recipient]:
    body = event.body
    if isinstance(body, registry.PersonEvent):
        return routing.of_person(body)
    if isinstance(body, indicators.RoundOpened):
        return routing.of_round(body)
    if isinstance(body, notifications.AlertEvent):
        return routing.of_alert(body)
    return ()


@contextmanager
def traced(events: Sequence[Event]) -> Iterator[list[Event]]:
    """The events as their traces go on: a span of ours for each that is recorded."""
    spans = [telemetry.hop(f"copy {event.envelope.type}", event.envelope.traceparent) for event in events]
    try:
        yield [
            replace(event, envelope=replace(event.envelope, traceparent=telemetry.traceparent_of(span)))
            if span
            else event
            for event, span in zip(events, spans, strict=True)
        ]
    finally:
        telemetry.end(spans)
