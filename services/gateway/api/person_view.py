"""A person as one agreement lets a caller see them."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from chassis.security.keys import KeyRing
from contracts import exchange
from contracts.exchange import PersonToken
from contracts.model import Model
from contracts.registry import PersonState
from services.gateway.domain.agreements import Agreement, personal_part
from services.gateway.domain.receiver_ids import person_token, receiver_id
from services.gateway.tokens import Caller


class PersonView(Model):
    """What one agreement gives; what it does not give is absent. `asof` (UTC): when the newest of it was recorded."""

    person: PersonToken
    agreement: str
    facts: exchange.PersonFacts
    personal: exchange.PersonalPart | None = None
    asof: datetime


def view_of(ring: KeyRing, caller: Caller, agreement: Agreement, state: PersonState) -> PersonView:
    """The person under the caller's own id, with what the agreement gives, in the form it gives it."""
    facts = _facts(state)
    personal = personal_part(state.personal, agreement.personal, partial(receiver_id, ring, caller.organisation))
    return PersonView(
        person=person_token(ring, caller.organisation, state.person),
        agreement=agreement.name,
        facts=exchange.PersonFacts.model_validate({name: facts[name] for name in agreement.facts if name in facts}),
        personal=exchange.PersonalPart.model_validate(personal) if personal else None,
        asof=state.asof,
    )


def _facts(state: PersonState) -> Mapping[str, Any]:
    """Every non-identifying fact of the state, by the names that agreements use."""
    names = ("scheme", "occupation", "contract_start", "contract_end", "identity_matched")
    facts = state.facets.model_dump() | {name: getattr(state, name) for name in names}
    return facts | {"flags": [flag.code for flag in state.flags]}


def fields_of(view: PersonView) -> tuple[str, ...]:
    """Names of what a view tells, for the record of disclosures."""
    fields = [f"facts.{name}" for name in sorted(view.facts.model_fields_set)]
    return (*fields, *(f"personal.{name}" for name in sorted(view.personal.model_fields_set if view.personal else ())))
