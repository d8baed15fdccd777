"""Newcomers: whom the registrations of a batch are likely to be of, where no identifier leads to anybody."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from chassis.commands.processor import LOAD
from chassis.commands.types import Command
from contracts.codes import current_region
from contracts.registry import PersonDetails, RegisterPerson
from linkage.model import Model
from services.registry.commands.personal_values import personal_of
from services.registry.domain.actions import Action
from services.registry.domain.comparison import Likeness, keys_of, likenesses
from services.registry.domain.matching_traits import Traits, has_traits, origin_traits, traits_of
from services.registry.domain.person import Person, person_id
from services.registry.store.profiles import Profile, Profiles

FULL = 20
"""Origin persons under one key; from then on those who come are kept under the key and their regency, as many again."""
MOST = 20
"""Origin persons that one record is compared with, those under the rarest keys first."""


class Key(NamedTuple):
    """A key's hash, under which origin persons are found, and the text of the finer one for where it is full."""

    plain: str
    finer: str


@dataclass(frozen=True, slots=True)
class Matcher:
    """What recognition needs: where profiles are kept, and the model that judges them. It has thresholds."""

    profiles: Profiles
    model: Model


@dataclass(slots=True)
class NewcomerMatches:
    """What was found for a batch, by one model.

    `keys`, `traits` and `likely` are by command id; `under` has the origin persons of each key asked
    for, those of the batch included as they are decided. Likely ones stand heaviest first.
    """

    model: Model
    hashed: Callable[[str], str]
    traits: dict[str, Traits] = field(default_factory=dict)
    keys: dict[str, tuple[Key, ...]] = field(default_factory=dict)
    likely: dict[str, list[tuple[str, Likeness]]] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    under: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    new: dict[str, Profile] = field(default_factory=dict)
    grown: dict[str, Profile] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    deferred: bool = False
    later: set[str] = field(default_factory=set)
    """Of a load: the persons who are still to be compared."""

    def origin_persons(self) -> set[str]:
        """Every origin person that a record is likely to be of; some are made by this very batch."""
        return {origin for likely in self.likely.values() for origin, _ in likely}

    def keep(self, action: Action, before: Person | None, after: Person) -> None:
        """The origin person of this action has one more fact: keep its profile current, or note that it needs one."""
        if self.deferred:
            if has_traits(action.personal):
                self.later.add(after.id)
            return
        traits = origin_traits(after, action.origin_person)
        keys = self._kept(self.keys.get(action.command_id, ()), self.profiles.get(action.origin_person))
        if not traits:
            return
        if not (before and any(earlier.origin_person == action.origin_person for earlier in before.actions)):
            self._put(self.new, action.origin_person, keys, traits)
        elif keys or traits != origin_traits(before, action.origin_person):
            self._put(self.grown, action.origin_person, keys, traits)

    def without(self, origins: Iterable[str]) -> None:
        """Leave out of what was found whatever these origin persons were kept under: their profiles are made anew."""
        left = frozenset(origins)
        for origin in left:
            self.profiles.pop(origin, None)
        for key, under in self.under.items():
            self.under[key] = [origin for origin in under if origin not in left]

    def add(self, origin: str, keys: Iterable[Key], traits: Traits) -> None:
        """One record of an origin person whose profile is made anew; `traits` by all its facts."""
        self._put(self.new, origin, self._kept(keys, self.profiles.get(origin)), traits)

    def _kept(self, keys: Iterable[Key], profile: Profile | None) -> frozenset[str]:
        """Of a record's keys those under which the origin person is still to be kept."""
        held = profile.keys if profile else frozenset()
        kept = set()
        for key in keys:
            name = self.name(key)
            if key.plain in held or name in held:
                continue
            if len(self.under[name]) < FULL:
                kept.add(name)
            else:
                self.counts["key left out"] += 1
        return frozenset(kept)

    def name(self, key: Key) -> str:
        """The key under which who comes now is kept."""
        return key.plain if len(self.under[key.plain]) < FULL else self.hashed(key.finer)

    def names(self, command_id: str) -> list[str]:
        """The keys under which somebody is looked for, those of few origin persons first."""
        keys = [name for key in self.keys[command_id] for name in dict.fromkeys((key.plain, self.name(key)))]
        return sorted(keys, key=lambda name: len(self.under[name]))

    def _put(self, where: dict[str, Profile], origin: str, keys: frozenset[str], traits: Traits) -> None:
        where = self.new if origin in self.new else where
        earlier = where[origin].keys if origin in where else frozenset()
        where[origin] = Profile(origin, earlier | keys, traits)
        found_keys = self.profiles[origin].keys if origin in self.profiles else frozenset()
        self.profiles[origin] = Profile(origin, found_keys | keys, traits)
        for key in keys:
            self.under[key].append(origin)


