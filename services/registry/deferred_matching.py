"""Recognition of loads: behind the load, in pages of persons, instead of in the middle of it.

Whoever is registered in a load is answered at once. That they are to be compared stands in the transaction that
registered them; a second after the load, or half a minute after they came, their profiles are made and each is compared
with everybody: the surely same person is merged, what is doubtful becomes a duplicate review. It lets the next load go
before it, page by page: both at once take each other's time, until the load's transactions are too old to commit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from prometheus_client import Gauge

from chassis.commands.policies import FollowUp
from chassis.mongo import VersionConflict
from services.registry.domain.person import root_of
from services.registry.profile_rebuild import ATTEMPTS, PAGE, ProfileRebuild
from services.registry.store.profiles import PendingMatching

QUIET_SECONDS = 1.0
"""After a load's last batch."""
LONGEST = timedelta(seconds=30)
"""A load that does not end is not waited for any longer."""
BATCHES = 8
"""Batches of a load that are read at a time."""

WAITING = Gauge("simpul_registry_recognition_seconds", "Age of the oldest registration that is still to be compared")


@dataclass(frozen=True, slots=True)
class DeferredMatching:
    """Compares whom loads registered. `quiet_for` gives the seconds since the last batch of a load; `ask` publishes."""

    rebuild: ProfileRebuild
    quiet_for: Callable[[], float]
    ask: Callable[[Sequence[FollowUp]], Awaitable[None]]

    async def step(self) -> int:
        """What waits and may not wait longer, until a load begins; returns how many persons were compared."""
        profiles, compared = self.rebuild.store.profiles, 0
        while waiting := await profiles.list_pending(BATCHES):
            for page in _pages(waiting):
                age = datetime.now(UTC) - page[0].at
                WAITING.set(age.total_seconds())
                if self.quiet_for() < QUIET_SECONDS and age < LONGEST:
                    return compared
                persons = dict.fromkeys(person for batch in page for person in batch.persons)
                compared += await self._compare(list(persons))
                await profiles.remove_pending(page)
        WAITING.set(0)
        return compared

    async def _compare(self, persons: Sequence[str]) -> int:
        people = await self._rebuilt(persons)
        await self.ask(await self.rebuild.policy.ask_about(people))
        return len(people)

    async def _rebuilt(self, persons: Sequence[str]) -> list[str]:
        """Who these are by now; their profiles are made. Raises VersionConflict while others change them too fast."""
        store = self.rebuild.store
        for attempt in range(1, ATTEMPTS + 1):
            stored = await store.load_persons(persons)
            people = {person.id: person for person_id in persons if (person := root_of(stored, person_id))}
            try:
                await self.rebuild.rebuild(list(people.values()))
            except VersionConflict:
                if attempt == ATTEMPTS:
                    raise
                store.forget(stored, ())
            else:
                break
        return list(people)


def _pages(waiting: Sequence[PendingMatching]) -> list[list[PendingMatching]]:
    """Batches in order, as many at a time as hold some hundred persons: a load that begins waits for no more."""
    pages: list[list[PendingMatching]] = []
    size = PAGE
    for batch in waiting:
        if size + len(batch.persons) > PAGE:
            pages.append([])
            size = 0
        pages[-1].append(batch)
        size += len(batch.persons)
    return pages
