import re
from collections import Counter
from datetime import date
from importlib.resources import files

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from contracts.codes import destinations, legacy_regions, missions, regency_organisation, regions
from contracts.nik import check, decode
from contracts.registry import Isco, Kbli
from simulation.scenario.people import TODAY, make_nik, people

COUNT = 5000
MANY = people(COUNT, seed=1)
FOR_READERS = frozenset({"countries.csv"})
"""Its names never stand on a topic or in a log, which carry the codes alone."""


def test_the_same_seed_makes_the_same_people_and_another_seed_others() -> None:
    assert people(50, seed=7) == people(50, seed=7)
    assert people(50, seed=7) != people(50, seed=8)


@given(st.integers(0, 60), st.integers(0, 60), st.integers())
@settings(max_examples=20)
def test_a_longer_list_begins_with_the_shorter_one(one: int, other: int, seed: int) -> None:
    shorter, longer = sorted((one, other))
    assert people(longer, seed)[:shorter] == people(shorter, seed)


def test_no_two_share_a_number() -> None:
    for numbers in zip(*((person.nik, person.passport, person.phone) for person in MANY), strict=True):
        assert len(set(numbers)) == COUNT


def test_every_nik_is_sound_and_agrees_with_its_holder() -> None:
    for person in MANY:
        found = check(person.nik, birth_date=person.birth_date, sex=person.sex)
        assert found.flaws == ()
        assert set(found.warnings) <= {"nik_region_legacy"}


def test_no_number_can_be_a_real_persons() -> None:
    for person in MANY:
        assert decode(person.nik).district == "99"
        assert re.fullmatch(r"Z\d{7}", person.passport)
        assert re.fullmatch(r"\+6283[4-7]\d{7}", person.phone)


def test_phone_numbers_have_the_form_that_a_validating_partner_takes() -> None:
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(person.phone)) for person in MANY[:200])


@pytest.mark.parametrize("today", [TODAY, date(2028, 2, 29)])
def test_everybody_is_of_working_age(today: date) -> None:
    for person in people(2000, seed=3, today=today):
        birthday_passed = (today.month, today.day) >= (person.birth_date.month, person.birth_date.day)
        assert 18 <= today.year - person.birth_date.year - (not birthday_passed) <= 55


def test_about_one_in_seven_has_a_one_word_name() -> None:
    share = sum(" " not in person.full_name for person in MANY) / COUNT
    assert 0.12 < share < 0.18


def test_names_come_with_titles_and_spelling_variants() -> None:
    assert sum("." in person.full_name for person in MANY) > COUNT * 0.03
    assert sum(bool(person.aliases) for person in MANY) > COUNT * 0.2
    assert all(person.full_name not in person.aliases for person in MANY)


def test_most_come_from_a_regency_that_has_an_organisation() -> None:
    assert all(person.home_regency in regions() for person in MANY)
    homes = Counter(person.home_regency for person in MANY)
    with_organisation = sum(number for home, number in homes.items() if regency_organisation(home))
    assert with_organisation > COUNT * 0.85
    assert {code for code in regions() if code.startswith("33.")} <= homes.keys()


def test_some_numbers_are_of_another_regency_and_papuans_keep_the_codes_of_before_2022() -> None:
    moved = sum(decode(person.nik).region not in (person.home_regency, *legacy_regions()) for person in MANY)
    assert COUNT * 0.02 < moved < COUNT * 0.08
    assert all(decode(person.nik).region not in legacy_regions().values() for person in MANY)


def test_destinations_and_codes_fit_the_contracts() -> None:
    isco: TypeAdapter[str] = TypeAdapter(Isco)
    kbli: TypeAdapter[str] = TypeAdapter(Kbli)
    for person in MANY:
        isco.validate_python(person.occupation)
        kbli.validate_python(person.sector)
    going = Counter(person.destination for person in MANY)
    assert going.keys() <= destinations()
    assert set(going) == {"MY", "HK", "TW", "SG", "SA", "JP", "KR", "AE", "BN"}
    assert {country for country in going if not missions(country)} == {"BN"}


def test_own_company_placements_are_formal() -> None:
    assert all(person.formal for person in MANY if person.scheme == "ukps")
    assert {person.scheme for person in MANY} == {"g_to_g", "p_to_p", "ukps", "individual"}


def test_identifiers_hold_every_text_that_tells_who_it_is() -> None:
    person = next(person for person in MANY if person.aliases and len(person.full_name.split()) > 1)
    names = [person.full_name, person.mother_name, *person.aliases]
    national = person.phone.removeprefix("+62")
    expected = {*names, person.nik, person.passport, person.address, f"+62{national}", f"62{national}", f"0{national}"}
    words = {word for name in names for word in re.findall(r"[A-Za-z]+", name) if len(word) >= 5}
    assert person.identifiers() == expected | words


def test_everybody_can_be_recognised_by_a_word_that_stands_in_no_code_list() -> None:
    lists = files("contracts").joinpath("reference")
    coded = [item for item in lists.iterdir() if item.name.endswith(".csv") and item.name not in FOR_READERS]
    texts = [item.read_text(encoding="utf-8").lower() for item in coded]
    text = "\n".join(texts)
    found = {known for person in MANY[:1000] for known in person.identifiers() if known.lower() in text}
    assert found == set()


@pytest.mark.parametrize(("serial", "district"), [(0, 1), (10_000, 1), (1, 0), (1, 100)])
def test_a_serial_or_district_that_does_not_fit_its_digits_is_refused(serial: int, district: int) -> None:
    with pytest.raises(ValueError, match="serial"):
        make_nik("33.07", date(1998, 12, 5), "P", serial, district)
