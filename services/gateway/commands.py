"""Command messages: what the exchange (for partners) and the api (for people) put on the services' command topics."""

import json
from dataclasses import dataclass

from chassis.kafka import Message
from chassis.keys import KeyRing
from chassis.sealing import Sealer
from contracts.commands import Principal
from contracts.envelope import Envelope
from contracts.model import Model
from contracts.topics import Names
from services.gateway.exchange.translate import Translation

SOURCE = "/simpul/gateway"


@dataclass(frozen=True, slots=True)
class Order:
    """One command about to be sent. `answer` comes back in its outcome; `bulk` takes the lane of loads."""

    id: str
    digest: str
    principal: Principal
    translation: Translation
    answer: str | None = None
    bulk: bool = False
    traceparent: str | None = None


class CommandWriter:
    """Makes the messages of one batch: each service's personal parts are sealed under one data key."""

    def __init__(self, ring: KeyRing, names: Names) -> None:
        self._ring, self._names = ring, names
        self._sealers: dict[str, Sealer] = {}

    def message(self, order: Order) -> Message:
        """The command as it stands on the service's topic."""
        service = order.translation.service
        topic = self._names.registry_bulk if order.bulk and service == "registry" else self._names.commands(service)
        envelope = Envelope(
            id=order.id,
            source=SOURCE,
            type=order.translation.type,
            time=order.translation.occurred,
            correlationid=order.id,
            purpose=order.principal.purpose,
            dataclassification="internal" if order.translation.personal is None else "restricted",
            traceparent=order.traceparent,
        )
        return Message(topic, self._key(order), self._frame(order), envelope.headers())

    def _frame(self, order: Order) -> bytes:
        personal = order.translation.personal
        frame = {
            "principal": order.principal.model_dump(mode="json", exclude_none=True),
            "digest": order.digest,
            "answer": order.answer,
            "sealed": self._sealed(order, personal) if personal is not None else None,
            "body": order.translation.body.model_dump(mode="json", exclude_none=True),
        }
        return json.dumps({name: value for name, value in frame.items() if value is not None}).encode()

    def _sealed(self, order: Order, personal: Model) -> dict[str, str]:
        service = order.translation.service
        sealer = self._sealers.get(service) or self._sealers.setdefault(service, Sealer(self._ring, service))
        sealed = sealer.seal(
            personal.model_dump_json(exclude_none=True).encode(),
            type=order.translation.type,
            command_id=order.id,
            organisation=order.principal.organisation,
        )
        found: dict[str, str] = sealed.model_dump()
        return found

    def _key(self, order: Order) -> bytes:
        """An id of ours as it is, an identifier as keyed hash; what has neither is alone in its order."""
        translation = order.translation
        if translation.key:
            return translation.key.encode()
        if translation.identifier:
            return self._ring.mac("partition", *translation.identifier).hex().encode()
        return order.id.encode()


def digest_of(ring: KeyRing, command_type: str, body: bytes) -> str:
    """Keyed digest by which another body under the same command id is known."""
    return ring.mac("digest", command_type, body).hex()
