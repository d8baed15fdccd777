"""Facts: what an institution states is added to whom it is about."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from chassis.commands.recorded_time import recorded_after
from chassis.commands.types import Applied, Command, NewEvent
from contracts.authority import KEEPS_IDENTITIES, functions_at
from contracts.outcomes import Refused
from contracts.registry import WAITS_FOR_OWNER, Fact, IdentityWarning, OfferWarning, RegisterPerson
from services.registry.commands.identifier_links import link_of_newcomer, take_fact
from services.registry.commands.loaded_batch import Draft
from services.registry.commands.match_candidates import candidates_of, merge_record_of, open_review
from services.registry.commands.personal_values import personal_of
from services.registry.domain.actions import Action, facts_of, kind_of
from services.registry.domain.authority import RULE
from services.registry.domain.content_checks import check_content
from services.registry.domain.duplicates import review_id
from services.registry.domain.events import announced
from services.registry.domain.identifiers import MANY_OTHERS, SYSTEMS, Resolution, others, resolve
from services.registry.domain.merge_records import MergeRecord
from services.registry.domain.merging import fits, merge
from services.registry.domain.person import Person, added, opened, person_id


def add_fact(draft: Draft, command: Command, body: Fact, now: datetime) -> Applied[Draft]:
    """Adds what an institution states to whom it is about. Raises Refused, or TooManyFacts."""
    kind, personal = kind_of(body), personal_of(command)
    warnings = check_content(body, command.personal)
    subject, shared = _subject(draft, None if isinstance(body, RegisterPerson) else body.person, personal)
    before = draft.root(subject) if subject else None
    if before and before.knows(command.id):
        return Applied(before.id, before.version)
    action = Action(
        origin_person=subject or person_id(command.id),
        kind=kind,
        command_id=command.id,
        owner=command.principal.organisation,
        occurred=body.occurred,
        recorded_at=recorded_after(now, before.recorded_at) if before else now,
        facts=facts_of(body) | ({"warnings": list(warnings)} if warnings else {}),
        personal=personal,
        shared=shared,
        succeeds=command.principal.succeeds,
    )
    applied = (
        _newcomer(draft, command, action)
        if before is None
        else _applied(draft, command, before, added(before, action), action)
    )
    return replace(
        applied, warnings=(*warnings, *applied.warnings, *_identity_warnings(draft, command, action, applied))
    )


def _newcomer(draft: Draft, command: Command, action: Action) -> Applied[Draft]:
    """Somebody whom no fact was about: one who is somebody known by what a passport says, one whom the registry
    recognises, else somebody new, perhaps in doubt."""
    person = opened(action)
    if linked := _linked(draft, command, action):
        return _applied(draft, command, *linked)
    candidates = candidates_of(draft, command.id, person)
    if candidates and candidates[0].may_link:
        known_person = candidates[0].person
        action = replace(action, recorded_at=recorded_after(action.recorded_at, known_person.recorded_at))
        together, stub = merge(known_person, opened(action), merge_record_of(draft, candidates[0], action))
        draft.persons.put(stub)
        draft.count("recognised")
        return _applied(draft, command, known_person, together, action)
    applied = _applied(draft, command, None, person, action)
    opening = [
        open_review(draft, command, person, candidate, action.recorded_at)
        for candidate in candidates
        if review_id(person.id, candidate.person.id) not in draft.reviews
    ]
    draft.count("in doubt" if candidates else "new")
    return replace(applied, events=(*applied.events, *opening))


def _identity_warnings(
    draft: Draft, command: Command, action: Action, applied: Applied[Draft]
) -> Iterator[IdentityWarning]:
    """Nobody else learns from a warning who is registered, or under which identifiers."""
    if functions_at(command.principal).isdisjoint(KEEPS_IDENTITIES):
        return
    is_first = applied.aggregate_id == person_id(command.id)
    if is_first and not isinstance(command.body, RegisterPerson):
        yield "new_person"
    roots = [draft.root(other) for other in action.shared]
    if any(root is None or root.id != applied.aggregate_id for root in roots):
        yield "identifier_shared"


def _linked(draft: Draft, command: Command, action: Action) -> tuple[Person, Person, Action] | None:
    """The person whom a newcomer is by a link, before and after, and the action as it is added; None without a link."""
    passport = action.personal.get("passport")
    if not passport or not draft.holders_of("passport", passport):
        return None
    trial = Draft(draft)
    trial.persons.put(opened(action))
    trial.add_holder(action.origin_person, action.personal)
    newcomer_link = link_of_newcomer(trial, action.origin_person)
    root = draft.root(newcomer_link[1]) if newcomer_link else None
    if newcomer_link is None or root is None or not fits(root, opened(action)):
        return None
    link, other = newcomer_link
    action = replace(action, recorded_at=recorded_after(action.recorded_at, root.recorded_at))
    facts = {"reason": "same_documents", "link": list(link)}
    record = MergeRecord(
        "MERGE", other, action.origin_person, command.id, RULE.organisation, "rule", action.recorded_at, facts
    )
    together, stub = merge(root, opened(action), record)
    draft.persons.put(stub)
    draft.count("linked")
    return root, together, action


def _applied(
    draft: Draft,
    command: Command,
    before: Person | None,
    after: Person,
    action: Action,
) -> Applied[Draft]:
    events = announced(before, after, action)
    emitted = tuple(
        NewEvent(event, after.id, after.version + number, action.occurred.at, action.recorded_at)
        for number, event in enumerate(events, 1)
    )
    after = replace(after, version=after.version + len(events))
    draft.persons.put(after)
    offered = action.kind == "REGISTRATION" and after.state_of(action.origin_person).without_effect
    if not offered or action.command_id not in offered:
        emitted += take_fact(draft, command, before, after, action)
    waiting: tuple[OfferWarning, ...] = (WAITS_FOR_OWNER,) if action.command_id in after.state.waiting else ()
    person = draft.root(action.origin_person) or after
    return Applied(person.id, person.version, emitted, waiting)


def _subject(draft: Draft, named: str | None, personal: Mapping[str, str]) -> Resolution:
    """Whom the record is about: the person it names, else by its identifiers. Raises Refused `person_unknown`."""
    by_nik, by_passport = (draft.holders(system, personal) for system in SYSTEMS)
    if named is None:
        resolution = resolve(personal, by_nik, by_passport)
    elif named in draft.persons:
        resolution = Resolution(named, others(named, by_nik, by_passport))
    else:
        raise Refused("person_unknown", "/person/id")
    if draft.is_overshared(personal):
        return resolution._replace(shared=(*resolution.shared, MANY_OTHERS))
    return resolution
