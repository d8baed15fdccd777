"""Command messages: what the exchange (for partners) and the api (for people) put on the services' command topics."""

from dataclasses import dataclass

from pydantic_core import to_json

from chassis.messaging.message import Message
from chassis.security.keys import KeyRing
from chassis.security.sealing import Sealer
from contracts.commands import Principal, Sealed
from contracts.envelope import Classification, Envelope
from contracts.exchange import SOURCE
from contracts.model import Model
from contracts.topics import Names
from services.gateway.domain.translation import CommandDraft


@dataclass(frozen=True, slots=True)
class OutboundCommand:
    """One command about to be sent. `reply_to` comes back in its outcome; `bulk` takes the lane of loads."""

    id: str
    digest: str
    principal: Principal
    translation: CommandDraft
    reply_to: str | None = None
    bulk: bool = False
    traceparent: str | None = None


class CommandWriter:
    """Makes the messages of one batch: each service's personal parts are sealed under one data key."""

    def __init__(self, ring: KeyRing, names: Names) -> None:
        self._ring, self._names = ring, names
        self._sealers: dict[str, Sealer] = {}

    def message(self, order: OutboundCommand) -> Message:
        """The command as it stands on the service's topic."""
        service = order.translation.service
        topic = self._names.bulk(service) if order.bulk and service == "registry" else self._names.commands(service)
        envelope = Envelope(
            id=order.id,
            source=SOURCE,
            type=order.translation.type,
            time=order.translation.occurred,
            correlationid=order.id,
            purpose=order.principal.purpose,
            dataclassification=_class(order.translation),
            traceparent=None if order.translation.survivor else order.traceparent,
        )
        return Message(topic, self._key(order), self._frame(order), envelope.headers())

    def _frame(self, order: OutboundCommand) -> bytes:
        personal = order.translation.personal
        frame = {
            "principal": order.principal.model_dump(exclude_none=True),
            "digest": order.digest,
            "reply_to": order.reply_to,
            "sealed": self._sealed(order, personal) if personal is not None else None,
            "body": order.translation.body.model_dump(exclude_none=True),
        }
        return to_json({name: value for name, value in frame.items() if value is not None}, exclude_none=True)

    def _sealed(self, order: OutboundCommand, personal: Model) -> Sealed:
        service = order.translation.service
        sealer = self._sealers.get(service) or self._sealers.setdefault(service, Sealer(self._ring, service))
        return sealer.seal(
            personal.model_dump_json(exclude_none=True).encode(),
            type=order.translation.type,
            command_id=order.id,
            organisation=order.principal.organisation,
        )

    def _key(self, order: OutboundCommand) -> bytes:
        """An id of ours as it is, an identifier as keyed hash; what has neither is alone in its order."""
        translation = order.translation
        if translation.key:
            return translation.key.encode()
        if translation.identifier:
            return self._ring.mac("partition", *translation.identifier).hex().encode()
        return order.id.encode()


def _class(translation: CommandDraft) -> Classification:
    if translation.survivor:
        return "survivor"
    return "internal" if translation.personal is None else "restricted"


def digest_of(ring: KeyRing, command_type: str, body: bytes) -> str:
    """Keyed digest by which another body under the same command id is known."""
    return ring.mac("digest", command_type, body).hex()
