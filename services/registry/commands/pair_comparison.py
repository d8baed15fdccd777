"""Pairs that the rule asks about: how alike two stored persons are, by some of their origin persons."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

from chassis.commands.types import Command
from contracts.registry import ComparePair
from linkage.model import Model
from services.registry.commands.newcomer_matching import Matcher
from services.registry.domain.comparison import Likeness, likenesses
from services.registry.domain.matching_traits import Traits
from services.registry.domain.person import Person, Stored, root_of

COMPARED_ORIGINS = 3
"""Origin persons of one person that are compared with those of another, of the first and of the last ones."""
AGAINST = -10.0
"""Bits under which two records are hardly of one person."""


class ComparedPair(NamedTuple):
    """How alike two persons are by those two of their origin persons that are most alike; `contradicted` when
    others of these can hardly be one person."""

    likeness: Likeness
    traits: tuple[Traits, Traits]
    model: Model
    contradicted: bool


async def compare_pairs(
    matcher: Matcher, persons: Mapping[str, Stored], commands: Sequence[Command]
) -> dict[str, ComparedPair]:
    """The pairs that the rule asks about, by command id, where both have something to compare."""
    asked_pairs = {command.id: command.body.persons for command in commands if isinstance(command.body, ComparePair)}
    origins = {
        person: compared_origins(root) if (root := root_of(persons, person)) else []
        for pair in asked_pairs.values()
        for person in pair
    }
    profiles = (
        await matcher.profiles.find_of({origin for of_person in origins.values() for origin in of_person})
        if asked_pairs
        else {}
    )
    rows = {origin: n for n, origin in enumerate(profiles)}
    people = [profile.traits for profile in profiles.values()]
    pairs = [
        (command, min(rows[ours], rows[theirs]), max(rows[ours], rows[theirs]))
        for command, (first, second) in asked_pairs.items()
        for ours, theirs in product(origins[first], origins[second])
        if ours in rows and theirs in rows and ours != theirs
    ]
    judged = await asyncio.to_thread(likenesses, people, [(left, right) for _, left, right in pairs], matcher.model)
    compared: dict[str, ComparedPair] = {}
    for (command, left, right), likeness in sorted(
        zip(pairs, judged, strict=True), key=lambda scored: -scored[1].weight
    ):
        if command not in compared:
            compared[command] = ComparedPair(likeness, (people[left], people[right]), matcher.model, False)
        elif likeness.weight < AGAINST:
            compared[command] = compared[command]._replace(contradicted=True)
    return compared


def compared_origins(person: Person) -> list[str]:
    """The origin persons of a person that are compared: the first and the last ones that came."""
    actions = sorted(person.actions, key=lambda action: action.recorded_at)
    origins = list(dict.fromkeys(action.origin_person for action in actions))
    return (
        origins if len(origins) <= 2 * COMPARED_ORIGINS else [*origins[:COMPARED_ORIGINS], *origins[-COMPARED_ORIGINS:]]
    )
