"""Commands as a service sees them, what they change, and the steps that are a service's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from chassis.mongo import Session
from contracts.commands import Principal
from contracts.envelope import Classification, Envelope
from contracts.model import Model
from contracts.outcomes import Outcome

W = TypeVar("W")
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Command:
    """One command as a service sees it: parsed, its personal part opened."""

    id: str
    type: str
    digest: str
    key: bytes
    principal: Principal
    body: Any
    personal: Any
    envelope: Envelope
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to publish. `sequence` is the aggregate's version after it; class survivor starts a new trace."""

    event: Model
    key: str
    sequence: int
    occurred: datetime
    recorded: datetime
    classification: Classification = "internal"


@dataclass(frozen=True, slots=True)
class Applied(Generic[C]):
    """What a command comes to. `changes` are those to the workspace, None where it stays as it is.

    `survivor`: the outcome is of that class too, even where nothing changed. `kind` says what the aggregate is, where
    it is not what the service is mostly about.
    """

    aggregate_id: str
    version: int
    events: tuple[NewEvent, ...] = ()
    warnings: tuple[str, ...] = ()
    survivor: bool = False
    kind: str | None = None
    changes: C | None = None


def _nothing(_: Any) -> None:
    return None


@dataclass(frozen=True)
class Steps(Generic[W, C]):
    """A service's own part; W is its workspace: what one batch loaded. C is what one command changes of it.

    `decide` reads the workspace and returns what changes, or raises Refused; `apply` puts the changes into it, for the
    later commands of the batch and for `save`. That runs inside the transaction and raises VersionConflict when another
    process was first. `committed` runs after the commit, `on_conflict` after a failed one: a cache forgets then.
    """

    load: Callable[[Sequence[Command]], Awaitable[W]]
    decide: Callable[[W, Command, datetime], Applied[C]]
    apply: Callable[[W, C], None]
    save: Callable[[W, Session], Awaitable[None]]
    committed: Callable[[W], None] = _nothing
    on_conflict: Callable[[W], None] = _nothing

    def carry_out(self, workspace: W, command: Command, now: datetime) -> Applied[C]:
        """Decide one command, and apply what it changes. Raises Refused, and then nothing is changed."""
        applied = self.decide(workspace, command, now)
        if applied.changes is not None:
            self.apply(workspace, applied.changes)
        return applied


@dataclass(slots=True)
class ProcessedCommand:
    """One command with its outcome and the events that came of it."""

    command: Command
    outcome: Outcome
    events: tuple[NewEvent, ...] = ()
    survivor: bool = False
