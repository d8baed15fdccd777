"""Who gets what: selection by facets now and before, and the form of each field."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.registry import Facets, IdentityConfirmed, PersonEvent
from services.gateway.domain import agreements
from services.gateway.domain.agreements import FILE, Agreement, Recipient, Routing, personal_part
from tests.gateway.exchange.samples import absorbed, departed, facets, merged, raised, registered, selection, unmerged

GIVEN: dict[str, Any] = {
    "id": "a-test", "version": 1, "receiver": {"organisation": "BPS"}, "purpose": "a_test", "base": "public_task",
    "law": "UU 16/1997", "events": ["registry.person.registered.v1"],
    "valid_from": "2026-01-01", "valid_to": "2026-12-31",
}  # fmt: skip


def receivers(shares: tuple[Recipient, ...]) -> dict[str, str]:
    return {share.receiver: share.agreement.id for share in shares}


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
    found = {share.receiver: share.left_area for share in selection("KBRI_KUL", "KJRI_HKG", "BPS").of_person(event)}
    assert found == {"KBRI_KUL": True, "KJRI_HKG": False, "BPS": False}


EVERYBODY = ("KBRI_KUL", "KJRI_HKG", "KAB-33.07", "BPS", "KP2MI")


def told(event: PersonEvent) -> dict[str, bool]:
    """Who is told, and whether it is that the person left its area."""
    return {share.receiver: share.left_area for share in selection(*EVERYBODY).of_person(event)}


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


def test_an_alert_goes_to_those_told_and_connected() -> None:
    found = selection("KEMLU", "BPS", "KBRI_KUL").of_alert(raised().type, raised().recipients)
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
        ({"status": ["P1_DEPARTED"]}, facets(status="P1_DEPARTED"), facets(status="C1_REGISTERED")),
        (
            {"status": ["P1_DEPARTED"], "destination": ["HK"]},
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
    assert chosen.covering("BPS", outside) is None
    assert chosen.covering("BPS", within) is not None


def test_who_leaves_what_a_filter_lets_through_is_told_so() -> None:
    chosen = a_routing({"filter": {"status": ["C1_REGISTERED"]}})
    gone = registered(facets=facets(status="P1_DEPARTED"), facets_before=facets())
    assert [share.left_area for share in chosen.of_person(gone)] == [True]
    never = registered(facets=facets(status="P1_DEPARTED"), facets_before=facets(status="C4_PLACEMENT_AGREED"))
    assert chosen.of_person(never) == ()


def test_of_two_agreements_that_cover_a_receiver_the_first_counts() -> None:
    chosen = a_routing({"id": "a-first"}, {"id": "a-second"})
    assert receivers(chosen.of_person(registered())) == {"BPS": "a-first"}
    lost = a_routing(*({"id": name, "filter": {"destination": ["HK"]}} for name in ("a-first", "a-second")))
    assert receivers(lost.of_person(registered(facets_before=facets(destination="HK")))) == {"BPS": "a-first"}
    covering = chosen.covering("BPS", facets())
    assert covering is not None
    assert covering.id == "a-first"


def test_a_person_may_be_read_by_whom_an_agreement_covers() -> None:
    chosen = selection()
    covering = chosen.covering("KAB-33.07", facets())
    assert covering is not None
    assert covering.id == "home-regency"
    assert chosen.covering("KAB-33.01", facets()) is None
    assert chosen.covering("KEMLU", facets()) is None


def test_what_stewards_see_is_nobodys_by_another_way() -> None:
    stewards = selection().of_duplicates()
    assert stewards is not None
    assert stewards.id == "identity-stewardship"
    for organisation in ("KP2MI", "KEMENDAGRI"):
        assert selection().covering(organisation, facets()) != stewards
        assert all(share.agreement != stewards for share in selection(organisation).of_person(registered()))


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
    assert a_routing({}).of_alert(raised().type, ["BPS"]) == ()


def test_the_statistics_office_gets_neither_name_nor_number() -> None:
    found = next(agreement for agreement in agreements.load(FILE) if agreement.id == "official-statistics")
    assert found.pseudonymised
    assert found.personal == {"nik": "hashed", "birth_date": "year", "sex": "clear"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1", "********"), ("12345", "********"), ("12345678", "********"), ("123456789", "*****6789"),
        ("3307014512980001", "************0001"),
    ],
)  # fmt: skip
def test_of_a_masked_value_at_most_four_characters_are_shown_and_under_half(value: str, shown: str) -> None:
    assert personal_part({"phone": value}, {"phone": "masked"}, lambda *_: "") == {"phone": shown}


def test_each_form_hides_what_it_should() -> None:
    state = {
        "nik": "3307014512980001",
        "full_name": "Sulastri",
        "birth_date": "1998-12-05",
        "phone": "0812",
        "sex": "P",
    }
    forms: dict[str, agreements.Form] = {
        "nik": "masked", "full_name": "hashed", "birth_date": "year", "phone": "masked",
        "address": "clear", "sex": "clear",
    }  # fmt: skip
    assert personal_part(state, forms, lambda field, value: f"hash of {field}") == {
        "nik": "************0001", "full_name": "hash of full_name", "birth_date": "1998",
        "phone": "********", "sex": "P",
    }  # fmt: skip
