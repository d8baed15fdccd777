"""Why a field is given or withheld: as it is decided, and with the least change that turns the answer."""

from collections.abc import Iterable
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.registry import Facets
from services.gateway.domain.agreements import FACT_KINDS, Agreement
from services.gateway.domain.explanation import Question, explain, visible_to
from services.gateway.domain.routing import Routing
from tests.gateway.domain.agreements import AGREEMENTS, FACETS, PSEUDONYM, TODAY, an_agreement
from tests.gateway.exchange.samples import facets, registered

REGISTERED = "registry.person.registered.v1"
FIELDS = ("facts.status", "facts.destination", "personal.clear.nik", "personal.masked.nik", "personal.hashed.nik")
KINDS = st.frozensets(st.sampled_from(sorted(FACT_KINDS)))


def question(**changes: Any) -> Question:
    asked: dict[str, Any] = {
        "receiver": "BPJS_TK", "purpose": "insurance", "event": REGISTERED, "field": "personal.clear.nik",
        "facets": facets(), "stated_in": FACT_KINDS, "today": TODAY,
    }  # fmt: skip
    return Question(**(asked | changes))


def decided(agreements: Iterable[Agreement], asked: Question) -> set[str]:
    """The agreements that give it, as copies would name them."""
    routing, event = Routing(agreements, frozenset({asked.receiver}), asked.today), registered(facets=asked.facets)
    return {
        name
        for one in routing.of_person(event)
        if asked.purpose in (None, one.purpose)
        for name in one.grant.gives(asked.field, asked.stated_in)
    }


def changed(agreement: Agreement, attributes: Iterable[str], asked: Question) -> Agreement:
    """With these attributes as the question needs them, and all others as they are."""
    part, _, name = asked.field.partition(".")
    form, _, personal = name.partition(".")
    needed: dict[str, Any] = {
        "purpose": asked.purpose, "valid_from": asked.today, "valid_to": asked.today,
        "pseudonymised": False, "release": "at_once",
        "events": (*agreement.events, asked.event), "receiver": {"organisation": asked.receiver}, "stated_in": "all",
        "facts": (*agreement.facts, name),
        "personal": agreement.personal | {personal: (*agreement.personal.get(personal, ()), form)},
    }  # fmt: skip
    limits = {name: None for name in attributes if name.startswith("filter.")}
    whole = agreement.model_dump(exclude_unset=True) | {name: needed[name] for name in attributes if name not in limits}
    whole["filter"] = agreement.filter.model_dump() | {name.removeprefix("filter."): None for name in limits}
    assert part in ("facts", "personal")
    return Agreement.model_validate(whole)


@given(AGREEMENTS, FACETS, st.sampled_from(FIELDS), KINDS, st.sampled_from(["insurance", "claims", None]))
def test_the_explanation_agrees_with_the_decision_and_no_smaller_change_turns_it(
    agreements: tuple[Agreement, ...], known: Facets, field: str, stated_in: Any, purpose: str | None
) -> None:
    asked = question(facets=known, field=field, stated_in=stated_in, purpose=purpose)
    explanation = explain(agreements, asked)
    assert set(explanation.given_by) == decided(agreements, asked)
    assert explanation.given_by or explanation.turn is not None
    if explanation.turn and not explanation.given_by:
        turned = [
            changed(one, explanation.turn.attributes, asked) if one.name == explanation.turn.agreement else one
            for one in agreements
        ]
        assert decided(turned, asked) == {explanation.turn.agreement}
        for name, attributes in explanation.withheld_by.items():
            for fewer in combinations(attributes, len(explanation.turn.attributes) - 1):
                if "personal" in fewer and "pseudonymised" in attributes and "pseudonymised" not in fewer:
                    continue  # no such agreement can be made
                instead = [changed(one, fewer, asked) if one.name == name else one for one in agreements]
                assert not decided(instead, asked)


def test_what_one_agreement_gives_turns_with_the_field_and_what_two_give_does_not() -> None:
    first, second = (an_agreement(id=name, personal={"nik": "clear"}) for name in ("first", "second"))
    alone = explain([first], question())
    assert (alone.given_by, alone.turn and alone.turn.attributes) == (("first/1",), ("personal",))
    assert explain([first, second], question()).turn is None


def test_each_clause_that_withholds_is_named() -> None:
    withheld: dict[str, dict[str, Any]] = {
        "purpose": {"purpose": "claims"}, "valid_from": {"valid_from": "2026-06-02"},
        "valid_to": {"valid_to": "2026-05-31"}, "events": {"events": ["registry.episode.departed.v1"]},
        "receiver": {"receiver": {"organisation": "BPS"}}, "filter.destination": {"filter": {"destination": ["HK"]}},
        "filter.region": {"filter": {"region": ["35"]}}, "filter.phase": {"filter": {"phase": ["P1_DEPARTED"]}},
        "filter.sector": {"filter": {"sector": ["01"]}}, "personal": {"personal": {"nik": "masked"}},
        "stated_in": {"stated_in": ["IDENTITY"]},
    }  # fmt: skip
    for attribute, change in withheld.items():
        agreement = an_agreement(**{"personal": {"nik": "clear"}, **change})
        explanation = explain([agreement], question(stated_in=frozenset({"REGISTRATION"})))
        assert explanation.withheld_by == {"a-test/1": (attribute,)}
        assert explanation.turn
        assert explanation.turn.attributes == (attribute,)
    pseudonyms = an_agreement(**PSEUDONYM | {"receiver": {"organisation": "BPJS_TK"}})
    assert explain([pseudonyms], question()).withheld_by == {"pseudonyms/1": ("personal", "pseudonymised")}


def test_what_is_released_by_the_day_turns_with_its_release_too() -> None:
    daily = an_agreement(**PSEUDONYM | {"receiver": {"organisation": "BPJS_TK"}, "release": "daily"})
    turn = explain([daily], question()).turn
    assert turn
    assert turn.attributes == ("personal", "pseudonymised", "release")
    assert decided([changed(daily, turn.attributes, question())], question()) == {"pseudonyms/1"}


def test_an_agreement_is_seen_by_giver_signatories_and_receiver() -> None:
    agreement = an_agreement(receiver={"organisation": "BPJS_TK"})
    assert all(visible_to(agreement, code) for code in ("KP2MI", "BPJS_TK", "BPS"))
    assert not visible_to(agreement, "KEMLU")
    assert visible_to(an_agreement(receiver={"owner": True}), "KEMLU")