async def match_newcomers(matcher: Matcher, commands: Sequence[Command]) -> NewcomerMatches:
    """Keys, the profiles under them, and how likely each is: two queries at most for all of them, and one scoring.

    Not of a load: `deferred` then, its newcomers are compared behind it (services/registry/deferred_matching.py).
    """
    described = [command for command in commands if isinstance(command.personal, PersonDetails)]
    if len(described) >= LOAD:
        return NewcomerMatches(matcher.model, matcher.profiles.hashed, deferred=True)
    stated = {command.id: _traits(command) for command in described}
    matches = NewcomerMatches(
        matcher.model, matcher.profiles.hashed, {command: traits for command, traits in stated.items() if traits}
    )
    if not matches.traits:
        return matches
    texts = await asyncio.to_thread(keys_of, list(matches.traits.values()))
    for (command, traits), own in zip(matches.traits.items(), texts, strict=True):
        matches.keys[command] = tuple(key_of(matcher.profiles, text, traits) for text in own)
    await look_up(matcher.profiles, matches)
    people, pairs = _pairs(matches)
    judged = await asyncio.to_thread(likenesses, people, [pair[:2] for pair in pairs], matcher.model)
    for (_, _, command, origin), likeness in zip(pairs, judged, strict=True):
        if likeness.side != "no":
            matches.likely.setdefault(command, []).append((origin, likeness))
    for likely in matches.likely.values():
        likely.sort(key=lambda pair: (-pair[1].weight, pair[0]))
    return matches


async def look_up(profiles: Profiles, matches: NewcomerMatches) -> None:
    """The origin persons under all keys, and under the finer ones where a key is full."""
    keys = [key for own in matches.keys.values() for key in own]
    await _take(profiles, matches, {key.plain for key in keys})
    await _take(profiles, matches, {matches.name(key) for key in keys if len(matches.under[key.plain]) >= FULL})


async def _take(profiles: Profiles, matches: NewcomerMatches, keys: set[str]) -> None:
    read = await profiles.find(keys) if keys else {}
    matches.profiles |= read
    for origin, profile in sorted(read.items()):
        for key in profile.keys & keys:
            matches.under[key].append(origin)


def _pairs(matches: NewcomerMatches) -> tuple[list[Traits], list[tuple[int, int, str, str]]]:
    """The people to compare, and which with which: rows of both, the command, and the origin person it may be of."""
    people, row = list(matches.traits.values()), {}
    earlier: defaultdict[str, list[str]] = defaultdict(list)
    pairs = []
    for n, command in enumerate(matches.traits):
        origins = dict.fromkeys(
            origin for key in matches.names(command) for origin in (*earlier[key], *matches.under[key])
        )
        for origin in islice(origins, MOST):
            if origin not in row:
                row[origin] = len(people)
                people.append(matches.profiles[origin].traits)
            pairs.append((min(n, row[origin]), max(n, row[origin]), command, origin))
        row[person_id(command)] = n
        for key in matches.keys[command]:
            if len(earlier[key.plain]) < FULL:
                earlier[key.plain].append(person_id(command))
    return people, pairs


def key_of(profiles: Profiles, text: str, traits: Traits) -> Key:
    """Under what an origin person with these traits is kept for one of its texts."""
    return Key(profiles.hashed(text), f"{text}|{traits.get('regency', '')}")


def _traits(command: Command) -> Traits:
    body = command.body
    regency = body.home_regency if isinstance(body, RegisterPerson) else None
    return traits_of(personal_of(command), regency and current_region(regency))
