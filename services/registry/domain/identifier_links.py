"""Links: which holders of one passport are one person by what records say that name more of them. Pure.

A fact that gives a NIK is of the holder of that NIK; a registration that gives a passport alone, and any other fact
that does, are of two more origin persons. So no order of arrival changes whom a fact is about. That these are one is a
link between them, which stands only while all that is known speaks for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from services.registry.domain.birth_dates import known_birth
from services.registry.domain.identifiers import may_be_same
from services.registry.domain.person import Person

MAX_COMPARED = 4
"""Holders of one passport that are put to review in pairs; of one that more hold, nobody can be told apart by it."""

Link = tuple[str, str]
"""An origin person known by a passport alone, and one of whom more is known."""


class PassportHolder(NamedTuple):
    """An origin person that carries passports, by the facts of its own that have effect."""

    origin: str
    personal: Mapping[str, str]
    registered: bool
    passports: frozenset[str]
    confirmed: frozenset[str] = frozenset()
    """Passports that the institution which owns them, or NIKs, named together with the NIK."""

    @property
    def has_nik(self) -> bool:
        return "nik" in self.personal

    @property
    def claims(self) -> bool:
        """Whether it says whose the passport is: by a NIK, or by a name."""
        return self.has_nik or self.registered


def passport_holder(person: Person, origin: str) -> PassportHolder:
    """What one origin person of a person says."""
    state = person.state_of(origin)
    own = [a for a in person.actions if a.origin_person == origin and a.command_id not in state.without_effect]
    return PassportHolder(
        origin,
        state.personal,
        any(action.kind == "REGISTRATION" for action in own),
        frozenset(action.personal["passport"] for action in own if "passport" in action.personal),
        frozenset(
            action.personal["passport"]
            for action in own
            if action.kind in ("DEPARTURE", "IDENTITY") and action.personal.keys() >= {"nik", "passport"}
        ),
    )


Holders = Mapping[str, Sequence[PassportHolder]]
"""By passport."""


def links_of(passport: str, holders: Holders) -> frozenset[Link]:
    """The links by one passport that stand. `holders` has the other passports of its holders, as far as they matter.

    There is none while two persons claim the passport, unless the owner of an identifier confirmed it for one of them
    alone; none where values differ; and none by which two registrations would come together.
    """
    claimants = _claimants(passport, holders)
    links = set()
    registered = _sole_registered(passport, holders)
    if registered and _comes_together(registered, holders):
        links.add((registered[0].origin, registered[1].origin))
        claimants = [registered[1]]
    crossings = [holder for holder in holders.get(passport, ()) if not holder.claims]
    if len(crossings) == len(claimants) == 1 and len(crossings[0].passports) == 1:
        links.add((crossings[0].origin, claimants[0].origin))
    return frozenset(links)


def _claimants(passport: str, holders: Holders) -> list[PassportHolder]:
    """Whose the passport may be; those for whom it is confirmed come before all others."""
    claimants = [holder for holder in holders.get(passport, ()) if holder.claims]
    return [holder for holder in claimants if passport in holder.confirmed] or claimants


def _sole_registered(passport: str, holders: Holders) -> tuple[PassportHolder, PassportHolder] | None:
    """Who is registered under this passport alone, and the one person with a NIK who has it; None where there are
    several of either."""
    registered = [holder for holder in holders.get(passport, ()) if holder.registered and not holder.has_nik]
    numbered = [holder for holder in _claimants(passport, holders) if holder.has_nik]
    if len(registered) != 1 or len(numbered) != 1 or len(registered[0].passports) != 1:
        return None
    return None if _differ(registered[0], numbered[0]) else (registered[0], numbered[0])


def _comes_together(pair: tuple[PassportHolder, PassportHolder], holders: Holders) -> bool:
    """Whether with all that may be linked to the one with a NIK there is one registration at most."""
    numbered = pair[1]
    pairs = (_sole_registered(passport, holders) for passport in numbered.passports)
    linked = {registered.origin for registered, _ in filter(None, pairs)}
    return len(linked) + numbered.registered <= 1


def doubtful_pairs(passport: str, holders: Holders) -> Iterator[tuple[str, str]]:
    """Holders of one passport who are not linked by it; none where too many hold it."""
    links = links_of(passport, holders)
    origins = sorted(holder.origin for holder in holders.get(passport, ()))
    if len(origins) <= MAX_COMPARED:
        for first, second in combinations(origins, 2):
            if not links & {(first, second), (second, first)}:
                yield first, second


def _differ(first: PassportHolder, second: PassportHolder) -> bool:
    """Whether sex, birth or name of the two are stated and are not the same."""
    ours, theirs = first.personal, second.personal
    births = known_birth(ours), known_birth(theirs)
    if None not in births and not may_be_same(*births):  # type: ignore[arg-type]  # neither is None
        return True
    return any(name in ours and name in theirs and ours[name] != theirs[name] for name in ("sex", "full_name"))
