"""Facts of the domain that make good tests (domain.md, section 12), as the registry judges them at intake."""

import numpy as np
import pytest

from linkage.judge_pairs import Judgements, judge
from linkage.pipeline import link
from linkage.scoring.deterministic_rules import NO_RULE, SAME_NIK
from tests.linkage.samples import Row, aminah, crowd, listed, registry_model


def judged(one: Row, other: Row) -> Judgements:
    at = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    return judge(listed(one, other), *at, registry_model())


def surely(one: Row, other: Row) -> bool:
    """Whether the registry would take both for one without asking anybody."""
    found, thresholds = judged(one, other), registry_model().thresholds
    assert thresholds is not None
    return bool(found.certain()[0] or found.probability[0] >= thresholds.link)


def persons(*rows: Row) -> list[int]:
    """To whom the first rows belong, in a list of others."""
    return [int(number) for number in link(listed(*rows, *crowd(300))).clusters[: len(rows)]]


def test_a_woman_born_on_the_31st_has_71_in_her_nik_and_is_one_person() -> None:
    born = aminah(["passport", "phone"], birth_date="1998-12-31", nik="3307997112980001")
    assert judged(born, {**born, "full_name": "SITI AMINAH"}).rule[0] == SAME_NIK
    slipped = {**born, "nik": "3307993112980001", "full_name": "Siti Aminah", "mother_name": ""}
    assert surely(born, slipped)


@pytest.mark.parametrize("born", ["2025-05-12", "1925-05-12"])
def test_a_birth_year_of_two_digits_may_be_of_either_century(born: str) -> None:
    of_two_digits = aminah(["nik"], birth_date="25-05-12")
    assert surely(aminah(["nik"], birth_date=born), of_two_digits)


def test_a_day_that_no_calendar_has_is_compared_as_it_was_written() -> None:
    wrong = aminah(["nik", "passport"], birth_date="1990-02-31")
    assert judged(wrong, wrong).weight[0] > judged(wrong, {**wrong, "birth_date": "1990-02-17"}).weight[0]


def test_a_person_with_two_niks_in_old_systems_is_one() -> None:
    old = aminah(nik="3671995205900044", street="Jl. Anggrek 9", regency="Kota Tangerang")
    assert surely(aminah(), old)
    assert surely(aminah(["passport"]), {**old, "passport": ""})


def test_twins_with_neighbouring_serials_stay_two() -> None:
    m_twins = aminah(["passport", "email"], full_name="Siti Maryam Karso", nik="3307995205900002")
    assert not surely(aminah(), m_twins)
    one, other, again = persons(aminah(), m_twins, aminah(["phone", "passport"], full_name="SITI AMINAH"))
    assert one == again != other


def test_husband_and_wife_who_share_a_family_card_stay_two() -> None:
    card: Row = {"other_id": "3307991201100007"}
    husband = aminah(
        ["passport", "email"],
        full_name="Bambang Karso",
        mother_name="Sri Rahayu",
        birth_date="1987-03-02",
        sex="L",
        nik="3307990203870001",
    )
    assert not surely(aminah(["email"]), husband)
    shared = [{**row, "other_id": f"KK{n // 3:07}"} for n, row in enumerate(crowd(300))]
    found = link(listed({**aminah(), **card}, {**husband, **card}, *shared))
    assert found.clusters[0] != found.clusters[1]


def test_mother_and_daughter_in_one_house_stay_two() -> None:
    daughter = aminah(
        ["passport", "email"], full_name="Siti Aisyah", mother_name="Siti Aminah", birth_date="2012-08-03"
    )
    assert not surely(aminah(), {**daughter, "nik": "3307994308120001"})


def test_people_of_one_word_names_are_found_and_kept_apart() -> None:
    sukarno = aminah(full_name="Sukarno", sex="L", nik="3307991205900001")
    again = {**sukarno, "phone": "", "street": "", "nik": ""}
    other = {**sukarno, "nik": "3307990311850003", "passport": "Z7777777", "birth_date": "1985-11-03", "phone": ""}
    assert surely(sukarno, again)
    assert not surely(sukarno, {**other, "mother_name": "Endang", "email": "", "street": ""})


@pytest.mark.parametrize("name", ["KARSO SITI AMINAH", "Aminah Karso, Siti", "SITI AMINAH", "AMINAH SITI"])
def test_the_order_of_names_in_a_passport_is_no_difference(name: str) -> None:
    assert surely(aminah(), aminah(["nik", "email", "street"], full_name=name))


@pytest.mark.parametrize("other", ["93.01", "Kabupaten Merauke", "MERAUKE"])
def test_91_01_and_93_01_are_one_place(other: str) -> None:
    assert weight_of_regency("91.01", other) == weight_of_regency("93.01", "93.01")


def test_a_nik_issued_before_papua_was_recoded_is_that_of_one_person() -> None:
    before = aminah(nik="9101995205900001", regency="91.01")
    assert surely(before, {**before, "nik": "9301995205900001", "regency": "93.01", "passport": ""})


@pytest.mark.parametrize("other", ["Bone", "Kabupaten Bone", "73.08"])
def test_7308_of_the_statisticians_does_not_become_bone(other: str) -> None:
    assert weight_of_regency("7308", other) < weight_of_regency("Bone", other)


def weight_of_regency(one: str, other: str) -> float:
    """Bits that a name and two regencies weigh."""
    rows: list[Row] = [{"full_name": "Siti Aminah", "regency": regency} for regency in (one, other)]
    return round(float(judged(*rows).weight[0]), 2)


def test_a_passport_renewed_abroad_is_of_the_same_person() -> None:
    renewed = aminah(["nik"], passport="Z9876543", phone="+60123456789", street="", regency="")
    found = judged(aminah(), renewed)
    assert found.rule[0] == NO_RULE
    assert surely(aminah(), {**renewed, "email": aminah()["email"]})
    one, other = persons(aminah(), renewed)
    assert one == other


def test_a_travel_letter_used_for_return_is_of_the_same_person() -> None:
    letter = aminah(["nik", "phone", "email"], passport="SPLP123456", street="", regency="")
    one, other = persons(aminah(), letter)
    assert one == other


def test_three_ways_to_write_a_woman_are_one_person() -> None:
    company: Row = {**aminah(["mother_name", "email", "street"]), "full_name": "SITI AMINAH"}
    mission: Row = {**aminah(["nik", "street", "email"]), "full_name": "Siti Aminah binti Karso"}
    village: Row = {**aminah(["passport", "email"]), "full_name": "Aminah", "nik": "3307995205900091"}
    assert surely(company, mission)
    assert surely(company, village)
    assert surely(mission, village)
