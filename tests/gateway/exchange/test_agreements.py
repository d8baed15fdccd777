"""Who gets what: selection by facets now and before, and the form of each field."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.registry import Facets, IdentityConfirmed, PersonEvent
from services.gateway.domain import agreements
from services.gateway.domain.agreements import FILE, Agreement
from services.gateway.domain.grants import Grant, in_form
from services.gateway.domain.routing import Recipient, Routing
from tests.gateway.exchange.samples import (
    absorbed,
    departed,
    facets,
    merged,
    offer_decided,
    offered,
    raised,
    registered,
    selection,
    unmerged,
)

GIVEN: dict[str, Any] = {
    "id": "a-test", "version": 1, "receiver": {"organisation": "BPS"}, "purpose": "a_test", "base": "public_task",
    "law": "UU 16/1997", "events": ["registry.person.registered.v1"], "giver": "KP2MI", "stated_in": "all",
    "retention_days": 365,
    "signatories": [{"organisation": "KP2MI", "office": "Sekretaris"}, {"organisation": "BPS", "office": "Sekretaris"}],
    "valid_from": "2026-01-01", "valid_to": "2026-12-31",
}  # fmt: skip


def receivers(shares: tuple[Recipient, ...]) -> dict[str, str]:
    return {share.receiver: share.grant.agreements[0].id for share in shares}


def test_each_receiver_of_a_registration_is_chosen_by_its_own_agreement() -> None:
    found = selection("KBRI_KUL", "KJRI_HKG", "KAB-33.07", "BPS", "KP2MI", "KEMLU").of_person(registered())
    assert receivers(found) == {
        "KBRI_KUL": "mission-destination", "KAB-33.07": "home-regency", "BPS": "official-statistics"
    }  # fmt: skip


def test_who_is_not_connected_gets_nothing() -> None:
    assert selection("KJRI_HKG").of_person(registered()) == ()


@pytest.mark.parametrize(
    "event", [departed(), IdentityConfirmed(**departed().model_dump(exclude={"type", "episode"}), matched=True)]
)
def test_the_institution_that_registered_a_person_learns_what_others_say(event: PersonEvent) -> None:
    assert receivers(selection("KP2MI").of_person(event)) == {"KP2MI": "owner-follow-up"}


def test_who_loses_a_person_from_its_area_is_told_so() -> None:
    event = registered(facets=facets(destination="HK"), facets_before=facets(destination="MY"))
    found = {share.receiver: share.gone for share in selection("KBRI_KUL", "KJRI_HKG", "BPS").of_person(event)}
    assert found == {"KBRI_KUL": True, "KJRI_HKG": False, "BPS": False}


EVERYBODY = ("KBRI_KUL", "KJRI_HKG", "KAB-33.07", "BPS", "KP2MI")


def told(event: PersonEvent) -> dict[str, bool]:
    """Who is told, and whether it is that the person left its area."""
    return {share.receiver: share.gone for share in selection(*EVERYBODY).of_person(event)}


def test_of_a_merge_learn_those_covered_for_the_survivor() -> None:
    all_four = {"KBRI_KUL": False, "KAB-33.07": False, "BPS": False, "KP2MI": False}
    assert told(merged()) == all_four
    assert told(merged(facets_before=facets(destination="HK"))) == all_four | {"KJRI_HKG": True}


def test_of_an_absorbed_person_learn_those_who_held_it() -> None:
    assert told(merged(**absorbed(destination="HK", home_regency=None))) == {
        "KJRI_HKG": True, "BPS": False, "KP2MI": False
    }  # fmt: skip
    assert told(merged(**absorbed(owner="BNPB"))) == {"KBRI_KUL": False, "KAB-33.07": False, "BPS": False}


def test_of_an_unmerge_learn_those_covered_for_either_and_those_who_were_for_both() -> None:
    separated = unmerged(**(absorbed() | {"facets": facets(destination="HK")}))
    assert told(separated) == {"KJRI_HKG": False, "KBRI_KUL": True, "KAB-33.07": False, "BPS": False, "KP2MI": False}


AUTHOR = "33.07-DISNAKER"


def test_of_an_offered_registration_learns_the_owner_alone() -> None:
    found = selection(*EVERYBODY, AUTHOR).of_person(offered())
    assert receivers(found) == {"KP2MI": "owner-follow-up"}


def test_of_a_decision_on_an_offer_learn_owner_and_author_and_who_is_no_longer_the_owner() -> None:
    everybody = selection(*EVERYBODY, AUTHOR)
    found = everybody.of_person(offer_decided())
    assert receivers(found) == {"KP2MI": "owner-follow-up", AUTHOR: "offer-author"}
    accepted = offer_decided(decision="accepted", facets=facets(owner=AUTHOR), facets_before=facets())
    assert {share.receiver: share.gone for share in everybody.of_person(accepted)} == {"KP2MI": True, AUTHOR: False}


def test_an_alert_goes_to_those_told_and_connected() -> None:
    found = selection("KEMLU", "BPS", "KBRI_KUL").of_alert(raised())
    assert receivers(found) == {"KBRI_KUL": "emergency", "KEMLU": "emergency"}


def test_an_agreement_counts_from_its_first_to_its_last_day() -> None:
    agreement = Agreement.model_validate(GIVEN)
    connected = frozenset({"BPS"})
    for today, counts in [("2025-12-31", False), ("2026-01-01", True), ("2026-12-31", True), ("2027-01-01", False)]:
        found = Routing([agreement], connected, date.fromisoformat(today)).of_person(registered())
        assert bool(found) is counts


def a_routing(*changes: dict[str, Any]) -> Routing:
    """Agreements with BPS that differ from a test's own in these ways."""
    made = [Agreement.model_validate(GIVEN | change) for change in changes]
    return Routing(made, frozenset({"BPS"}), date(2026, 6, 1))


