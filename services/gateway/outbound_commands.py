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
    draft: CommandDraft
    reply_to: str | None = None
    bulk: bool = False
    traceparent: str | None = None


class CommandWriter:
    """Makes the messages of one batch: each service's personal parts are sealed under one data key."""

    def __init__(self, ring: KeyRing, names: Names) -> None:
        self._ring, self._names = ring, names
        self._sealers: dict[str, Sealer] = {}

    def message(self, command: OutboundCommand) -> Message:
        """The command as it stands on the service's topic."""
        service = command.draft.service
        topic = self._names.bulk(service) if command.bulk and service == "registry" else self._names.commands(service)
        envelope = Envelope(
            id=command.id,
            source=SOURCE,
            type=command.draft.type,
            time=command.draft.occurred,
            correlationid=command.id,
            purpose=command.principal.purpose,
            dataclassification=_class(command.draft),
            traceparent=None if command.draft.survivor else command.traceparent,
        )
        return Message(topic, self._key(command), self._frame(command), envelope.headers())

    def _frame(self, command: OutboundCommand) -> bytes:
        personal = command.draft.personal
        frame = {
            "principal": command.principal.model_dump(exclude_none=True),
            "digest": command.digest,
            "reply_to": command.reply_to,
            "sealed": self._sealed(command, personal) if personal is not None else None,
            "body": command.draft.body.model_dump(exclude_none=True),
        }
        return to_json({name: value for name, value in frame.items() if value is not None}, exclude_none=True)

    def _sealed(self, command: OutboundCommand, personal: Model) -> Sealed:
        service = command.draft.service
        sealer = self._sealers.get(service) or self._sealers.setdefault(service, Sealer(self._ring, service))
        return sealer.seal(
            personal.model_dump_json(exclude_none=True).encode(),
            type=command.draft.type,
            command_id=command.id,
            organisation=command.principal.organisation,
        )

    def _key(self, command: OutboundCommand) -> bytes:
        """An id of ours as it is, an identifier as keyed hash; what has neither is alone in its order."""
        draft = command.draft
        if draft.key:
            return draft.key.encode()
        if draft.identifier:
            return self._ring.mac("partition", *draft.identifier).hex().encode()
        return command.id.encode()


def _class(draft: CommandDraft) -> Classification:
    if draft.survivor:
        return "survivor"
    return "internal" if draft.personal is None else "restricted"


def digest_of(ring: KeyRing, command_type: str, body: bytes) -> str:
    """Keyed digest by which another body under the same command id is known."""
    return ring.mac("digest", command_type, body).hex()
