"""The registry's rule: who was registered while others were, and shares no identifier with them, is compared again.

At intake a batch sees all that was committed before it looked. Of two that are decided at once, the later one to commit
has not seen the earlier; when its own `registered` returns here, it does.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.commands.policies import FollowUp, Policy, ReceivedEvent
from chassis.security.keys import KeyRing
from contracts.registry import ComparePair, PersonRegistered
from services.registry.commands.newcomer_matching import Matcher
from services.registry.commands.pair_comparison import compared_origins
from services.registry.domain.authority import RULE
from services.registry.domain.comparison import likenesses
from services.registry.domain.duplicates import review_id
from services.registry.domain.person import Person, root_of
from services.registry.store import Store
from services.registry.store.profiles import Profile

AT_ONCE = timedelta(minutes=10)
"""Processes that committed within this time of each other may have decided at once, whatever their clocks say."""

COMPARE = "compare"
"""Names this rule in the ids of its commands: of the pair in order and both versions, so that both sides ask once."""

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PairPolicy:
    """Finds pairs to compare again; what becomes of them is decided where commands are."""

    store: Store
    matcher: Matcher
    ring: KeyRing

    def rule(self) -> Policy:
        """For the registry's processing."""
        return Policy(RULE, self.follow)

    async def follow(self, events: Sequence[ReceivedEvent]) -> list[FollowUp]:
        """A command for each pair that is likely one person and not yet settled."""
        return await self.ask_about(await self._worth_a_look(events))

    async def ask_about(self, persons: Iterable[str]) -> list[FollowUp]:
        """A command for each pair of one of these and somebody else who are likely one person and not yet settled."""
        people = await self._people(persons)
        if not people:
            return []
        origins = {origin for person in people.values() for origin in compared_origins(person)}
        own = await self.store.profiles.find_of(origins)
        candidates = own | await self.store.profiles.find({key for profile in own.values() for key in profile.keys})
        people |= await self._people(candidates)
        likely = await self._likely(people, own, candidates)
        decided = await self.store.reviews.find(review_id(*pair) for pair in likely)
        return [self._asked(people, pair) for pair in likely if review_id(*pair) not in decided]

    async def _worth_a_look(self, events: Sequence[ReceivedEvent]) -> set[str]:
        """Those registered who were decided while another process may have decided, or who were known before.

        While one process alone settles commands, each batch has seen all others.
        """
        persons: set[str] = set()
        registered = [received for received in events if received.envelope.type == "registry.person.registered.v1"]
        commits = await self.store.profiles.last_commits() if registered else []
        for received in registered:
            event = PersonRegistered.model_validate_json(received.value)
            since = (received.envelope.recordedtime or datetime.now(UTC)) - AT_ONCE
            if not event.first or sum(at >= since for at in commits) > 1:
                persons.add(event.person)
        return persons

    async def _people(self, ids: Iterable[str]) -> dict[str, Person]:
        """Whom these ids lead to, by id."""
        wanted_ids = set(ids)
        stored = await self.store.load_persons(wanted_ids)
        return {person_id: person for person_id in wanted_ids if (person := root_of(stored, person_id))}

    async def _likely(
        self, people: Mapping[str, Person], own: Mapping[str, Profile], candidates: Mapping[str, Profile]
    ) -> list[Pair]:
        """Persons who share a key and are alike, each pair once, smaller id first."""
        rows = {origin: n for n, origin in enumerate(candidates)}
        met = [pair for pair in _met(own, candidates) if all(origin in people for origin in pair)]
        apart = [(ours, theirs) for ours, theirs in met if people[ours].id != people[theirs].id]
        pairs = [(min(rows[ours], rows[theirs]), max(rows[ours], rows[theirs])) for ours, theirs in apart]
        traits = [profile.traits for profile in candidates.values()]
        judged = await asyncio.to_thread(likenesses, traits, pairs, self.matcher.model)
        likely = (pair for pair, likeness in zip(apart, judged, strict=True) if likeness.side != "no")
        return sorted({_in_order(people[ours].id, people[theirs].id) for ours, theirs in likely})

    def _asked(self, people: Mapping[str, Person], pair: Pair) -> FollowUp:
        by_id = {person.id: person for person in people.values()}
        first, second = by_id[pair[0]], by_id[pair[1]]
        body = ComparePair(persons=pair, versions=(first.version, second.version))
        command_id = self.ring.id("identifiers", COMPARE, *pair, str(first.version), str(second.version))
        return FollowUp(command_id, pair[0], body, max(first.recorded_at, second.recorded_at))


def _met(own: Mapping[str, Profile], candidates: Mapping[str, Profile]) -> Iterable[Pair]:
    """Origin persons that share a key: one of those registered, and one known."""
    under: defaultdict[str, list[str]] = defaultdict(list)
    for origin, profile in candidates.items():
        for key in profile.keys:
            under[key].append(origin)
    met = {(ours, theirs) for ours, profile in own.items() for key in profile.keys for theirs in under[key]}
    return sorted({_in_order(*pair) for pair in met if pair[0] != pair[1]})


def _in_order(first: str, second: str) -> Pair:
    return (first, second) if first < second else (second, first)
