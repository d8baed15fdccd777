"""A domain service made for the tests of the chassis: it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from chassis.commands.processor import Applied, Command, NewEvent, Steps
from chassis.mongo import Database, Session, find_in, insert_new, replace_guarded
from contracts.model import Id, Model
from contracts.outcomes import Refused

BOOM = 666
"""An amount that this service has a bug with, until `Bugs.boom` is mended."""


class Add(Model):
    type: Literal["counter.add.v1"] = "counter.add.v1"
    counter: Id
    amount: int


class AddTwice(Model):
    """What a later release understands."""

    type: Literal["counter.add.v2"] = "counter.add.v2"
    counter: Id
    amount: int


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


@dataclass
class Desk:
    """What one batch touches."""

    found: dict[str, Counter]
    changed: set[str] = field(default_factory=set)


@dataclass
class Bugs:
    """What is wrong with the service at the moment."""

    boom: bool = True
    everything: bool = False


def steps(database: Database, bugs: Bugs) -> Steps[Desk]:
    counters = database["counters"]

    async def load(commands: Sequence[Command]) -> Desk:
        found = await find_in(counters, "_id", (c.body.counter for c in commands))
        return Desk({d["_id"]: counter_of(d) for d in found})

    def decide(desk: Desk, command: Command, now: datetime) -> Applied:
        body = command.body
        if bugs.everything or (bugs.boom and body.amount == BOOM):
            raise RuntimeError("budi cannot be counted")
        if body.amount < 0:
            raise Refused("invalid_value", "/amount")
        counter = _plus(desk.found.get(body.counter) or Counter(body.counter), command)
        desk.found[counter.id] = counter
        desk.changed.add(counter.id)
        event = Added(counter=counter.id, amount=body.amount, total=counter.total)
        sequence = len(counter.added)
        return Applied(counter.id, sequence, (NewEvent(event, counter.id, sequence, now, now),))

    async def save(desk: Desk, session: Session) -> None:
        changed = [desk.found[one] for one in desk.changed]
        new = [_document(c, 1) for c in changed if c.revision == 0]
        old = [_document(c, c.revision + 1) for c in changed if c.revision > 0]
        await insert_new(counters, new, session)
        await replace_guarded(counters, old, session)

    return Steps(load, decide, save)


def _plus(counter: Counter, command: Command) -> Counter:
    notes = (*counter.notes, command.personal.text) if command.personal else counter.notes
    amount = command.body.amount
    return replace(counter, total=counter.total + amount, added=(*counter.added, amount), notes=notes)


def counter_of(document: dict[str, Any]) -> Counter:
    return Counter(
        document["_id"], document["revision"], document["total"], tuple(document["added"]), tuple(document["notes"])
    )


def _document(counter: Counter, revision: int) -> dict[str, Any]:
    return {
        "_id": counter.id,
        "revision": revision,
        "total": counter.total,
        "added": list(counter.added),
        "notes": list(counter.notes),
    }
