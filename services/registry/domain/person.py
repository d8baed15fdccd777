"""A person: the state that a set of actions amounts to, and what was known of it when."""

from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from contracts.registry import Facets, Flag, Status
from services.registry.domain.actions import Action, order
from services.registry.domain.nik import home_region

PROVISIONAL = Flag(code="provisional", missing=("REGISTRATION",))
NON_PROCEDURAL = Flag(code="non_procedural", missing=("PLACEMENT",))
NIK_UNVERIFIED = Flag(code="nik_unverified", missing=("IDENTITY",))
NIK_REJECTED = Flag(code="nik_rejected")
NIK_MISMATCH = Flag(code="nik_mismatch")
IDENTIFIER_SHARED = Flag(code="identifier_shared")

_MISMATCHES = frozenset({"nik_birth_date_mismatch", "nik_sex_mismatch"})
_PERSONS = UUID("5d1f7c4e-6f0b-4d0a-9c1e-2f6d3b8a7e10")
_TICK = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class State:
    """What the actions amount to. `details` are of the current episode; `episodes` numbers each action, in order."""

    flags: tuple[Flag, ...]
    facets: Facets
    details: dict[str, Any]
    personal: dict[str, str]
    identity_matched: bool | None
    episodes: tuple[int, ...]

    @property
    def status(self) -> Status:
        """Where the person stands in the life cycle."""
        return self.facets.status

    @property
    def episode(self) -> int:
        """Number of the current episode, from 1."""
        return self.episodes[-1]


@dataclass(frozen=True, slots=True)
class Person:
    """A person as stored. `actions` stand in fold order; `version` counts events, `revision` saves.

    `recorded_at` (UTC, milliseconds) is that of the newest action and grows with every one.
    """

    id: str
    revision: int
    version: int
    recorded_at: datetime
    actions: tuple[Action, ...]
    state: State

    def knows(self, command_id: str) -> bool:
        """Whether the command already added its action."""
        return any(action.command_id == command_id for action in self.actions)


def person_id(command_id: str) -> str:
    """The id of the person that a command makes known: the same at every attempt, and telling nothing of the person."""
    return str(uuid5(_PERSONS, command_id))


def recorded_after(person: Person | None, now: datetime) -> datetime:
    """The recording time of the person's next action: now, but at least a millisecond after the last one."""
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return max(now, person.recorded_at + _TICK) if person else now


def opened(action: Action) -> Person:
    """A person made known by its first action; not yet stored, nothing announced."""
    state = fold((action,))
    return Person(person_id(action.command_id), 0, 0, action.recorded_at, (action,), state)


def added(person: Person, action: Action) -> Person:
    """The person with one more action, nothing of it announced yet."""
    actions = list(person.actions)
    insort(actions, action, key=order)
    return replace(person, recorded_at=action.recorded_at, actions=tuple(actions), state=fold(actions))


class Known(NamedTuple):
    """What was known at some time, and when the newest of it was recorded."""

    state: State
    recorded_at: datetime


def as_of(person: Person, recorded: datetime) -> Known | None:
    """What was known at a time, from the actions recorded by then; None if the person was not."""
    known = [action for action in person.actions if action.recorded_at <= recorded]
    return Known(fold(known), max(action.recorded_at for action in known)) if known else None


def in_order(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Actions as the fold takes them, each command once."""
    return tuple(sorted({action.command_id: action for action in actions}.values(), key=order))


@dataclass(slots=True)
class _Episode:
    """One migration: registered, placed, departed. Within one, the latest fact of each kind holds."""

    number: int
    registered: Action | None = None
    placed: Action | None = None
    placed_first: Action | None = None
    departed: Action | None = None
    departed_first: Action | None = None

    def take(self, action: Action) -> None:
        match action.kind:
            case "REGISTRATION":
                self.registered = action
            case "PLACEMENT":
                self.placed, self.placed_first = action, self.placed_first or action
            case "DEPARTURE":
                self.departed, self.departed_first = action, self.departed_first or action
            case "IDENTITY":
                pass

    def left_before(self, action: Action) -> bool:
        """Whether the departure surely came first: a registration after it begins the next migration."""
        left = self.departed_first
        return left is not None and left.occurred.until <= action.occurred.at

    @property
    def status(self) -> Status:
        if self.departed:
            return "P1_DEPARTED"
        if self.placed:
            return "C4_PLACEMENT_AGREED"
        return "C1_REGISTERED" if self.registered else "C0_PROSPECT"

    @property
    def unplaced(self) -> bool:
        """Departed without a placement before. Dates too coarse to tell which came first are no failure."""
        left, placed = self.departed_first, self.placed_first
        if not (left and placed):
            return left is not None
        return placed.occurred.at > left.occurred.at and placed.occurred.at >= left.occurred.until

    def details(self) -> dict[str, Any]:
        """Plan, then agreement, then border: the later institution knows better."""
        steps = (self.registered, self.placed, self.departed)
        return {name: value for step in steps if step for name, value in step.facts.items()}


@dataclass(slots=True)
class _Fold:
    """What accumulates over all episodes."""

    episode: _Episode = field(default_factory=lambda: _Episode(1))
    registered: Action | None = None
    answers: list[Action] = field(default_factory=list)
    personal: dict[str, str] = field(default_factory=dict)
    episodes: list[int] = field(default_factory=list)
    home: str | None = None
    shared: bool = False

    def take(self, action: Action) -> None:
        if action.kind == "REGISTRATION":
            self.registered, self.home = action, action.facts.get("home_regency", self.home)
            if self.episode.left_before(action):
                self.episode = _Episode(self.episode.number + 1)
                self.personal.pop("employer", None)
        elif action.kind == "IDENTITY":
            self.answers.append(action)
        self.episode.take(action)
        self.personal.update(action.personal)
        if self.registered and "nik" in self.registered.personal:
            self.personal["nik"] = self.registered.personal["nik"]  # nobody else's fact replaces it
        self.shared = self.shared or action.shared
        self.episodes.append(self.episode.number)

    def matched(self) -> bool | None:
        """Kemendagri's latest answer for the NIK on file; None without one."""
        nik = self.personal.get("nik")
        answers = [one.facts["matched"] for one in self.answers if one.personal.get("nik", nik) == nik]
        return answers[-1] if answers else None

    def flags(self, matched: bool | None) -> tuple[Flag, ...]:
        raised = []
        if not self.registered:
            raised.append(PROVISIONAL)
        if matched is False:
            raised.append(NIK_REJECTED)
        if matched is None and "nik" in self.personal:
            raised.append(NIK_UNVERIFIED)
        if not matched and self.registered and not _MISMATCHES.isdisjoint(self.registered.facts.get("warnings", ())):
            raised.append(NIK_MISMATCH)
        if self.shared:
            raised.append(IDENTIFIER_SHARED)
        if self.episode.unplaced:
            raised.append(NON_PROCEDURAL)
        return tuple(raised)


def fold(actions: Sequence[Action]) -> State:
    """The state after these actions, which stand in fold order; at least one."""
    folded = _Fold()
    for action in actions:
        folded.take(action)
    episode, matched, details = folded.episode, folded.matched(), folded.episode.details()
    facets = Facets(
        owner=(episode.registered or folded.registered or actions[0]).owner,
        home_regency=folded.home or home_region(folded.personal.get("nik", "")),
        destination=details.get("destination"),
        sector=details.get("sector"),
        status=episode.status,
    )
    return State(
        flags=folded.flags(matched),
        facets=facets,
        details=details,
        personal=folded.personal,
        identity_matched=matched,
        episodes=tuple(folded.episodes),
    )
