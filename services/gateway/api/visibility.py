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


def is_visible(event: Event, caller: Principal) -> bool:
    """Whether the caller may see an event."""
    match event:
        case AlertRaised() | AlertAcknowledged() | AlertResolved():
            return _sees_alert(event, caller)
        case RoundOpened():
            return authority.allows("rounds.read", caller)
        case indicators.AnswerSubmitted():
            relations: set[Relation] = {"led"} if event.organisation in caller.stands_for else set()
            return authority.allows("answers.read", caller, relations)
        case ReviewClosed():
            return False
        case _:
            assert_never(event)


def _sees_alert(event: AlertRaised | AlertAcknowledged | AlertResolved, caller: Principal) -> bool:
    operation = "alerts.read_survivors" if event.privacy == "survivor" else "alerts.read"
    mine = set(caller.stands_for)
    relations: set[Relation] = {"own"} if event.source in mine else set()
    relations |= {"told"} if mine & set(event.recipients) else set()
    relations |= {"responds"} if mine & set(event.responders) else set()
    return authority.allows(operation, caller, relations)


NOT_TOLD = {"type", "person", "named_under", "unrouted"}


def message_of(event: Event, version: int | None) -> StreamMessage:
    """What those see of an event who may see it. A round has no version to decide on."""
    _, noun, verb, _ = event.type.split(".")
    data = event.model_dump(mode="json", exclude=NOT_TOLD, exclude_none=True)
    if version is None or isinstance(event, RoundOpened):
        return StreamMessage(f"{noun}.{verb}", data)
    return StreamMessage(f"{noun}.{verb}", data | {"version": version})
