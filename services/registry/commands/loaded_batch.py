"""What a batch of commands loaded, and what one command of it changes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from chassis.commands.overlay import Overlay
from services.registry.commands.newcomer_matching import NewcomerMatches
from services.registry.commands.pair_comparison import ComparedPair
from services.registry.commands.personal_values import Identifier, identifiers
from services.registry.domain.actions import Action
from services.registry.domain.duplicates import DuplicateReview
from services.registry.domain.identifiers import IdentifierEntry, IdentifierHolder, System
from services.registry.domain.person import Person, Stored, root_of


@dataclass(slots=True)
class LoadedBatch:
    """What a batch touches, as it stands after the commands applied so far.

    `entry_ids` names the entry of every identifier in the batch; an entry that is not in `entries` does not exist.
    `persons` has with every absorbed one whoever it was found to be, `reviews` those of persons who may be merged or
    taken apart. `matches` is None where nobody is compared; `compared` is by command id.
    """

    entry_ids: Mapping[Identifier, str]
    entries: Overlay[IdentifierEntry]
    persons: Overlay[Stored]
    reviews: Overlay[DuplicateReview] = field(default_factory=Overlay)
    matches: NewcomerMatches | None = None
    compared: Mapping[str, ComparedPair] = field(default_factory=dict)

    def root(self, person: str) -> Person | None:
        """Whoever this id leads to."""
        return root_of(self.persons, person)

    def apply(self, draft: "Draft") -> None:
        """Later commands of the batch see what this one changed."""
        self.entries.put(*draft.entries.changed.values())
        self.persons.put(*draft.persons.changed.values())
        self.reviews.put(*draft.reviews.changed.values())
        if self.matches:
            self.matches.counts += draft.counts
            for action, before, after in draft.added:
                self.matches.keep(action, before, after)


class Draft:
    """What one command changes, laid over what the batch loaded, which stays as it is until the draft is applied."""

    def __init__(self, batch: "LoadedBatch | Draft") -> None:
        self.matches: NewcomerMatches | None = batch.matches
        self.compared: Mapping[str, ComparedPair] = batch.compared
        self.entry_ids: Mapping[Identifier, str] = batch.entry_ids
        self.entries: Overlay[IdentifierEntry] = Overlay(batch.entries)
        self.persons: Overlay[Stored] = Overlay(batch.persons)
        self.reviews: Overlay[DuplicateReview] = Overlay(batch.reviews)
        self.counts: Counter[str] = Counter()
        self.added: list[tuple[Action, Person | None, Person]] = []
        """Facts, each with the person before and after it: their profiles follow when the draft is applied."""

    def root(self, person: str) -> Person | None:
        """Whoever this id leads to."""
        return root_of(self.persons, person)

    def holders(self, system: System, personal: Mapping[str, str]) -> list[IdentifierHolder]:
        """The origin persons that carry this record's identifier of one kind, each by its own facts; none where so many
        carry it that it links nobody."""
        value = personal.get(system)
        entry = self.entries.get(self.entry_ids[system, value]) if value else None
        origins = entry.persons if entry and entry.links else ()
        return [IdentifierHolder(origin, self.person_of(origin).personal_of(origin)) for origin in origins]

    def is_overshared(self, personal: Mapping[str, str]) -> bool:
        """Whether an identifier of this record is carried by so many that it links nobody."""
        entries = (self.entries.get(self.entry_ids[identifier]) for identifier in identifiers(personal))
        return any(entry is not None and not entry.links for entry in entries)

    def holders_of(self, system: System, value: str) -> tuple[str, ...] | None:
        """The origin persons that carry an identifier; None where it links nobody, or was not loaded."""
        entry_id = self.entry_ids.get((system, value))
        entry = self.entries.get(entry_id) if entry_id else None
        return entry.persons if entry and entry.links else None

    def person_of(self, origin: str) -> Person:
        """Whoever this origin person of an entry leads to."""
        person = self.root(origin)
        if person is None:
            raise LookupError("an identifier entry names a person whom nobody has")
        return person

    def take(self, action: Action, before: Person | None, after: Person) -> None:
        """A fact has effect for its origin person: it carries the identifiers, and its profile follows."""
        self.add_holder(action.origin_person, action.personal)
        self.added.append((action, before, after))

    def add_holder(self, origin: str, personal: Mapping[str, str]) -> None:
        """The origin person carries the identifiers that a record brought."""
        for identifier in identifiers(personal):
            entry_id = self.entry_ids[identifier]
            entry = self.entries.get(entry_id) or IdentifierEntry(entry_id)
            if (grown := entry.with_holder(origin)) is not entry:
                self.entries.put(grown)

    def count(self, result: str) -> None:
        """One more newcomer of whom it is known what became of them."""
        self.counts[result] += 1
