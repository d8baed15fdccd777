"""Columns are known by header and values, whatever the country, and what tells nothing gets no role."""

from random import Random

import pytest

from linkage.lists.column_detection import DetectedColumn, detect_columns
from linkage.lists.column_profile import masked, sexes
from linkage.lists.repeated_codes import marks_one_person
from linkage.lists.table import Table
from simulation.population.generate import population
from simulation.population.locales import CODES, TRUTH, make
from tests.linkage.lists.columns import LISTS
from tests.linkage.lists.samples import sample, table


def name(number: int) -> str:
    """A name for each number."""
    syllables = ("ba", "di", "ka", "lo", "mi", "no", "ra", "si", "tu", "we")
    one, two, three = (syllables[number // step % 10] for step in (100, 10, 1))
    return f"{one}{two}{three} {three}{one}{two}".title()


def meanings(table: Table, truth: str | None = None) -> dict[str, str]:
    return {one.header: one.meaning for one in detect_columns([table], truth)[0]}


@pytest.mark.parametrize("name", LISTS)
def test_columns_are_known(name: str) -> None:
    locale, columns = LISTS[name]
    found = meanings(sample(locale, {header: kind for header, (kind, _) in columns.items()}))
    assert found == {header: meaning for header, (_, meaning) in columns.items()}


@pytest.mark.parametrize("code", CODES)
def test_lists_of_other_countries_have_a_name_and_never_use_the_truth(code: str) -> None:
    tables = [table(made.header, made.rows) for made in make(code, 600, seed=3)]
    for found in detect_columns(tables, TRUTH):
        by_role = {one.meaning for one in found}
        assert by_role & {"full_name", "surname"}
        assert by_role & {"birth_date", "birth_year"}
        assert [one.header for one in found if one.meaning == "truth"] == [TRUTH]


def test_our_own_populations_are_known_whole() -> None:
    made = population(400, "medium", seed=3)
    found = detect_columns([table(made.header, made.rows)])[0]
    assert {one.meaning for one in found} >= {
        "id", "full_name", "alias", "mother_name", "birth_date", "sex", "street", "village", "district", "regency",
        "province", "postcode", "phone", "email", "nik", "passport",
    }  # fmt: skip


def test_the_order_of_dates_is_found_per_column() -> None:
    for kind, order in (("dmy", "dmy"), ("mdy", "mdy"), ("Ymd", "ymd"), ("dmy2", "dmy")):
        found = detect_columns([sample("en_US", {"name": "full", "dob": kind})])[0]
        assert (found[1].meaning, found[1].order) == ("birth_date", order)


def test_only_the_oldest_dates_are_births_where_no_header_tells() -> None:
    assert meanings(sample("en_US", {"a": "full", "b": "ymd", "c": "this year"})) == {
        "a": "full_name",
        "b": "birth_date",
        "c": "nothing",
    }


def test_parts_of_a_date_beside_a_date_are_of_no_use() -> None:
    found = meanings(sample("en_US", {"name": "full", "dob": "ymd", "yob": "year", "birth month": "month"}))
    assert found == {"name": "full_name", "dob": "birth_date", "yob": "nothing", "birth month": "nothing"}


def test_a_code_is_an_id_only_if_it_comes_back_with_the_same_person() -> None:
    rng = Random(4)
    people = [(name(n), f"19{n % 90 + 10}-01-02", f"K{n:05}") for n in range(150)]
    twice = [(*person, f"B{rng.randrange(200):04}") for person in (*people, *people[:60])]
    found = meanings(table(("who", "when", "code", "lot"), twice))
    assert (found["code"], found["lot"]) == ("other_id", "nothing")


def test_a_number_of_each_record_is_no_evidence_within_one_list() -> None:
    rows = [(f"r{n}", name(n), f"{n}21") for n in range(50)]
    assert meanings(table(("id", "name", "ssn"), rows))["ssn"] == "nothing"
    both = detect_columns([table(("id", "name", "ssn"), rows), table(("id", "name", "ssn"), rows)])
    assert [found[2].meaning for found in both] == ["other_id", "other_id"]


def test_a_code_that_both_lists_have_for_the_same_people_is_an_id() -> None:
    first = [(name(n), f"K{n:05}") for n in range(100)]
    second = [(f"{n}7", name(n), f"K{n:05}") for n in range(40, 140)]
    one, other = detect_columns([table(("name", "x"), first), table(("row", "nama", "z"), second)])
    assert [found.meaning for found in one] == ["full_name", "other_id"]
    assert [found.meaning for found in other] == ["id", "full_name", "other_id"]


def test_numbers_that_two_lists_share_by_chance_are_no_id() -> None:
    first = table(("x", "name"), [(f"{n:05}", name(n)) for n in range(100)])
    second = table(("z", "name"), [(f"{n:05}", name(n + 500)) for n in range(100)])
    assert not marks_one_person((first, second), ("x", "z"))


def test_a_truth_under_another_name_is_not_used() -> None:
    rows = [(name(n // 2), f"P{n // 2}", f"G{n // 2}") for n in range(200)]
    found = meanings(table(("name", "person", "gruppe"), rows), truth="gruppe")
    assert found == {"name": "full_name", "person": "nothing", "gruppe": "truth"}


def test_a_truth_that_differs_in_every_record_is_an_id() -> None:
    rows = [(f"E{n}", name(n), f"r{n}") for n in range(50)]
    assert meanings(table(("EnterpriseID", "name"), [row[:2] for row in rows]))["EnterpriseID"] == "id"
    assert meanings(table(("EnterpriseID", "name", "rec_id"), rows)) == {
        "EnterpriseID": "nothing",
        "name": "full_name",
        "rec_id": "id",
    }


def test_an_empty_column_and_a_short_list_are_no_trouble() -> None:
    assert meanings(table(("name", "nik"), [("Siti", "")])) == {"name": "full_name", "nik": "nothing"}


def test_examples_show_shapes_and_no_values() -> None:
    assert masked("Siti Aminah, 12-05-1990") == "Aaaa Aaaaaa, 99-99-9999"
    for one in detect_columns([sample("id_ID", {"nama": "full", "nik": "nik"})])[0]:
        assert isinstance(one, DetectedColumn)
        assert set("".join(one.examples)) <= set("Aa9 .'-…")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("M", "F", ""), {"M": "L", "F": "P"}),
        (("H", "M"), {"H": "L", "M": "P"}),
        (("m", "w"), {"m": "L", "w": "P"}),
        (("1", "2", "0"), {"1": "L", "2": "P"}),
        (("M",), {"M": "L"}),
        (("1",), {}),
        (("Mr.", "Mrs.", "Dr."), {"Mr.": "L", "Mrs.": "P"}),
        (("Laki-laki", "perempuan", "?"), {"Laki-laki": "L", "perempuan": "P"}),
        (("red", "blue"), {}),
    ],
)
def test_codes_of_sex_are_told_from_each_other(values: tuple[str, ...], expected: dict[str, str]) -> None:
    assert sexes(values) == expected
