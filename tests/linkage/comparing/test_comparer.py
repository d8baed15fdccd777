"""Comparing: left and right are alike, and whoever takes over the other's value is not less alike for it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.comparing import Comparer, Comparisons
from linkage.feature_extraction import extract_features
from linkage.features import Ints
from linkage.judge_pairs import judge
from linkage.people import People, Role, from_rows
from linkage.scoring.deterministic_rules import apply_rules
from linkage.scoring.match_weights import score
from tests.linkage.samples import Row, aminah, listed, registry_model

WORDS = (
    "siti aminah aminh st muhammad m mohamad nur azizah nurazizah karso karsu soesanto susanto budi b wati ratnawati"
)
LETTERS = st.text("aeiknst019", max_size=3)
names = st.lists(st.sampled_from(WORDS.split()) | LETTERS, max_size=4).map(" ".join)


def one_of(*values: str) -> st.SearchStrategy[str]:
    """One of these, or none, or one with a character too many or too few."""
    return st.sampled_from(["", *values, *(value[:-1] for value in values), *(value + "1" for value in values)])


births = st.sampled_from(
    [
        "",
        "1990-05-12",
        "1990-12-05",
        "1990-05-13",
        "1991-05-12",
        "1909-05-12",
        "1990-01-01",
        "1990-05",
        "1990",
        "1974-02",
    ]
)
VALUES: dict[Role, st.SearchStrategy[str]] = {
    "full_name": names,
    "alias": names,
    "mother_name": names,
    "birth_date": births,
    "sex": st.sampled_from(["", "L", "P"]),
    "nik": one_of("3307995205900001", "3307995205900002", "9101995205900001", "330799520590"),
    "passport": one_of("Z1234567", "Z12"),
    "phone": one_of("083412345678", "83412345"),
    "email": one_of("siti@a.id", "siti.a@b.co", "sti@a.id"),
    "street": st.tuples(names, st.sampled_from(["", " 5", " No. 12a"])).map(lambda parts: "Jl. " + "".join(parts)),
    "house_number": st.sampled_from(["", "5", "12a"]),
    "village": one_of("Sukamaju", "Melati"),
    "district": one_of("Kalibawang", "Garung"),
    "regency": st.sampled_from(["", "91.01", "93.01", "Merauke", "Kota Bandung", "Bandung"]),
    "province": st.sampled_from(["", "Jawa Tengah", "Jateng", "Papua Selatan"]),
    "postcode": st.sampled_from(["", "56373", "56374"]),
    "other_id": one_of("AB1", "AB12", "KK-99-12"),
    "other_text": names,
}
APART: dict[Role, st.SearchStrategy[str]] = {"given_name": names, "surname": names}
whole: st.SearchStrategy[Row] = st.fixed_dictionaries(VALUES)
parted: st.SearchStrategy[Row] = st.fixed_dictionaries(VALUES | APART)
lists = st.lists(whole, min_size=2, max_size=12) | st.lists(parted, min_size=2, max_size=12)


def every_pair(people: People) -> tuple[Ints, Ints]:
    left, right = np.triu_indices(len(people), 1)
    return left.astype(np.int32), right.astype(np.int32)


def level(field: str, left: Row, right: Row) -> str:
    """The level of one field between two records."""
    comparer = Comparer(extract_features(listed(left, right)), registry_model().frequencies)
    compared = comparer.compare(np.array([0], dtype=np.int32), np.array([1], dtype=np.int32))
    spec = next(one for one in comparer.fields if one.name == field).spec
    return ("missing", *spec.levels)[int(compared.levels[field][0])]


@settings(max_examples=60, deadline=None)
@given(lists, st.booleans())
def test_left_and_right_may_change_places(rows: list[Row], counted_elsewhere: bool) -> None:
    people, model = listed(*rows), registry_model()
    comparer = Comparer(extract_features(people), model.frequencies if counted_elsewhere else None)
    left, right = every_pair(people)
    one, other = comparer.compare(left, right), comparer.compare(right, left)
    for field in one.levels:
        assert (one.levels[field] == other.levels[field]).all(), field
        assert one.rarity[field] == pytest.approx(other.rarity[field], abs=1e-3), field
    assert score(one, model).total == pytest.approx(score(other, model).total, abs=1e-2)
    assert (apply_rules(comparer, one, model) == apply_rules(comparer, other, model)).all()


# Names and aliases are compared crosswise: what agreed with the old value may not with the new.
ALONE = [role for role in VALUES if role not in ("full_name", "alias")]


@settings(max_examples=200, deadline=None)
@given(whole, whole, st.sampled_from(ALONE), st.booleans())
def test_a_value_of_the_other_never_lowers_the_weight(one: Row, other: Row, role: Role, back: bool) -> None:
    told, heard = (other, one) if back else (one, other)
    if told[role] and heard[role]:
        before = weight(one, other)
        after = weight(told, {**heard, role: told[role]})
        assert after >= before - 1e-2


@settings(max_examples=200, deadline=None)
@given(names.filter(bool), names.filter(bool), whole, whole)
def test_a_name_of_the_other_never_lowers_the_weight(name: str, other_name: str, one: Row, other: Row) -> None:
    one = {**one, "alias": "", "full_name": name}
    other = {**other, "alias": "", "full_name": other_name}
    assert weight(one, {**other, "full_name": name}) >= weight(one, other) - 1e-2


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS.split()), min_size=2, max_size=4), st.data())
def test_a_name_written_together_tells_no_more_than_its_words(words: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(words) - 2))
    apart, concatenate = " ".join(words), " ".join([*words[:at], words[at] + words[at + 1], *words[at + 2 :]])
    mixed = weight({"full_name": apart}, {"full_name": concatenate})
    assert all(weight({"full_name": name}, {"full_name": name}) >= mixed - 1e-2 for name in (apart, concatenate))


def weight(one: Row, other: Row) -> float:
    people = from_rows(["1", "2"], [one, other])
    at = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    return float(judge(people, *at, registry_model()).weight[0])


@settings(max_examples=60, deadline=None)
@given(lists)
def test_nothing_is_compared_that_one_of_two_lacks(rows: list[Row]) -> None:
    people = listed({}, *rows)
    compared: Comparisons = Comparer(extract_features(people)).compare(
        np.zeros(len(rows), dtype=np.int32), np.arange(1, len(rows) + 1, dtype=np.int32)
    )
    assert all((levels == 0).all() for levels in compared.levels.values())
    assert all((told == 0).all() for told in compared.rarity.values())


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("SITI AMINAH", "Siti Aminah binti Karso", "same"),
        ("Siti Aminah", "Aminah", "part"),
        ("St. Aminah", "Hj. Siti Aminah", "same"),
        ("Aminah", "Aminah", "same"),
        ("Karso Siti Aminah", "SITI AMINAH KARSO", "same"),
        ("Mochamad Soeharto", "Muhammad Suharto", "same"),
        ("M. Ridwan", "Muhammad Ridwan", "alike"),
        ("Nurazizah", "Nur Azizah", "alike"),
        ("Siti Aminah", "Siti Rukmini", "some words"),
        ("Budi Santoso", "Wayan Sudarta", "different"),
    ],
)
def test_indonesian_names_meet_however_they_are_written(one: str, other: str, expected: str) -> None:
    assert level("name", {"full_name": one}, {"full_name": other}) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("1990-05-12", "1990-05-12", "same"),
        ("1990-05-12", "1990-12-05", "slip"),
        ("1990-05-12", "1991-05-12", "slip"),
        ("1990-05-12", "1990-05-18", "slip"),
        ("1925-05-12", "2025-05-12", "slip"),
        ("1990-05-12", "1990-01-01", "year"),
        ("1990-05-12", "1991-06-30", "near year"),
        ("1990-05-12", "1990-05-23", "two parts"),
        ("1990-05-12", "1985-11-03", "different"),
        ("1990-05-12", "1960-11-03", "far apart"),
        ("1990-02-31", "1990-02-31", "same"),
    ],
)
def test_birth_dates_meet_a_slip_apart(one: str, other: str, expected: str) -> None:
    assert level("birth", {"birth_date": one}, {"birth_date": other}) == expected


def test_a_village_means_more_than_its_regency_and_less_than_the_house() -> None:
    village: Row = {"village": "Sukamaju", "regency": "Wonosobo"}
    assert level("address", {"regency": "Wonosobo"}, village) == "same regency"
    assert level("address", village, village) == "same village"
    assert level("address", aminah(), aminah(street="Jalan Melati no 5")) in ("same street", "same house")


def test_a_slip_of_the_number_that_repeats_the_birth_date_counts_once() -> None:
    slipped = aminah(nik="3307995205910001")
    assert level("nik", aminah(), slipped) == "slip"
    assert level("nik", aminah(), {**slipped, "birth_date": "1991-05-12"}) == "place slip"
