"""Offers: registrations that others stated of an owner's people, and what the owner or a steward decides on them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from chassis.commands.recorded_time import recorded_after
from chassis.commands.types import Applied, Command, NewEvent
from contracts.authority import Relation, allows
from contracts.model import Moment
from contracts.outcomes import Refused
from contracts.registry import DecideOffer
from services.registry.commands.identifier_links import take_fact
from services.registry.commands.loaded_batch import Draft
from services.registry.domain.actions import Action
from services.registry.domain.events import announced_decision
from services.registry.domain.offers import offers_of, registration_of
from services.registry.domain.person import Person, added


def decide_offer(draft: Draft, command: Command, body: DecideOffer, now: datetime) -> Applied[Draft]:
    """Raises Refused `not_found`, `not_permitted`, `version_conflict`, or `state_conflict` when it waits no more."""
    person = draft.root(body.person)
    offer = next((candidate for candidate in offers_of(person) if candidate.id == body.offer), None) if person else None
    if person is None or offer is None:
        raise Refused("not_found", "/offer")
    relations: tuple[Relation, ...] = ("own",) if offer.owner in command.principal.stands_for else ()
    if not allows(body.type, command.principal, relations):
        raise Refused("not_permitted")
    if body.ifversion is not None and body.ifversion != offer.version:
        raise Refused("version_conflict")
    if offer.status != "waiting":
        raise Refused("state_conflict")
    registration = registration_of(person, offer)
    decision = _decision(command, body, registration, recorded_after(now, person.recorded_at))
    after = added(person, decision)
    events = announced_decision(person, after, registration, decision)
    emitted = tuple(_numbered(after, number, event, decision.recorded_at) for number, event in enumerate(events, 1))
    after = replace(after, version=after.version + len(events))
    draft.persons.put(after)
    for taken in _now_in_effect(person, after):
        emitted += take_fact(draft, command, person, after, taken)
    return Applied(offer.id, offer.version + 1, emitted, kind="offer")


def _decision(command: Command, body: DecideOffer, registration: Action, recorded_at: datetime) -> Action:
    """Stands with the registration, wherever that goes."""
    return Action(
        origin_person=registration.origin_person,
        kind="DECISION",
        command_id=command.id,
        owner=command.principal.organisation,
        occurred=Moment(at=recorded_at),
        recorded_at=recorded_at,
        facts={
            "offer": registration.command_id,
            "offered": body.offer,
            "accepted": body.decision == "accepted",
            "reason": body.reason,
            "user": command.principal.user,
        },
        personal={},
    )


def _now_in_effect(before: Person, after: Person) -> Iterator[Action]:
    """Registrations that had no effect for their origin person and have it now."""
    for action in after.actions:
        if action.command_id in before.state.without_effect - after.state.without_effect:
            yield action


def _numbered(person: Person, number: int, event: object, recorded_at: datetime) -> NewEvent:
    occurred = event.occurred.at  # type: ignore[attr-defined]  # every event of a person has it
    return NewEvent(event, person.id, person.version + number, occurred, recorded_at)  # type: ignore[arg-type]
