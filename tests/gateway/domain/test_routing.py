"""What agreements give together, and by which of them."""

from datetime import date
from typing import Any

import pytest

from contracts import registry
from contracts.registry import FactKind
from services.gateway.domain.grants import paths_of
from services.gateway.domain.receiver_ids import UnknownToken, person_of
from services.gateway.domain.routing import Recipient, Routing
from tests.gateway.domain.agreements import ALL_KINDS, BUILDER, PSEUDONYM, TODAY, an_agreement, body_of, routing
from tests.gateway.exchange.samples import (
    ALERT,
    NIK,
    PERSON,
    RING,
    envelope,
    facets,
    registered,
    selection,
    state,
)

# -- one purpose, several agreements


def test_two_agreements_of_one_purpose_give_their_union_in_one_copy() -> None:
    names = an_agreement(id="names", personal={"full_name": "clear", "nik": "masked"})
    numbers = an_agreement(id="numbers", facts=["status"], personal={"nik": "clear", "full_name": "clear"})
    event = registered()
    (recipient,) = routing(names, numbers).of_person(event)
    copy = BUILDER.of_person(recipient, event, envelope(event), state())
    body = body_of(copy)
    assert body["agreements"] == ["names/1", "numbers/1"]
    assert body["personal"] == {"clear": {"full_name": "Sulastri", "nik": NIK}, "masked": {"nik": "*" * 12 + NIK[-4:]}}
    assert body["given_by"] == {
        "names/1": ["personal.clear.full_name", "personal.masked.nik"],
        "numbers/1": ["facts.status", "personal.clear.full_name", "personal.clear.nik"],
    }
    assert {one.agreement: list(one.fields) for one in copy.disclosures} == body["given_by"]


def test_each_purpose_has_a_copy_and_a_copy_id_of_its_own() -> None:
    event = registered()
    first, second = routing(an_agreement(), an_agreement(id="other", purpose="claims")).of_person(event)
    assert {first.purpose, second.purpose} == {"insurance", "claims"}
    assert BUILDER.copy_id(first, envelope(event).id) != BUILDER.copy_id(second, envelope(event).id)


def test_who_leaves_one_agreement_while_another_covers_is_told_which() -> None:
    malaysia = an_agreement(id="malaysia", facts=["status"], filter={"destination": ["MY"]})
    everybody = an_agreement(id="everybody", facts=["destination"])
    event = registered(facets=facets(destination="HK"), facets_before=facets(destination="MY"))
    (recipient,) = routing(malaysia, everybody).of_person(event)
    assert (recipient.left, recipient.gone) == (("malaysia/1",), False)
    body = body_of(BUILDER.of_person(recipient, event, envelope(event), None))
    assert (body["left"], body["agreements"], body["facts"]) == (["malaysia/1"], ["everybody/1"], {"destination": "HK"})


def test_of_one_agreement_the_newest_version_that_has_begun_counts_and_its_end_brings_no_older_one_back() -> None:
    old = an_agreement(facts=["status", "owner"])
    new = an_agreement(version=2, facts=["status"], valid_from="2026-06-01", valid_to="2026-06-30")
    for day, names in [(date(2026, 5, 31), ["a-test/1"]), (TODAY, ["a-test/2"]), (date(2026, 7, 1), [])]:
        assert [one.name for one in Routing([new, old], frozenset(), day).agreements] == names


def test_over_the_api_the_purpose_of_the_token_alone_counts() -> None:
    both = routing(an_agreement(facts=["status"]), an_agreement(id="other", purpose="claims", facts=["owner"]))
    assert both.reading("BPJS_TK", "insurance", facets()).facts == {"status"}
    assert both.reading("BPJS_TK", "claims", facets()).facts == {"owner"}
    assert not both.reading("BPJS_TK", "migration_governance", facets()).agreements


