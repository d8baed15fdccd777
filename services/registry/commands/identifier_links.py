"""Holders of one identifier: joined and parted by rule as what is known of them changes, put to review, told of each
other."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from chassis.commands.recorded_time import recorded_after
from chassis.commands.types import Command, NewEvent
from services.registry.commands.duplicates import keep_review, reopen_settled
from services.registry.commands.loaded_batch import Draft
from services.registry.commands.merges import announce, merge_pair
from services.registry.commands.personal_values import identifiers
from services.registry.domain.actions import Action
from services.registry.domain.authority import RULE
from services.registry.domain.duplicates import review_id
from services.registry.domain.events import announced_unmerge, restated
from services.registry.domain.identifier_links import (
    Holders,
    Link,
    PassportHolder,
    doubtful_pairs,
    links_of,
    passport_holder,
)
from services.registry.domain.merge_records import MergeRecord, standing
from services.registry.domain.merging import fits, unmerge
from services.registry.domain.person import Person, Redirect, added
from services.registry.domain.size_bounds import TooManyFacts


def take_fact(
    draft: Draft, command: Command, before: Person | None, after: Person, action: Action
) -> tuple[NewEvent, ...]:
    """A fact has effect for its origin person, which carries its identifiers from now on: what that changes for others
    who carry them."""
    others = _held_before(draft, action)
    draft.take(action, before, after)
    settled = _settled(draft, before, action.origin_person)
    changed = () if settled else settle_links(draft, command, action.origin_person, action.recorded_at)
    return (*changed, *_tell_holders(draft, command, action, others, action.recorded_at))


def _settled(draft: Draft, before: Person | None, origin: str) -> bool:
    """Whether a fact of this origin person can have changed no link: nobody else carries a passport of it, or those who
    do are one person already and it says what it said before."""
    person = draft.person_of(origin)
    holder = passport_holder(person, origin)
    others = {
        draft.person_of(other).id
        for passport in holder.passports
        for other in draft.holders_of("passport", passport) or ()
        if other != origin
    }
    if not others:
        return True
    if before is None or origin not in before.origin_persons:
        return False
    return others == {person.id} and passport_holder(before, origin) == holder


def settle_links(draft: Draft, command: Command, origin: str, now: datetime) -> tuple[NewEvent, ...]:
    """Make the links by this origin person's passports those that stand by all that is known now, and open a review for
    holders who are not linked."""
    holders, decided = holders_by_passport(draft, origin)
    wanted = frozenset(link for passport in decided for link in links_of(passport, holders))
    emitted = [
        event
        for link in _standing(draft, _origins(holders, decided)) - wanted
        for event in _part(draft, command, link, now)
    ]
    for link in sorted(wanted):
        emitted += _join(draft, command, link, now)
    for passport in sorted(decided):
        for pair in doubtful_pairs(passport, holders):
            emitted += _doubt(draft, command, pair, now)
    return tuple(emitted)


def link_of_newcomer(draft: Draft, origin: str) -> tuple[Link, str] | None:
    """A link between somebody new, who is in the draft already, and somebody known; and the origin person of the latter
    who was known first. None where somebody new ends a link: who is joined to whom is settled behind the fact then."""
    holders, decided = holders_by_passport(draft, origin)
    links = [link for passport in sorted(decided) for link in links_of(passport, holders)]
    if _standing(draft, _origins(holders, decided)) - set(links):
        return None
    candidates = [(link, link[0] if link[1] == origin else link[1]) for link in links if origin in link]
    candidates = [(link, other) for link, other in candidates if not _is_different(draft, link)]
    return min(candidates, key=lambda pair: _known_since(draft, pair[1]), default=None)


def holders_by_passport(draft: Draft, origin: str) -> tuple[Holders, frozenset[str]]:
    """The holders of all passports that matter, and the passports whose links may change by a fact of an origin person:
    its own, and the others of those holders who have a NIK. What these links are hangs on one step more."""
    holders = _holders_of(draft, passport_holder(draft.person_of(origin), origin).passports)
    holders |= _holders_of(draft, _further(holders))
    decided = frozenset(holders)
    return holders | _holders_of(draft, _further(holders)), decided


def _further(holders: Holders) -> set[str]:
    """Other passports of those holders who have a NIK."""
    numbered = (holder for of_one in holders.values() for holder in of_one if holder.has_nik)
    return {passport for holder in numbered for passport in holder.passports} - holders.keys()


def _holders_of(draft: Draft, passports: Iterable[str]) -> dict[str, list[PassportHolder]]:
    """By passport; one that links nobody, or was not loaded because it does not matter, is absent."""
    holders = {}
    for passport in passports:
        if origins := draft.holders_of("passport", passport):
            holders[passport] = [passport_holder(draft.person_of(other), other) for other in origins]
    return holders


def _origins(holders: Holders, passports: Iterable[str]) -> frozenset[str]:
    return frozenset(holder.origin for passport in passports for holder in holders[passport])


def _tell_holders(draft: Draft, command: Command, action: Action, new: Iterable[str], now: datetime) -> list[NewEvent]:
    """Those who carried an identifier before learn that the action's origin person carries it too."""
    emitted: list[NewEvent] = []
    for other in dict.fromkeys(new):
        before = draft.person_of(other)
        recorded_at = recorded_after(now, before.recorded_at)
        note = Action(
            origin_person=other,
            kind="SHARED",
            command_id=str(uuid5(UUID(command.id), other)),
            owner=RULE.organisation,
            occurred=action.occurred,
            recorded_at=recorded_at,
            facts={},
            personal={},
            shared=(action.origin_person,),
        )
        try:
            after = added(before, note)
        except TooManyFacts:
            continue
        if after.state.flags != before.state.flags:
            after = replace(after, version=after.version + 1)
            event = restated(before.state, after, note)
            emitted.append(NewEvent(event, after.id, after.version, action.occurred.at, recorded_at))
        draft.persons.put(after)
    return emitted


