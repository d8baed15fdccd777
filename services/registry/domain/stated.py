"""Which kinds of fact state what is known of a person: agreements give values by who stated them."""

from collections.abc import Iterable
from typing import Any

from contracts.registry import FactKind
from services.registry.domain.actions import Action
from services.registry.domain.state import State


def kinds_stating(actions: Iterable[Action], state: State) -> dict[str, tuple[FactKind, ...]]:
    """By personal value and stated fact: the kinds of the facts that say what the state says. Order has no part in it.

    A home regency that is read off the NIK is stated where the NIK is.
    """
    values: dict[str, Any] = {
        "home_regency": state.facets.home_regency,
        "destination": state.facets.destination,
        "sector": state.facets.sector,
        "identity_matched": state.identity_matched,
    } | {name: value for name, value in state.details.items() if name != "home_regency"}
    kinds: dict[str, dict[FactKind, None]] = {}
    for action in actions:
        if action.kind == "DECISION" or action.kind == "SHARED" or action.command_id in state.without_effect:
            continue
        stated = {name: value for name, value in action.facts.items() if value == values.get(_NAMES.get(name, name))}
        personal = {name: value for name, value in action.personal.items() if value == state.personal.get(name)}
        for name in (*stated, *personal):
            kinds.setdefault(_NAMES.get(name, name), {})[action.kind] = None
    if state.facets.home_regency and "nik" in kinds:
        kinds.setdefault("home_regency", kinds["nik"])
    return {name: tuple(sorted(kinds[name])) for name in kinds}


_NAMES = {"matched": "identity_matched"}
"""Facts that a state has under another name."""