@pytest.mark.parametrize(
    ("limits", "inside", "outside"),
    [
        ({"region": ["33"]}, {"home_regency": "33.07"}, {"home_regency": "35.07"}),
        ({"region": ["33.07"]}, {"home_regency": "33.07"}, {"home_regency": "33.08"}),
        ({"region": ["33"]}, {"home_regency": "33.07"}, {"home_regency": None}),
        ({"sector": ["97"]}, {"sector": "97000"}, {"sector": "01000"}),
        ({"sector": ["97000"]}, {"sector": "97000"}, {"sector": None}),
        ({"phase": ["P1_DEPARTED"]}, {"status": "P1_DEPARTED"}, {"status": "C1_REGISTERED"}),
        ({"destination": []}, None, {"destination": "MY"}),
    ],
)
def test_a_filter_limits_rows_by_region_destination_phase_and_sector(limits: Any, inside: Any, outside: Any) -> None:
    chosen = routing(an_agreement(filter=limits))
    assert not chosen.of_person(registered(facets=facets(**outside)))
    assert inside is None or chosen.of_person(registered(facets=facets(**inside)))


# -- who stated it


def given_under(stated_in: Any, stated: dict[str, tuple[FactKind, ...]], event: registry.PersonEvent) -> set[str]:
    agreement = an_agreement(stated_in=stated_in, facts=["destination", "scheme", "status"],
                             personal={"full_name": "clear", "passport": "clear"})  # fmt: skip
    (recipient,) = routing(agreement).of_person(event)
    return set(paths_of(body_of(BUILDER.of_person(recipient, event, envelope(event), state(stated=stated)))))


def test_a_value_is_given_if_it_was_stated_in_a_fact_of_an_agreed_kind() -> None:
    stated: dict[str, tuple[FactKind, ...]] = {
        "full_name": ("REGISTRATION",), "passport": ("DEPARTURE", "PLACEMENT"), "destination": ("DEPARTURE",)
    }  # fmt: skip
    of_registration = {"facts.status", "facts.scheme", "personal.clear.full_name"}
    assert given_under(["REGISTRATION"], stated, registered()) == of_registration
    assert given_under(["PLACEMENT"], stated, registered()) == {"facts.status", "personal.clear.passport"}
    whole = {*of_registration, "personal.clear.passport", "facts.destination"}
    assert given_under("all", stated, registered()) == given_under(ALL_KINDS, {}, registered()) == whole


def test_of_a_fact_that_has_changed_since_nobody_knows_who_stated_it() -> None:
    moved = registered(facets=facets(destination="HK"))
    assert "facts.destination" not in given_under(["REGISTRATION"], {"destination": ("REGISTRATION",)}, moved)
    assert "facts.destination" in given_under(["REGISTRATION"], {"destination": ("REGISTRATION",)}, registered())


# -- pseudonyms


def test_a_pseudonymised_agreement_is_never_united_and_has_person_ids_of_its_own() -> None:
    clear = an_agreement(id="clear", receiver={"organisation": "BPS"}, personal={"nik": ["clear", "hashed"]})
    twice = (an_agreement(**PSEUDONYM), an_agreement(**PSEUDONYM | {"id": "pseudonyms-too"}))
    event = registered()
    bodies = [
        body_of(BUILDER.of_person(one, event, envelope(event), state()))
        for one in routing(clear, *twice).of_person(event)
    ]
    assert [body["agreements"] for body in bodies] == [["clear/1"], ["pseudonyms/1"], ["pseudonyms-too/1"]]
    for different in ([body["person"] for body in bodies], [body["personal"]["hashed"]["nik"] for body in bodies]):
        assert len(set(different)) == 3
    assert person_of(RING, "BPS", bodies[0]["person"]) == PERSON
    for body in bodies[1:]:
        with pytest.raises(UnknownToken):
            person_of(RING, "BPS", body["person"])


def test_a_pseudonym_opens_no_reading() -> None:
    assert not routing(an_agreement(**PSEUDONYM)).reading("BPS", "insurance", facets()).agreements


def test_recipients_of_the_same_facets_are_made_once() -> None:
    chosen = selection("KBRI_KUL", "KAB-33.07")
    first: tuple[Recipient, ...] = chosen.of_person(registered())
    assert chosen.of_person(registered(person=ALERT)) is first