def _held_before(draft: Draft, action: Action) -> list[str]:
    """Who carried an identifier of this action before its origin person did."""
    others: list[str] = []
    for system, value in identifiers(action.personal):
        origins = draft.holders_of(system, value) or ()
        if action.origin_person not in origins:
            others += origins
    return others


def _join(draft: Draft, command: Command, link: Link, now: datetime) -> tuple[NewEvent, ...]:
    """The one known by a passport becomes the one with a NIK, unless a steward said that they differ."""
    holder, claimant = draft.person_of(link[0]), draft.person_of(link[1])
    if holder.id == claimant.id or _is_different(draft, link):
        return ()
    if not fits(claimant, holder):
        return _doubt(draft, command, link, now)
    facts = {"reason": "same_documents", "link": list(link)}
    return merge_pair(draft, (claimant, holder), command, "rule", now, into=link[1], **facts)


def _part(draft: Draft, command: Command, link: Link, now: datetime) -> tuple[NewEvent, ...]:
    """Two joined by a link stand for themselves again."""
    together = draft.person_of(link[0])
    record = next(record for record in standing(together.merge_records).values() if _link(record) == link)
    stub = draft.persons[record.absorbed]
    assert isinstance(stub, Redirect)
    recorded_at = recorded_after(now, together.recorded_at, stub.recorded_at)
    undone = replace(
        record, kind="UNMERGE", command_id=command.id, by=RULE.organisation, because="rule", recorded_at=recorded_at
    )
    left, separated = unmerge(together, stub, undone)
    emitted = announce(draft, (left, separated), announced_unmerge(together, left, separated, undone), recorded_at)
    return (*emitted, *reopen_settled(draft, command, "same_documents", recorded_at))


def _doubt(draft: Draft, command: Command, pair: tuple[str, str], now: datetime) -> tuple[NewEvent, ...]:
    """A steward is asked whether two holders of one passport are one, unless they are, or somebody was asked."""
    if draft.person_of(pair[0]).id == draft.person_of(pair[1]).id or review_id(*pair) in draft.reviews:
        return ()
    return (keep_review(draft, command, pair, "identifier", now),)


def _standing(draft: Draft, origins: Iterable[str]) -> frozenset[Link]:
    """The links by which these origin persons, or some of them, are joined to others."""
    concerned = frozenset(origins)
    people = {person.id: person for origin in concerned for person in [draft.person_of(origin)]}
    links = set()
    for person in people.values():
        for record in standing(person.merge_records).values():
            link = _link(record)
            if link and concerned.issuperset(link):
                links.add(link)
    return frozenset(links)


def _link(record: MergeRecord) -> Link | None:
    link = record.facts.get("link")
    return (link[0], link[1]) if link else None


def _is_different(draft: Draft, link: Link) -> bool:
    """Whether a steward decided that these two, or the persons that they are, differ."""
    roots = {draft.person_of(origin).id for origin in link}
    for review in draft.reviews.values():
        sides = {root.id for person in review.persons if (root := draft.root(person))}
        if review.decision == "different" and (set(review.persons) == set(link) or sides == roots):
            return True
    return False


def _known_since(draft: Draft, origin: str) -> tuple[datetime, str]:
    person = draft.person_of(origin)
    return min(action.recorded_at for action in person.actions), origin
