"""A person: the actions of all origin persons that were found to be one, and what they amount to."""

from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from services.registry.domain import size_bounds
from services.registry.domain.actions import Action, order
from services.registry.domain.merge_records import MergeRecord, below
from services.registry.domain.size_bounds import TooManyFacts
from services.registry.domain.state import State, fold

_PERSONS = UUID("5d1f7c4e-6f0b-4d0a-9c1e-2f6d3b8a7e10")


@dataclass(frozen=True, slots=True)
class Person:
    """A person as stored. `actions` stand in fold order; `version` counts events, `revision` saves.

    `recorded_at` (UTC, milliseconds) is that of the newest action or merge record and grows with every one. The merge
    records are those that one of its origin persons ever took part in, in the order of their recording.
    """

    id: str
    revision: int
    version: int
    recorded_at: datetime
    actions: tuple[Action, ...]
    state: State
    merge_records: tuple[MergeRecord, ...] = ()

    @property
    def origin_persons(self) -> frozenset[str]:
        """The ids that lead here: its own, and those of the persons found to be it."""
        return below(self.merge_records, self.id) if self.merge_records else frozenset((self.id,))

    def knows(self, command_id: str) -> bool:
        """Whether the command already added its action."""
        return any(action.command_id == command_id for action in self.actions)

    def state_of(self, origin: str) -> State:
        """What the facts of one origin person alone amount to; it has some."""
        own = [action for action in self.actions if action.origin_person == origin]
        return self.state if len(own) == len(self.actions) else fold(own)

    def personal_of(self, origin: str) -> Mapping[str, str]:
        """The personal values of one origin person, from its own facts alone."""
        return self.state_of(origin).personal


@dataclass(frozen=True, slots=True)
class Redirect:
    """What is left under the id of a person found to be another: where its facts are, and how far its events went."""

    id: str
    revision: int
    version: int
    recorded_at: datetime
    into: str


Stored = Person | Redirect


def root_of(stored: Mapping[str, Stored], person: str) -> Person | None:
    """Whoever this id leads to among what was read; None where nobody has it.

    What was read at different times may lead in a circle: that, too, is nobody.
    """
    stored_person, seen = stored.get(person), set[str]()
    while isinstance(stored_person, Redirect) and stored_person.id not in seen:
        seen.add(stored_person.id)
        stored_person = stored.get(stored_person.into)
    return stored_person if isinstance(stored_person, Person) else None


def person_id(command_id: str) -> str:
    """The id of the person that a command makes known: the same at every attempt, and telling nothing of the person."""
    return str(uuid5(_PERSONS, command_id))


def opened(action: Action) -> Person:
    """A person made known by its first action; not yet stored, nothing announced."""
    return Person(action.origin_person, 0, 0, action.recorded_at, (action,), fold((action,)))


def added(person: Person, action: Action) -> Person:
    """The person with one more action of one of its origin persons, nothing of it announced. Raises TooManyFacts."""
    actions = list(person.actions)
    insort(actions, action, key=order)
    if not size_bounds.fits(actions, person.merge_records):
        raise TooManyFacts
    return replace(person, recorded_at=action.recorded_at, actions=tuple(actions), state=fold(actions))
