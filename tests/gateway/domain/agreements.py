"""Agreements made or drawn, and what they give of an event."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from hypothesis import strategies as st

from contracts import registry
from contracts.registry import FactKind
from services.gateway.domain.agreements import FACTS, PERSON_EVENTS, Agreement
from services.gateway.domain.copies import Copy, CopyBuilder
from services.gateway.domain.grants import paths_of
from services.gateway.domain.routing import Routing
from tests.gateway.exchange.samples import (
    NAMES,
    RING,
    absorbed,
    envelope,
    facets,
    merged,
    registered,
    state,
)

TODAY = date(2026, 6, 1)
BUILDER = CopyBuilder(RING, NAMES)
ALL_KINDS: tuple[FactKind, ...] = ("DEPARTURE", "IDENTITY", "PLACEMENT", "REGISTRATION")


def an_agreement(**changes: Any) -> Agreement:
    """With the employment insurer, for insurance."""
    valid: dict[str, Any] = {
        "id": "a-test", "version": 1, "giver": "KP2MI", "receiver": {"organisation": "BPJS_TK"},
        "purpose": "insurance", "base": "legal_duty", "law": "UU 18/2017 art. 29",
        "events": ["registry.person.registered.v1", "registry.person.merged.v1"], "stated_in": "all",
        "retention_days": 365, "valid_from": "2026-01-01", "valid_to": "2026-12-31",
        "signatories": [{"organisation": code, "office": "Sekretaris"} for code in ("KP2MI", "BPJS_TK", "BPS")],
    }  # fmt: skip
    return Agreement.model_validate(valid | changes)


def routing(*agreements: Agreement, connected: Iterable[str] = ("BPJS_TK", "BPS", "KEMLU")) -> Routing:
    return Routing(agreements, frozenset(connected), TODAY)


def body_of(copy: Copy) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(copy.message.value)
    return body


def copies(agreements: Iterable[Agreement], event: registry.PersonEvent) -> dict[tuple[str, str, str], dict[str, Any]]:
    """By receiver, purpose and pseudonym, what each copy gives: its fields, and the agreements that it names."""
    by_group: dict[tuple[str, str, str], dict[str, Any]] = {}
    for recipient in routing(*agreements).of_person(event):
        copy = BUILDER.of_person(recipient, event, envelope(event), state(stated=dict.fromkeys(VALUES, ALL_KINDS)))
        group = (recipient.receiver, recipient.purpose, recipient.pseudonym)
        assert group not in by_group, "one copy for each receiver, event and purpose"
        body = body_of(copy)
        by_group[group] = {
            "fields": set(paths_of(body)), "left": set(recipient.left), "agreements": set(body["agreements"])
        }  # fmt: skip
    return by_group


VALUES = (*state().personal, *FACTS)

PSEUDONYM = {
    "id": "pseudonyms", "receiver": {"organisation": "BPS"}, "pseudonymised": True, "purpose": "insurance",
    "personal": {"nik": "hashed"}, "facts": ["status", "absorbed"],
}  # fmt: skip

FORMS = ("clear", "masked", "hashed", "year")
TOLD = ["registry.person.registered.v1", "registry.person.merged.v1"]
"""Types of the events below: several agreements often cover one of them."""
KINDS = st.one_of(st.just("all"), st.lists(st.sampled_from(ALL_KINDS), min_size=1, unique=True))
FILTERS = st.fixed_dictionaries({}, optional={
    "region": st.lists(st.sampled_from(["33", "33.07", "35"]), max_size=2, unique=True),
    "destination": st.lists(st.sampled_from(["MY", "HK"]), max_size=2, unique=True),
    "phase": st.lists(st.sampled_from(["C1_REGISTERED", "P1_DEPARTED"]), max_size=2, unique=True),
    "sector": st.lists(st.sampled_from(["97", "97000", "01"]), max_size=2, unique=True),
})  # fmt: skip
RECEIVERS = st.sampled_from([
    {"organisation": "BPJS_TK"}, {"organisation": "BPJS_TK"}, {"organisation": "BPS"}, {"owner": True},
    {"mission_of": "destination"},
])  # fmt: skip


@st.composite
def made(draw: st.DrawFn, name: str) -> Agreement:
    pseudonymised = draw(st.sampled_from([False, False, True]))
    receiver = {"organisation": "BPS"} if pseudonymised else draw(RECEIVERS)
    fields = st.dictionaries(
        st.sampled_from(["full_name", "nik", "passport"]),
        st.lists(st.sampled_from(FORMS), min_size=1, unique=True), max_size=3,
    )  # fmt: skip
    return an_agreement(
        id=name, receiver=receiver, purpose=draw(st.sampled_from(["insurance", "insurance", "claims"])),
        personal={"nik": "hashed", "birth_date": "year"} if pseudonymised else draw(fields),
        facts=draw(st.lists(st.sampled_from(["status", "destination", "absorbed"]), unique=True)),
        filter=draw(FILTERS), stated_in=draw(KINDS), pseudonymised=pseudonymised,
        events=draw(st.sampled_from((TOLD, TOLD, TOLD[:1], sorted(PERSON_EVENTS)))),
    )  # fmt: skip


AGREEMENTS = st.integers(1, 5).flatmap(lambda count: st.tuples(*(made(f"a-{n:02}") for n in range(count))))
FACETS = st.builds(
    facets,
    home_regency=st.sampled_from(["33.07", "35.07", None]),
    destination=st.sampled_from(["MY", "HK", None]),
    sector=st.sampled_from(["97000", "01000", None]),
    status=st.sampled_from(["C1_REGISTERED", "P1_DEPARTED"]),
    owner=st.sampled_from(["KP2MI", "KEMLU"]),
)
EVENTS = st.one_of(
    st.builds(lambda now: registered(facets=now), FACETS),
    st.builds(lambda now, before: registered(facets=now, facets_before=before), FACETS, FACETS),
    st.builds(lambda now, before: merged(**(absorbed() | {"facets": now, "facets_before": before})), FACETS, FACETS),
)
