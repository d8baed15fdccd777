"""Parts of a person that a passport joined, while nobody who owns an identifier has said that they are one."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.registry.domain.actions import Action
from services.registry.domain.identifier_links import passport_holder
from services.registry.domain.merge_records import MergeRecord, standing
from services.registry.domain.person import Person
from services.registry.domain.state import State, fold


class UnconfirmedPart(NamedTuple):
    """Some facts of a person that are hers surely, if the others are; and what they amount to alone."""

    actions: Sequence[Action]
    state: State


def unconfirmed_parts(person: Person) -> tuple[UnconfirmedPart, ...]:
    """The parts that unconfirmed links join, in the order of their first fact; none where every join is confirmed."""
    merges = list(standing(person.merge_records).values()) if person.merge_records else []
    doubted = [record for record in merges if _is_unconfirmed(person, record)]
    if not doubted:
        return ()
    origins = {origin: origin for origin in person.origin_persons}
    for record in merges:
        if record not in doubted:
            _unite(origins, record.survivor, record.absorbed)
    return tuple(_parts(person, origins))


def _is_unconfirmed(person: Person, record: MergeRecord) -> bool:
    """Whether a rule joined the two by a passport that its owner did not name together with the NIK."""
    link = record.facts.get("link")
    if not link:
        return False
    holder, claimant = (passport_holder(person, origin) for origin in link)
    return claimant.has_nik and holder.passports.isdisjoint(claimant.confirmed)


def _unite(origins: dict[str, str], first: str, second: str) -> None:
    kept, gone = origins[first], origins[second]
    for origin, part in origins.items():
        if part == gone:
            origins[origin] = kept


def _parts(person: Person, origins: dict[str, str]) -> Iterator[UnconfirmedPart]:
    by_part: dict[str, list[Action]] = {}
    for action in person.actions:
        by_part.setdefault(origins[action.origin_person], []).append(action)
    for actions in by_part.values():
        yield UnconfirmedPart(actions, fold(actions))
