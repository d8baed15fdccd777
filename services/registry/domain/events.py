"""What is announced when an action is added."""

from typing import Any, assert_never

from contracts.registry import (
    Departed,
    Event,
    IdentityConfirmed,
    PersonRegistered,
    PersonRestated,
    PlacementRecorded,
)
from services.registry.domain.actions import Action
from services.registry.domain.person import NON_PROCEDURAL, Person, State


def announced(before: Person | None, after: Person, action: Action) -> tuple[Event, ...]:
    """The action's own event and, where it changed what had been announced, a restatement."""
    own = _own(before.state if before else None, after, action)
    if before and _corrects(before.state, after, action):
        return own, _restated(before.state, after, action)
    return (own,)


def _corrects(before: State, after: Person, action: Action) -> bool:
    """Whether a status or flag announced before was wrong: the newest fact adds to them, a late one corrects them.

    A placement too coarsely dated to be late may still excuse a departure.
    """
    state = after.state
    if (before.status, before.flags) == (state.status, state.flags):
        return False
    late = after.actions[-1] is not action
    excused = action.kind == "PLACEMENT" and NON_PROCEDURAL in before.flags and NON_PROCEDURAL not in state.flags
    return late or excused


def _own(before: State | None, after: Person, action: Action) -> Event:
    state, facts = after.state, action.facts
    common: dict[str, Any] = {
        "person": after.id,
        "occurred": action.occurred,
        "facets": state.facets,
        "facets_before": before.facets if before and before.facets != state.facets else None,
        "flags": state.flags,
    }
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
        case _:
            assert_never(action.kind)


def _restated(before: State, after: Person, action: Action) -> PersonRestated:
    return PersonRestated(
        person=after.id,
        occurred=action.occurred,
        facets=after.state.facets,
        flags=after.state.flags,
        status_before=before.status,
        flags_before=before.flags,
        because=action.kind,
    )
