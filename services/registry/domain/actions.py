"""Actions: what institutions said of a person. They are only ever added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, assert_never

from contracts.codes import current_region
from contracts.model import Moment
from contracts.registry import ConfirmIdentity, Fact, FactKind, RecordDeparture, RecordPlacement, RegisterPerson

Kind = Literal[FactKind, "DECISION", "SHARED"]
"""Two kinds are no facts of the journey: a decision says whether an offered registration takes effect; shared, that
somebody else carries an identifier too."""

_LIFE_CYCLE: Mapping[Kind, int] = {
    "REGISTRATION": 0,
    "IDENTITY": 1,
    "PLACEMENT": 2,
    "DEPARTURE": 3,
    "DECISION": 4,
    "SHARED": 5,
}
_REFERENCE = frozenset({"type", "occurred", "person"})

Order = tuple[datetime, int, int, str, str]


@dataclass(frozen=True, slots=True)
class Action:
    """One fact, or the decision on one. `owner` is the organisation that stated it; `personal` holds what identifies
    people or firms.

    `origin_person` is whom it was about as if nobody had ever been merged; it never changes. `shared` are others who
    carried an identifier it brought as well. `succeeds` are organisations that the author had taken over by then.
    """

    origin_person: str
    kind: Kind
    command_id: str
    owner: str
    occurred: Moment
    recorded_at: datetime
    facts: Mapping[str, Any]
    personal: Mapping[str, str]
    shared: tuple[str, ...] = ()
    succeeds: tuple[str, ...] = ()


def order(action: Action) -> Order:
    """Sort key of the fold: when it happened, coarser dates first, then the life cycle. Arrival has no part in it."""
    return *action.occurred.order, _LIFE_CYCLE[action.kind], action.owner, action.command_id


def is_fact(action: Action) -> bool:
    """Whether an institution stated it of the journey."""
    return action.kind not in ("DECISION", "SHARED")


def kind_of(body: Fact) -> FactKind:
    """The kind of action that a command adds."""
    match body:
        case RegisterPerson():
            return "REGISTRATION"
        case ConfirmIdentity():
            return "IDENTITY"
        case RecordPlacement():
            return "PLACEMENT"
        case RecordDeparture():
            return "DEPARTURE"
        case _:
            assert_never(body)


def facts_of(body: Fact) -> dict[str, Any]:
    """What a command states beside personal values; a value that was not given is absent."""
    match body:
        case RegisterPerson():
            stated = {"home_regency": body.home_regency and current_region(body.home_regency), **body.episode.__dict__}
        case ConfirmIdentity():
            stated = {"matched": body.matched}
        case RecordPlacement():
            stated = {name: value for name, value in body.__dict__.items() if name not in _REFERENCE}
        case RecordDeparture():
            stated = {"destination": body.destination}
        case _:
            assert_never(body)
    return {name: value for name, value in stated.items() if value is not None}
