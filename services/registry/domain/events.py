"""What is announced when an action is added, and when persons are merged or taken apart."""

from typing import Any, assert_never

from contracts.model import Moment
from contracts.registry import (
    Departed,
    Event,
    IdentityConfirmed,
    OfferDecided,
    PersonMerged,
    PersonRegistered,
    PersonRestated,
    PersonUnmerged,
    PlacementRecorded,
    RegistrationOffered,
)
from services.registry.domain.actions import Action, is_fact
from services.registry.domain.flags import NON_PROCEDURAL
from services.registry.domain.merge_records import MergeRecord
from services.registry.domain.offers import offer_id
from services.registry.domain.person import Person
from services.registry.domain.state import State


def announced(before: Person | None, after: Person, action: Action) -> tuple[Event, ...]:
    """The action's own event and, where it changed what had been announced, a restatement."""
    if action.command_id in after.state.without_effect:
        return (offered(after, action),)
    own = _own(before.state if before else None, after, action)
    if before and _corrects(before.state, after, action):
        return own, restated(before.state, after, action)
    return (own,)


def offered(person: Person, registration: Action) -> RegistrationOffered:
    """A registration of somebody else waits for the owner."""
    return RegistrationOffered(
        person=person.id,
        occurred=registration.occurred,
        offer=offer_id(registration.command_id),
        by=registration.owner,
        **_change(person.state, person.state),
    )


def announced_decision(before: Person, after: Person, registration: Action, decision: Action) -> tuple[Event, ...]:
    """That an offer was decided on and, when it was accepted, the registration that has effect now."""
    own = OfferDecided(
        person=after.id,
        occurred=decision.occurred,
        offer=decision.facts["offered"],
        by=registration.owner,
        decision="accepted" if decision.facts["accepted"] else "rejected",
        reason=decision.facts["reason"],
        **_change(before.state, after.state),
    )
    return (own, _own(before.state, after, registration)) if decision.facts["accepted"] else (own,)


def _corrects(before: State, after: Person, action: Action) -> bool:
    """Whether a status or flag announced before was wrong: the newest fact adds to them, a late one corrects them.

    A placement too coarsely dated to be late may still excuse a departure.
    """
    state = after.state
    if (before.status, before.flags) == (state.status, state.flags):
        return False
    late = next(other for other in reversed(after.actions) if is_fact(other)) is not action
    excused = action.kind == "PLACEMENT" and NON_PROCEDURAL in before.flags and NON_PROCEDURAL not in state.flags
    return late or excused


def _own(before: State | None, after: Person, action: Action) -> Event:
    state, facts = after.state, action.facts
    common: dict[str, Any] = {"person": after.id, "occurred": action.occurred, **_change(before or state, state)}
    episode = state.episodes[after.actions.index(action)]
    match action.kind:
        case "REGISTRATION":
            return PersonRegistered(
                **common,
                episode=episode,
                scheme=facts["scheme"],
                occupation=facts.get("occupation"),
                first=before is None,
                warnings=tuple(facts.get("warnings", ())),
            )
        case "IDENTITY":
            return IdentityConfirmed(**common, matched=facts["matched"])
        case "PLACEMENT":
            return PlacementRecorded(
                **common,
                episode=episode,
                scheme=facts["scheme"],
                occupation=facts.get("occupation"),
                contract_start=facts.get("contract_start"),
                contract_end=facts.get("contract_end"),
            )
        case "DEPARTURE":
            return Departed(**common, episode=episode)
        case "DECISION" | "SHARED":
            raise TypeError(action.kind)
        case _:
            assert_never(action.kind)


def restated(before: State, after: Person, action: Action) -> PersonRestated:
    """Status or flags announced before are others now."""
    return PersonRestated(
        person=after.id,
        occurred=action.occurred,
        facets=after.state.facets,
        flags=after.state.flags,
        status_before=before.status,
        flags_before=before.flags,
        because=action.kind,
    )


def announced_merge(
    survivor: Person, absorbed: Person, together: Person, record: MergeRecord
) -> tuple[PersonMerged, ...]:
    """The event of the survivor, then that of the absorbed."""
    of_survivor, of_absorbed = _pair(survivor.id, absorbed.id, record)
    return (
        PersonMerged(**of_survivor | _change(survivor.state, together.state)),
        PersonMerged(**of_absorbed | _change(absorbed.state, together.state, always=True)),
    )


def announced_unmerge(
    together: Person, left: Person, separated: Person, record: MergeRecord
) -> tuple[PersonUnmerged, ...]:
    """The event of whoever stays, then that of the separated."""
    of_survivor, of_absorbed = _pair(left.id, separated.id, record)
    return (
        PersonUnmerged(**of_survivor | _change(together.state, left.state)),
        PersonUnmerged(**of_absorbed | _change(together.state, separated.state, always=True)),
    )


def _pair(survivor: str, absorbed: str, record: MergeRecord) -> tuple[dict[str, Any], dict[str, Any]]:
    common = {"occurred": Moment(at=record.recorded_at), "because": record.because}
    return (
        common | {"person": survivor, "other": absorbed, "role": "survivor"},
        common | {"person": absorbed, "other": survivor, "role": "absorbed"},
    )


def _change(before: State, after: State, *, always: bool = False) -> dict[str, Any]:
    """Facets before stand in an event when they changed; where a person goes to another, `always`."""
    changed = always or before.facets != after.facets
    return {
        "facets": after.facets,
        "facets_before": before.facets if changed else None,
        "flags": after.flags,
    }
