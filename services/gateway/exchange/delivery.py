"""Delivery: events become copies for those whom an agreement covers. Personal fields are fetched, and never stored."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from chassis.messaging.consumer import Record
from chassis.messaging.priority import Breathe
from chassis.messaging.publisher import Message, Publisher
from contracts import envelope as envelopes
from contracts import indicators, notifications, registry
from contracts.envelope import Envelope, Headers
from contracts.model import Model
from contracts.schemas import members, message_type
from services.gateway.clients import Services
from services.gateway.domain.agreements import Recipient, Routing
from services.gateway.domain.copies import Copy, CopyBuilder, subject_of
from services.gateway.store import Store

FRESH_SECONDS = 5.0
"""What was fetched longer ago is fetched again."""

_UNIONS = (registry.Event, indicators.Event, notifications.Event)
MODELS: dict[str, type[Model]] = {
    message_type(model): model for union in _UNIONS for model in members(union) if issubclass(model, Model)
}
Owns = Callable[[Record], bool]


class Undecodable(Exception):
    """An event of an unknown type or shape: it is parked, and replayed after the upgrade."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it stands in the log."""

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


def plan(selection: Routing, events: Iterable[Event]) -> list[Planned]:
    """Every event with every receiver that gets a copy of it."""
    planned: list[Planned] = []
    for event in events:
        planned += [(event, share) for share in _shares(selection, event)]
    return planned


def _shares(selection: Routing, event: Event) -> Iterable[Recipient]:
    body, kind = event.body, event.envelope.type
    if isinstance(body, registry.PersonEvent):
        return selection.of_person(body)
    if isinstance(body, indicators.RoundOpened):
        return selection.of_round(kind, (assignment.organisation for assignment in body.assignments))
    if isinstance(body, notifications.AlertEvent):
        return selection.of_alert(kind, body.recipients)
    return ()


def ours(planned: Iterable[Planned], copies: Iterable[Copy], owns: Owns) -> list[Message]:
    """Messages of the copies, without those whose partition now belongs to another process, which makes them anew."""
    pairs = zip(planned, copies, strict=True)
    return [copy.message for (event, _), copy in pairs if event.record is None or owns(event.record)]


def _versions(planned: Iterable[Planned]) -> dict[str, int]:
    """Persons whose personal fields somebody gets, and the version at which they must at least be read.

    The version of an absorbed person's event is not the survivor's: that one is read as it is now.
    """
    wanted: dict[str, int] = {}
    for event, share in planned:
        if isinstance(event.body, registry.PersonEvent) and share.agreement.personal and not share.left_area:
            person = subject_of(event.body)
            version = event.envelope.sequence or 0 if person == event.body.person else 0
            wanted[person] = max(wanted.get(person, 0), version)
    return wanted


class Delivery:
    """`selection` gives who gets what at this moment."""

    def __init__(
        self,
        copier: CopyBuilder,
        services: Services,
        store: Store,
        publisher: Publisher,
        selection: Callable[[], Routing],
        breathe: Breathe,
    ) -> None:
        self._copier, self._services, self._store = copier, services, store
        self._publisher, self._selection, self._breathe = publisher, selection, breathe

    async def deliver(self, events: Sequence[Event], owns: Owns) -> None:
        """Copies of facts about persons, and of rounds. Raises an outage, which leaves the events to be taken again."""
        planned = plan(self._selection(), events)
        wanted = _versions(planned)
        while True:
            fetched = time.monotonic()
            states = await self._services.read_persons(wanted)
            copies = await self._copies(planned, states)
            await self._store.disclose(copy.disclosure for copy in copies if copy.disclosure)
            if not wanted or time.monotonic() - fetched < FRESH_SECONDS:
                break
        await self._publisher.send_all(ours(planned, copies, owns))

    async def _copies(self, planned: Sequence[Planned], states: Mapping[str, registry.PersonState]) -> list[Copy]:
        copies = []
        for index, (event, share) in enumerate(planned):
            await self._breathe(index)
            if isinstance(event.body, registry.PersonEvent):
                state = states.get(subject_of(event.body))
                copies.append(self._copier.of_person(share, event.body, event.envelope, state))
            elif isinstance(event.body, indicators.RoundOpened):
                copies.append(self._copier.of_round(share, event.body, event.envelope))
        return copies
