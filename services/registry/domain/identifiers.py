"""Identifier entries: which persons carry an identifier, and whom a record is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from services.registry.domain.birth_dates import known_birth
from services.registry.domain.size_bounds import MAX_HOLDERS

System = Literal["nik", "passport"]
SYSTEMS: tuple[System, ...] = ("nik", "passport")
"""Kinds of identifier, the strongest first."""


@dataclass(frozen=True, slots=True)
class IdentifierEntry:
    """The origin persons that carry one identifier, in the order they came; `id` is its keyed hash.

    With more than MAX_HOLDERS it links nobody any more, and no further holder is kept.
    """

    id: str
    revision: int = 0
    persons: tuple[str, ...] = ()

    @property
    def links(self) -> bool:
        """Whether it may tell who somebody is."""
        return len(self.persons) <= MAX_HOLDERS

    def with_holder(self, person: str) -> "IdentifierEntry":
        """The entry with one more person."""
        if person in self.persons or not self.links:
            return self
        return replace(self, persons=(*self.persons, person))


NAME = "full_name"
"""Every registration states it, and no other fact."""
MANY_OTHERS = "many-others"
"""Who shares an identifier that links nobody any more: no merge makes them one."""


class IdentifierHolder(NamedTuple):
    """An origin person that carries an identifier, and what its own facts tell of who it is."""

    person: str
    personal: Mapping[str, str]


class Resolution(NamedTuple):
    """Whom a record is about: None for somebody new. `shared` are others who carry an identifier of it."""

    person: str | None
    shared: tuple[str, ...]


def resolve(
    personal: Mapping[str, str], by_nik: Sequence[IdentifierHolder], by_passport: Sequence[IdentifierHolder]
) -> Resolution:
    """Of a record with a NIK, the first holder of that NIK; of one with a passport alone, who is known by it alone:
    of a registration who is registered so, of another who is not.

    A different birth date and sex together tell another person. Neither merges nor links have a part in it: undoing one
    leaves every fact with the origin person it would have come to anyway.
    """
    holders = by_nik if "nik" in personal else by_passport
    alike = [
        holder.person
        for holder in holders
        if not _is_another(holder.personal, personal) and ("nik" in personal or _is_known_alike(holder, personal))
    ]
    chosen = alike[0] if alike else None
    return Resolution(chosen, others(chosen, by_nik, by_passport))


MAX_CANDIDATES = 5
"""Persons named to whoever must act at once, where identifiers lead to several."""


def likely_holders(by_nik: Sequence[str], by_passport: Sequence[str]) -> tuple[str, ...]:
    """Ids of those whom identifiers alone lead to: one, or several whom they could be about."""
    both = [person for person in by_nik if person in by_passport]
    return tuple(both or by_nik or by_passport)[:MAX_CANDIDATES]


def others(chosen: str | None, *holders: Sequence[IdentifierHolder]) -> tuple[str, ...]:
    """The origin persons beside the chosen one that carry an identifier, each once."""
    return tuple(dict.fromkeys(holder.person for of_one in holders for holder in of_one if holder.person != chosen))


def _is_another(earlier_values: Mapping[str, str], personal: Mapping[str, str]) -> bool:
    earlier, stated = known_birth(earlier_values), known_birth(personal)
    if earlier is None or stated is None:
        return False
    return earlier_values["sex"] != personal["sex"] and not may_be_same(earlier, stated)


def _is_known_alike(holder: IdentifierHolder, personal: Mapping[str, str]) -> bool:
    return "nik" not in holder.personal and (NAME in holder.personal) == (NAME in personal)


def may_be_same(first: str, second: str) -> bool:
    """Whether two dates, each known to the day, the month or the year, may be one."""
    return first.startswith(second) or second.startswith(first)
