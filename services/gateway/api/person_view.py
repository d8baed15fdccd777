"""A person as the agreements of one purpose let a caller see them."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from chassis.security.keys import KeyRing
from contracts import exchange
from contracts.exchange import PersonToken
from contracts.model import Model
from contracts.registry import PersonState
from services.gateway.domain.grants import Given, Grant, paths_of, personal_of
from services.gateway.domain.receiver_ids import person_token, receiver_id
from services.gateway.tokens import Caller


class PersonView(Model):
    """What agreements give for one purpose; what none gives is absent. `asof` (UTC): when the newest was recorded."""

    person: PersonToken
    agreements: tuple[str, ...]
    given_by: dict[str, tuple[str, ...]]
    """By agreement, the fields that came by it."""
    facts: exchange.PersonFacts
    personal: exchange.PersonalPart | None = None
    asof: datetime


def view_of(ring: KeyRing, caller: Caller, grant: Grant, state: PersonState) -> PersonView:
    """The person under the caller's own id, with what the grant gives, in the forms that it gives."""
    hashed = partial(receiver_id, ring, caller.organisation)
    part = {
        "facts": grant.facts_given(_facts(state), state.stated),
        "personal": personal_of(grant, caller.organisation, state, state.stated, hashed) or None,
    }
    return PersonView.model_validate(
        {
            "person": person_token(ring, caller.organisation, state.person),
            "agreements": grant.names,
            "given_by": dict(grant.given_by(paths_of(part), state.stated)),
            "asof": state.asof,
        }
        | part
    )


def _facts(state: PersonState) -> Mapping[str, Any]:
    """Every non-identifying fact of the state, by the names that agreements use."""
    names = ("scheme", "occupation", "contract_start", "contract_end", "identity_matched")
    facts = state.facets.model_dump() | {name: getattr(state, name) for name in names}
    recorded = {name: value for name, value in facts.items() if value is not None}
    return recorded | {"flags": [flag.code for flag in state.flags]}


def given_in(view: PersonView) -> Given:
    """What a view tells, by agreement, for the record of disclosures."""
    return tuple(view.given_by.items())
