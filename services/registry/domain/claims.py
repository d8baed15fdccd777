"""Claims: which persons carry an identifier, and whom a record is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from contracts.model import Precision
from services.registry.domain.guards import known_birth
from services.registry.domain.person import Person

System = Literal["nik", "passport"]
SYSTEMS: tuple[System, ...] = ("nik", "passport")
"""Kinds of identifier, the strongest first."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The persons that carry one identifier, in the order they came; `id` is its keyed hash. Revision 0 is unsaved."""

    id: str
    revision: int = 0
    persons: tuple[str, ...] = ()

    def of(self, person: str) -> "Claim":
        """The claim with one more person."""
        return self if person in self.persons else replace(self, persons=(*self.persons, person))


class Resolution(NamedTuple):
    """Whom a record is about: None for somebody new. `shared` when an identifier of it is also another person's."""

    person: Person | None
    shared: bool


def resolve(personal: Mapping[str, str], by_nik: Sequence[Person], by_passport: Sequence[Person]) -> Resolution:
    """Choose among those who carry the identifiers of a record: both of them, else the NIK, else the passport.

    A different birth date and sex together, or a different NIK on the same passport, tell another person: joining two
    people cannot be undone, while two records of one person can be merged later.
    """
    numbered = [person for person in by_nik if not _is_another(person, personal)]
    documented = [one for one in by_passport if not (_is_another(one, personal) or _has_other_nik(one, personal))]
    both = {one.id for one in numbered} & {one.id for one in documented}
    ranked = [*(one for one in numbered if one.id in both), *numbered, *documented]
    chosen = ranked[0] if ranked else None
    return Resolution(chosen, is_shared(chosen, by_nik, by_passport))


def sole_carrier(by_nik: Sequence[str], by_passport: Sequence[str]) -> str | None:
    """Id of the one person whom identifiers alone lead to; None where they could be about several."""
    found = [person for person in by_nik if person in by_passport] or by_nik or by_passport
    return found[0] if len(found) == 1 else None


def is_shared(chosen: Person | None, *carriers: Sequence[Person]) -> bool:
    """Whether anybody but the chosen person carries an identifier."""
    return any(chosen is None or person.id != chosen.id for some in carriers for person in some)


def _is_another(person: Person, personal: Mapping[str, str]) -> bool:
    known = person.state.personal
    if "birth_date" not in known or "birth_date" not in personal:
        return False
    return known["sex"] != personal["sex"] and not _may_be_same(_birth(known), _birth(personal))


def _has_other_nik(person: Person, personal: Mapping[str, str]) -> bool:
    known = person.state.personal.get("nik")
    return known is not None and personal.get("nik", known) != known


def _birth(personal: Mapping[str, str]) -> str:
    precision: Precision = personal["birth_date_precision"]  # type: ignore[assignment]  # as PersonDetails gave it
    return known_birth(personal["birth_date"], precision)


def _may_be_same(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
