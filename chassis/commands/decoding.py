"""From a raw record of a command topic to a command, its sealed part opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from chassis.commands.processor import CommandProcessor
from chassis.commands.types import Command
from chassis.messaging.record import Record
from chassis.security.sealing import CannotOpen
from contracts import envelope as envelopes
from contracts.commands import Frame
from contracts.model import Id, Model

Types = Mapping[str, tuple[type[Model], type[Model] | None]]
"""ce_type to (body model, model of the sealed part)."""

ID: TypeAdapter[str] = TypeAdapter(Id)


class Undecodable(Exception):
    """An internal message of an unknown type or shape: parked, and replayed after the upgrade."""


def read_frame(record: Record) -> tuple[envelopes.Envelope, Frame] | None:
    """Envelope and frame of a record, when they can be read at all and name a command that could have an outcome."""
    try:
        envelope = envelopes.read(record.headers)
        ID.validate_python(envelope.id)
        return envelope, Frame.model_validate_json(record.value or b"")
    except (envelopes.BadEnvelope, ValidationError):
        return None


def decoder(processor: CommandProcessor[Any], types: Types) -> Callable[[Record], Command]:
    """From a raw record to a Command. Raises Undecodable, or MissingKey when this process lacks the sealing key."""

    def decode(record: Record) -> Command:
        try:
            envelope = envelopes.read(record.headers)
            ID.validate_python(envelope.id)
            body_model, personal_model = types[envelope.type]
            frame = Frame.model_validate_json(record.value or b"")
            personal = None
            if frame.sealed is not None and personal_model is not None:
                organisation = frame.principal.organisation
                opened = processor.opener.open(
                    frame.sealed, type=envelope.type, command_id=envelope.id, organisation=organisation
                )
                personal = personal_model.model_validate_json(opened)
            body = body_model.model_validate({"type": envelope.type, **frame.body})
        except (envelopes.BadEnvelope, KeyError, ValidationError, CannotOpen) as error:
            raise Undecodable(type(error).__name__) from None
        return Command(
            envelope.id, envelope.type, frame.digest, bytes(record.key or b""), frame.principal, body, personal,
            envelope, frame.reply_to,
        )  # fmt: skip

    return decode
