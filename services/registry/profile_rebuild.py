"""Renewal: the profiles of those already stored are made anew, and whoever of them is likely one person is asked about.

For persons registered while nobody was compared, and after a change of how the keys of profiles are made. It goes
through the regencies page by page, beside everything else that the registry does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from chassis.commands.policies import FollowUp
from chassis.mongo import Client, Session, VersionConflict, transact
from contracts.codes import regions
from services.registry.commands.newcomer_matching import NewcomerMatches, key_of, look_up
from services.registry.domain.comparison import keys_of
from services.registry.domain.matching_traits import Traits, origin_traits, traits_of
from services.registry.domain.person import Person, Stored
from services.registry.policies import PairPolicy
from services.registry.store import Store
from services.registry.store.profiles import Profile

PAGE = 250
"""Persons at a time: about half a second of the database."""
ATTEMPTS = 20


class Place(NamedTuple):
    """How far it has come: the last person of a regency, by its number in `regencies`."""

    regency: int = 0
    person: str | None = None

    def __str__(self) -> str:
        return f"{regencies()[self.regency] or '-'}/{self.person or ''}"


def place(text: str) -> Place:
    """As a Place was written. Raises ValueError."""
    regency, _, person = text.partition("/")
    return Place(regencies().index("" if regency == "-" else regency), person or None)


@cache
def regencies() -> tuple[str, ...]:
    """Where persons may be at home, by code; first, as an empty text, nowhere that is known."""
    return ("", *sorted(regions()))


class RebuiltPage(NamedTuple):
    """What one step did. `follow_ups` ask about the pairs found; `after` is None when nobody is left."""

    persons: int
    profiles: int
    follow_ups: list[FollowUp]
    after: Place | None


@dataclass(frozen=True, slots=True)
class ProfileRebuild:
    """Makes profiles anew, a page at a time."""

    client: Client
    policy: PairPolicy

    @property
    def store(self) -> Store:
        return self.policy.store

    async def step(self, after: Place, *, compare: bool) -> RebuiltPage:
        """The page after this place. Raises VersionConflict while others change its persons faster than it reads."""
        for attempt in range(1, ATTEMPTS + 1):
            stored, left_at = await self._page(after)
            people = [person for person in stored if isinstance(person, Person)]
            try:
                profiles = await self.rebuild(people)
            except VersionConflict:
                if attempt == ATTEMPTS:
                    raise
            else:
                break
        follow_ups = await self.policy.ask_about(person.id for person in people) if compare else []
        return RebuiltPage(len(people), profiles, follow_ups, left_at)

    async def _page(self, after: Place) -> tuple[list[Stored], Place | None]:
        """From as many regencies as it takes to fill a page."""
        stored: list[Stored] = []
        for number in range(after.regency, len(regencies())):
            person, missing = after.person if number == after.regency else None, PAGE - len(stored)
            read = await self.store.find_stored(regencies()[number] or None, person, missing)
            stored += read
            if len(read) == missing:
                return stored, Place(number, read[-1].id)
        return stored, None

    async def rebuild(self, people: Sequence[Person]) -> int:
        """Make their profiles anew; returns how many. Raises VersionConflict when one of them was changed meanwhile: a
        profile is never older than its person."""
        profiles = await self._made(people)

        async def write(session: Session) -> None:
            await self.store.check_revisions(people, session)
            await self.store.profiles.replace(profiles, session)

        await transact(self.client, write)
        return len(profiles)

    async def _made(self, people: Sequence[Person]) -> list[Profile]:
        """A profile for each of their origin persons that says enough to be compared."""
        matcher = self.policy.matcher
        records = [record for person in people for record in _records(person)]
        matches = NewcomerMatches(matcher.model, matcher.profiles.hashed)
        texts = await asyncio.to_thread(keys_of, [stated for _, stated, _ in records]) if records else []
        for n, ((_, stated, _), own) in enumerate(zip(records, texts, strict=True)):
            matches.keys[str(n)] = tuple(key_of(matcher.profiles, text, stated) for text in own)
        await look_up(matcher.profiles, matches)
        matches.without(origin for origin, _, _ in records)
        for n, (origin, _, traits) in enumerate(records):
            matches.add(origin, matches.keys[str(n)], traits)
        return list(matches.new.values())


def _records(person: Person) -> Iterator[tuple[str, Traits, Traits]]:
    """Every record that told a name: its origin person, what it said itself, and what that one's facts say together."""
    for origin in sorted({action.origin_person for action in person.actions}):
        whole, idle = origin_traits(person, origin), person.state_of(origin).without_effect
        for action in person.actions:
            if action.origin_person != origin or action.command_id in idle:
                continue
            if stated := traits_of(action.personal, action.facts.get("home_regency")):
                yield origin, stated, whole