@pytest.mark.parametrize(
    ("limit", "within", "outside"),
    [
        ({"destination": ["HK"]}, facets(destination="HK"), facets(destination="MY")),
        ({"destination": ["HK", "MY"]}, facets(destination="MY"), facets(destination=None)),
        ({"phase": ["P1_DEPARTED"]}, facets(status="P1_DEPARTED"), facets(status="C1_REGISTERED")),
        (
            {"phase": ["P1_DEPARTED"], "destination": ["HK"]},
            facets(status="P1_DEPARTED", destination="HK"),
            facets(status="P1_DEPARTED", destination="MY"),
        ),
    ],
)
def test_a_filter_limits_what_is_sent_and_what_may_be_read(limit: Any, within: Facets, outside: Facets) -> None:
    chosen = a_routing({"filter": limit})
    assert not chosen.of_person(registered(facets=outside))
    assert chosen.of_person(registered(facets=within))
    assert not chosen.of_person(registered(facets=outside)), "the same routing asked again with another status"
    assert not chosen.reading("BPS", "a_test", outside).agreements
    assert chosen.reading("BPS", "a_test", within).agreements


def test_who_leaves_what_a_filter_lets_through_is_told_so() -> None:
    chosen = a_routing({"filter": {"phase": ["C1_REGISTERED"]}})
    gone = registered(facets=facets(status="P1_DEPARTED"), facets_before=facets())
    assert [share.left for share in chosen.of_person(gone)] == [("a-test/1",)]
    never = registered(facets=facets(status="P1_DEPARTED"), facets_before=facets(status="C4_PLACEMENT_AGREED"))
    assert chosen.of_person(never) == ()


def test_a_person_may_be_read_by_whom_an_agreement_covers() -> None:
    chosen = selection()
    assert chosen.reading("KAB-33.07", "local_services", facets()).names == ("home-regency/1",)
    assert not chosen.reading("KAB-33.07", "consular_protection", facets()).names
    assert not chosen.covering("KAB-33.01", facets())
    assert not chosen.covering("KEMLU", facets())


def test_what_stewards_see_is_nobodys_by_another_way() -> None:
    (stewards,) = selection().of_duplicates()["identity_stewardship"].agreements
    assert stewards.id == "identity-stewardship"
    for organisation in ("KP2MI", "KEMENDAGRI"):
        assert stewards not in selection().covering(organisation, facets())
        assert all(stewards not in share.grant.agreements for share in selection(organisation).of_person(registered()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"personal": {"mothers_name": "clear"}},
        {"personal": {"nik": "encrypted"}},
        {"facts": ["salary"]},
        {"events": ["registry.person.vanished.v1"]},
        {"receiver": {"organisation": "NOBODY"}},
        {"receiver": {"recipient": True, "owner": True}},
        {"receiver": {}},
        {"pseudonymised": True, "personal": {"full_name": "clear"}},
        {"pseudonymised": True, "personal": {"nik": "masked"}},
        {"valid_to": None},
        {"surprise": 1},
    ],
)
def test_an_agreement_that_cannot_be_kept_is_refused_at_the_start(wrong: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "agreements.json"
    file.write_text(json.dumps([GIVEN | wrong]))
    with pytest.raises(ValidationError):
        agreements.load(file)


def test_two_agreements_of_one_id_and_version_are_refused_and_two_versions_are_not(tmp_path: Path) -> None:
    file = tmp_path / "agreements.json"
    file.write_text(json.dumps([GIVEN, GIVEN | {"version": 2}]))
    assert [agreement.name for agreement in agreements.load(file)] == ["a-test/1", "a-test/2"]
    file.write_text(json.dumps([GIVEN, GIVEN | {"purpose": "another"}]))
    with pytest.raises(ValueError, match="same id and version"):
        agreements.load(file)


def test_without_an_agreement_for_alerts_nobody_gets_any() -> None:
    assert a_routing({}).of_alert(raised(recipients=("BPS",))) == ()


def test_the_statistics_office_gets_neither_name_nor_number() -> None:
    found = next(agreement for agreement in agreements.load(FILE) if agreement.id == "official-statistics")
    assert found.pseudonymised
    assert found.personal == {"nik": ("hashed",), "birth_date": ("year",), "sex": ("clear",)}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1", "********"), ("12345", "********"), ("12345678", "********"), ("123456789", "*****6789"),
        ("3307014512980001", "************0001"),
    ],
)  # fmt: skip
def test_of_a_masked_value_at_most_four_characters_are_shown_and_under_half(value: str, shown: str) -> None:
    assert in_form("phone", value, "masked", lambda *_: "") == shown


def test_each_form_hides_what_it_should() -> None:
    state = {
        "nik": "3307014512980001",
        "full_name": "Sulastri",
        "birth_date": "1998-12-05",
        "phone": "0812",
        "sex": "P",
    }
    forms = {
        "nik": "masked", "full_name": "hashed", "birth_date": "year", "phone": "masked",
        "address": "clear", "sex": ["clear", "masked"],
    }  # fmt: skip
    grant = Grant((Agreement.model_validate(GIVEN | {"personal": forms}),))
    assert grant.personal_given(state, {}, lambda field, value: f"hash of {field}") == {
        "masked": {"nik": "************0001", "phone": "********", "sex": "********"},
        "hashed": {"full_name": "hash of full_name"}, "year": {"birth_date": "1998"}, "clear": {"sex": "P"},
    }  # fmt: skip
