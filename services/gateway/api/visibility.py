"""Which events a caller may see on the stream, and what of them: never a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

from contracts import authority, indicators, notifications
from contracts.authority import Relation
from contracts.commands import Principal
from contracts.indicators import RoundOpened
from contracts.notifications import AlertAcknowledged, AlertRaised, AlertResolved, ReviewClosed

Event = indicators.Event | notifications.Event


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """One message of the stream: its name and its data."""

    name: str
    data: dict[str, Any]


def message_for(event: Event, version: int | None, caller: Principal) -> StreamMessage | None:
    """What the caller sees of an event; None when it may not see it."""
    match event:
        case AlertRaised() | AlertAcknowledged() | AlertResolved():
            return _alert(event, version, caller)
        case RoundOpened():
            return _round(event, caller)
        case indicators.AnswerSubmitted():
            return _answer(event, version, caller)
        case ReviewClosed():
            return None
        case _:
            assert_never(event)


def _alert(
    event: AlertRaised | AlertAcknowledged | AlertResolved, version: int | None, caller: Principal
) -> StreamMessage | None:
    operation = "alerts.read_survivors" if event.privacy == "survivor" else "alerts.read"
    relations: set[Relation] = {"own"} if caller.organisation == event.source else set()
    relations |= {"told"} if caller.organisation in event.recipients else set()
    relations |= {"responds"} if caller.organisation in event.responders else set()
    if not authority.allows(operation, caller, relations):
        return None
    return _message(event, version, leave_out={"type", "person", "named_under", "unrouted"})


def _round(event: RoundOpened, caller: Principal) -> StreamMessage | None:
    return _message(event, None, leave_out={"type"}) if authority.allows("rounds.read", caller) else None


def _answer(event: indicators.AnswerSubmitted, version: int | None, caller: Principal) -> StreamMessage | None:
    relations: set[Relation] = {"led"} if event.organisation == caller.organisation else set()
    if not authority.allows("answers.read", caller, relations):
        return None
    return _message(event, version, leave_out={"type"})


def _message(event: Event, version: int | None, *, leave_out: set[str]) -> StreamMessage:
    _, noun, verb, _ = event.type.split(".")
    data = event.model_dump(mode="json", exclude=leave_out, exclude_none=True)
    return StreamMessage(f"{noun}.{verb}", data if version is None else data | {"version": version})
