"""A domain service made for the tests of the chassis: it counts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from chassis.commands.overlay import Overlay
from chassis.commands.types import Applied, Command, NewEvent, Steps
from chassis.documents import Codec
from chassis.mongo import Database, Session, find_in, save_guarded
from contracts.model import Id, Model
from contracts.outcomes import Refused

BOOM = 666
"""An amount that this service has a bug with, until `Bugs.boom` is mended."""


TOO_LATE = 777
"""An amount that is refused once everything has been added up."""


class Add(Model):
    type: Literal["counter.add.v1"] = "counter.add.v1"
    counter: Id
    amount: int
    also: Id | None = None
    """A second counter that the same amount goes to."""


class AddTwice(Model):
    """What a later release understands."""

    type: Literal["counter.add.v2"] = "counter.add.v2"
    counter: Id
    amount: int
    also: Id | None = None


class Added(Model):
    type: Literal["counter.added.v1"] = "counter.added.v1"
    counter: Id
    amount: int
    total: int


class Note(Model):
    """The personal part of a command."""

    text: str


TYPES: dict[str, Any] = {"counter.add.v1": (Add, Note)}
LATER_TYPES: dict[str, Any] = TYPES | {"counter.add.v2": (AddTwice, Note)}


@dataclass(frozen=True)
class Counter:
    id: str
    revision: int = 0
    total: int = 0
    added: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


COUNTERS = Codec(Counter)


@dataclass
class Desk:
    """What one batch touches."""

    counters: Overlay[Counter]

    def apply(self, changes: Overlay[Counter]) -> None:
        self.counters.put(*changes.changed.values())


@dataclass
class Bugs:
    """What is wrong with the service at the moment."""

    boom: bool = True
    everything: bool = False
    hold: asyncio.Event | None = None
    """Until it is set, no batch gets further than its load."""
    loads: int = 0


def steps(database: Database, bugs: Bugs) -> Steps[Desk, Overlay[Counter]]:
    counters = database["counters"]

    async def load(commands: Sequence[Command]) -> Desk:
        bugs.loads += 1
        if bugs.hold:
            await bugs.hold.wait()
        named = (name for c in commands for name in (c.body.counter, c.body.also) if name)
        found = await find_in(counters, "_id", named)
        return Desk(Overlay({d["_id"]: COUNTERS.read(d) for d in found}))

    def decide(desk: Desk, command: Command, now: datetime) -> Applied[Overlay[Counter]]:
        body = command.body
        if bugs.everything or (bugs.boom and body.amount == BOOM):
            raise RuntimeError("budi cannot be counted")
        if body.amount < 0:
            raise Refused("invalid_value", "/amount")
        changes = Overlay(desk.counters)
        for name in filter(None, (body.counter, body.also)):
            changes.put(_plus(changes.get(name) or Counter(name), command))
        if body.amount == TOO_LATE:
            raise Refused("invalid_value", "/amount")
        counter = changes[body.counter]
        event = Added(counter=counter.id, amount=body.amount, total=counter.total)
        sequence = len(counter.added)
        emitted = NewEvent(event, counter.id, sequence, now, now)
        return Applied(counter.id, sequence, (emitted,), changes=changes)

    async def save(desk: Desk, session: Session) -> None:
        await save_guarded(counters, map(COUNTERS.document, desk.counters.changed.values()), session)

    return Steps(load, decide, Desk.apply, save)


def _plus(counter: Counter, command: Command) -> Counter:
    notes = (*counter.notes, command.personal.text) if command.personal else counter.notes
    amount = command.body.amount
    return replace(counter, total=counter.total + amount, added=(*counter.added, amount), notes=notes)
