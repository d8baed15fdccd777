"""Which events a caller may see on the stream, and what of them: never a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

from contracts import indicators, notifications
from contracts.indicators import RoundOpened
from contracts.notifications import AlertAcknowledged, AlertRaised, AlertResolved
from services.gateway.tokens import Caller

Event = indicators.Event | notifications.Event
COORDINATES_ALERTS = "migration_coordinator"
COORDINATES_ROUNDS = "mgi_coordinator"


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """One message of the stream: its name and its data."""

    name: str
    data: dict[str, Any]


def message_for(event: Event, version: int | None, caller: Caller) -> StreamMessage | None:
    """What the caller sees of an event; None when it may not see it."""
    match event:
        case AlertRaised() | AlertAcknowledged() | AlertResolved():
            return _alert(event, version, caller)
        case RoundOpened():
            return _round(event, caller)
        case indicators.AnswerSubmitted():
            return _answer(event, version, caller)
        case _:
            assert_never(event)


def _alert(
    event: AlertRaised | AlertAcknowledged | AlertResolved, version: int | None, caller: Caller
) -> StreamMessage | None:
    involved = caller.organisation == event.source or caller.organisation in event.recipients
    if not involved and (event.privacy == "survivor" or COORDINATES_ALERTS not in caller.roles):
        return None
    return _message(event, version, leave_out={"type", "person", "unrouted"})


def _round(event: RoundOpened, caller: Caller) -> StreamMessage | None:
    if _coordinates_rounds(caller):
        return _message(event, None, leave_out={"type"})
    own = tuple(assignment for assignment in event.assignments if assignment.organisation == caller.organisation)
    return _message(event.model_copy(update={"assignments": own}), None, leave_out={"type"}) if own else None


def _answer(event: indicators.AnswerSubmitted, version: int | None, caller: Caller) -> StreamMessage | None:
    if event.organisation != caller.organisation and not _coordinates_rounds(caller):
        return None
    return _message(event, version, leave_out={"type"})


def _coordinates_rounds(caller: Caller) -> bool:
    return COORDINATES_ALERTS in caller.roles or COORDINATES_ROUNDS in caller.roles


def _message(event: Event, version: int | None, *, leave_out: set[str]) -> StreamMessage:
    _, noun, verb, _ = event.type.split(".")
    data = event.model_dump(mode="json", exclude=leave_out, exclude_none=True)
    return StreamMessage(f"{noun}.{verb}", data if version is None else data | {"version": version})
