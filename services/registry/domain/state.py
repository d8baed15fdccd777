"""The state that a set of actions amounts to; its flags are raised in flags.py."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.nik import home_region
from contracts.registry import Facets, Flag, Status
from services.registry.domain.actions import Action, is_fact, order
from services.registry.domain.flags import raised_flags
from services.registry.domain.ownership import in_recorded_order, ownership_of


@dataclass(frozen=True, slots=True)
class State:
    """What the actions amount to. `details` are of the current episode; `episodes` numbers each action, in order.

    `waiting` and `without_effect` are command ids of registrations by others than the owner.
    """

    flags: tuple[Flag, ...]
    facets: Facets
    details: dict[str, Any]
    personal: dict[str, str]
    identity_matched: bool | None
    episodes: tuple[int, ...]
    waiting: tuple[str, ...] = ()
    without_effect: frozenset[str] = frozenset()

    @property
    def status(self) -> Status:
        """Where the person stands in the life cycle."""
        return self.facets.status

    @property
    def episode(self) -> int:
        """Number of the current episode, from 1."""
        return self.episodes[-1]


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
            case "IDENTITY" | "DECISION" | "SHARED":
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
    home_regency: str | None = None
    shared: set[str] = field(default_factory=set)

    def take(self, action: Action) -> None:
        if action.kind == "REGISTRATION":
            self.registered, self.home_regency = action, action.facts.get("home_regency", self.home_regency)
            if self.episode.left_before(action):
                self.episode = _Episode(self.episode.number + 1)
                self.personal.pop("employer", None)
        elif action.kind == "IDENTITY":
            self.answers.append(action)
        self.episode.take(action)
        self.personal.update(action.personal)
        if self.registered and "nik" in self.registered.personal:
            self.personal["nik"] = self.registered.personal["nik"]  # nobody else's fact replaces it
        self.shared.update(action.shared)

    def matched(self) -> bool | None:
        """Kemendagri's latest answer for the NIK on file; None without one."""
        nik = self.personal.get("nik")
        answers = [answer.facts["matched"] for answer in self.answers if answer.personal.get("nik", nik) == nik]
        return answers[-1] if answers else None


def fold(actions: Sequence[Action]) -> State:
    """The state after these actions, all of one person and in fold order; at least one."""
    folded, ownership = _Fold(), ownership_of(actions)
    without_effect = ownership.without_effect
    for action in actions:
        if not is_fact(action):
            folded.shared.update(action.shared)
        elif action.command_id not in without_effect:
            folded.take(action)
        folded.episodes.append(folded.episode.number)
    episode, matched, details = folded.episode, folded.matched(), folded.episode.details()
    facets = Facets(
        owner=ownership.owner or in_recorded_order(actions)[0].owner,
        home_regency=folded.home_regency or home_region(folded.personal.get("nik", "")),
        destination=details.get("destination"),
        sector=details.get("sector"),
        status=episode.status,
    )
    return State(
        flags=raised_flags(
            folded.registered,
            folded.personal,
            nik_matched=matched,
            shares_identifier=bool(folded.shared - {action.origin_person for action in actions}),
            departed_unplaced=episode.unplaced,
        ),
        facets=facets,
        details=details,
        personal=folded.personal,
        identity_matched=matched,
        episodes=tuple(folded.episodes),
        waiting=ownership.waiting,
        without_effect=without_effect,
    )
