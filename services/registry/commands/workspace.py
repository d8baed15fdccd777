"""What one batch touches, as it stands after the commands decided so far."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chassis.commands.processor import Command
from services.registry.domain.duplicates import DuplicateReview
from services.registry.domain.identifiers import SYSTEMS, IdentifierEntry, IdentifierHolder, System
from services.registry.domain.person import Person, Stored, root_of

if TYPE_CHECKING:
    from services.registry.commands.recognition import Compared, Recognised

Identifier = tuple[System, str]


@dataclass(slots=True)
class Workspace:
    """`claim_ids` names the claim of every identifier in the batch; a claim that is not in `claims` does not exist.

    `persons` has with every absorbed one whoever it was found to be, `reviews` those of persons who may be merged or
    taken apart. `recognised` is None where nobody is compared; `compared` is by command id.
    """

    claim_ids: Mapping[Identifier, str]
    claims: dict[str, IdentifierEntry]
    persons: dict[str, Stored]
    changed_claims: set[str] = field(default_factory=set)
    changed_persons: set[str] = field(default_factory=set)
    reviews: dict[str, DuplicateReview] = field(default_factory=dict)
    changed_reviews: set[str] = field(default_factory=set)
    recognised: "Recognised | None" = None
    compared: "Mapping[str, Compared]" = field(default_factory=dict)

    def root(self, person: str) -> Person | None:
        """Whoever this id leads to."""
        return root_of(self.persons, person)

    def carriers(self, system: System, personal: Mapping[str, str]) -> list[IdentifierHolder]:
        """The homes that carry this record's identifier of one kind, each by its own facts."""
        value = personal.get(system)
        claim = self.claims.get(self.claim_ids[system, value]) if value else None
        return [IdentifierHolder(home, self._root(home).personal_of(home)) for home in claim.persons] if claim else []

    def _root(self, home: str) -> Person:
        found = self.root(home)
        if found is None:
            raise LookupError("a claim names a person whom nobody has")
        return found

    def put(self, *persons: Stored) -> None:
        """Persons as changed."""
        for person in persons:
            self.persons[person.id] = person
            self.changed_persons.add(person.id)

    def claim(self, home: str, personal: Mapping[str, str]) -> None:
        """The home carries the identifiers that a record brought."""
        for identifier in identifiers(personal):
            claim_id = self.claim_ids[identifier]
            claim = self.claims.get(claim_id) or IdentifierEntry(claim_id)
            if home not in claim.persons:
                self.claims[claim_id] = claim.of(home)
                self.changed_claims.add(claim_id)

    def put_review(self, review: DuplicateReview) -> None:
        """A duplicate review as changed."""
        self.reviews[review.id] = review
        self.changed_reviews.add(review.id)

    def count(self, result: str) -> None:
        """One more newcomer of whom it is known what became of them."""
        if self.recognised:
            self.recognised.counts[result] += 1

    def changes(self) -> tuple[list[Stored], list[IdentifierEntry]]:
        """What has to be saved."""
        return [self.persons[one] for one in self.changed_persons], [self.claims[one] for one in self.changed_claims]


def personal_of(command: Command) -> dict[str, str]:
    """The personal values of a record; what was not given is absent."""
    given = command.personal
    return {name: value for name, value in given.__dict__.items() if value is not None} if given else {}


def identifiers(personal: Mapping[str, str]) -> Iterator[Identifier]:
    """The identifiers of a record, the strongest first."""
    for system in SYSTEMS:
        if value := personal.get(system):
            yield system, value
