"""Columns become people: dates are dates, sexes are sexes, ids are ids."""

from collections.abc import Mapping, Sequence

import pytest

from linkage.lists.column_mapping import ColumnMapping, MappedColumn
from linkage.lists.header_meanings import Meaning
from linkage.lists.table import Unusable
from linkage.lists.to_people import ConvertedList, join_lists, to_people
from linkage.people import Role
from linkage.values.dates import Order
from tests.linkage.lists.samples import table

YEAR = 2026


def converted(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    uses: Mapping[str, Meaning | MappedColumn],
    *,
    id: str | None = None,  # noqa: A002  # as in the mapping
    by_user: bool = True,
) -> ConvertedList:
    columns = {header: use if isinstance(use, MappedColumn) else MappedColumn(use) for header, use in uses.items()}
    return to_people(table(headers, rows), ColumnMapping(id, columns, by_user), YEAR)


def values(found: ConvertedList, role: Role) -> list[str]:
    (column,) = found.people.of(role)
    return list(column.values)


def births(texts: Sequence[str], order: Order | None = None) -> ConvertedList:
    return converted(("x",), [(text,) for text in texts], {"x": MappedColumn("birth_date", order)})


def test_dates_are_read_in_the_order_of_their_column() -> None:
    assert values(births(["12/05/1990", "13/05/90", "", "1990"]), "birth_date") == [
        "1990-05-12",
        "1990-05-13",
        "",
        "1990",
    ]
    assert values(births(["12/05/1990", "01/02/1991"], "mdy"), "birth_date") == ["1990-12-05", "1991-01-02"]


def test_place_and_date_may_stand_in_one_cell() -> None:
    found = births(["Wonosobo, 12-05-1990", "Kab. Cilacap, 13-06-1991"])
    assert values(found, "birth_date") == ["1990-05-12", "1991-06-13"]


def test_a_few_unreadable_dates_are_told_by_row_and_count_as_missing() -> None:
    found = births(["12/05/1990"] * 30 + ["soon"])
    assert values(found, "birth_date")[-1] == ""
    assert "rows 32 ('soon'); these count as missing" in found.remarks[0]


def test_only_the_first_twenty_unreadable_dates_are_told() -> None:
    found = births(["12/05/1990"] * 400 + ["soon"] * 45)
    assert "45 of 445" in found.remarks[0]
    assert "and 25 more" in found.remarks[0]


def test_many_unreadable_dates_are_an_error_where_the_role_was_given() -> None:
    with pytest.raises(Unusable, match=r"list\.csv: column 'x': 2 of 3 values are no dates: rows 3 \('a'\), 4"):
        births(["12/05/1990", "a", "b"])


def test_many_unreadable_dates_withdraw_a_guess() -> None:
    found = converted(("x", "n"), [("a", "A"), ("b", "B")], {"x": "birth_date", "n": "full_name"}, by_user=False)
    assert [column.role for column in found.people.columns] == ["full_name"]
    assert "is not used" in found.remarks[0]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("1990", "5", "12"), "1990-05-12"),
        (("90", "05", "2"), "1990-05-02"),
        (("07", "5", ""), "2007-05"),
        (("1990", "", ""), "1990"),
        (("1990", "", "12"), "1990"),
        (("1990", "0", "0"), "1990"),
        (("1990", "Mei", "3"), "1990-05-03"),
        (("", "5", "12"), ""),
        (("nan", "5", "12"), ""),
    ],
)
def test_parts_of_a_date_are_joined(parts: tuple[str, str, str], expected: str) -> None:
    found = converted(("y", "m", "d"), [parts], {"y": "birth_year", "m": "birth_month", "d": "birth_day"})
    assert values(found, "birth_date") == [expected]


def test_a_day_without_a_year_is_refused() -> None:
    with pytest.raises(Unusable, match="'d' is a birth_day, and no column is a birth_year"):
        converted(("d",), [("1",)], {"d": "birth_day"})


def test_an_age_tells_the_year_unless_a_date_does() -> None:
    rows = [("36", "1990-05-12"), ("", "")]
    assert values(converted(("a", "b"), rows, {"a": "age"}), "birth_date") == ["1990", ""]
    assert values(converted(("a", "b"), rows, {"a": "age", "b": "birth_date"}), "birth_date") == ["1990-05-12", ""]


def test_codes_of_sex_become_ours() -> None:
    assert values(converted(("s",), [("1",), ("2",), ("",)], {"s": "sex"}), "sex") == ["L", "P", ""]


def test_what_programs_write_for_nothing_is_nothing_and_in_names_if_it_is_frequent() -> None:
    rows = [("Null", "NA", "NaN"), *[("Siti", "NA", "0834")] * 60, ("Siti", "Budi", "0835")]
    uses: Mapping[str, Meaning | MappedColumn] = {"one": "given_name", "two": "surname", "hp": "phone"}
    found = converted(("one", "two", "hp"), rows, uses)
    assert values(found, "given_name")[0] == "Null"
    assert set(values(found, "surname")) == {"", "Budi"}
    assert values(found, "phone")[0] == ""


def test_numbers_that_a_spreadsheet_rounded_are_told() -> None:
    found = converted(("n",), [("3.30701E+15",), ("3307995412900002",)], {"n": "nik"})
    assert "1 numbers were rounded" in found.remarks[0]


def test_a_postcode_before_the_town_is_taken_apart() -> None:
    found = converted(("v",), [("75011 Paris",), ("69001 Lyon",), ("Nice",)], {"v": "regency"})
    assert values(found, "regency") == ["Paris", "Lyon", "Nice"]
    assert values(found, "postcode") == ["75011", "69001", ""]


def test_ids_are_a_column_or_row_numbers() -> None:
    rows = [("r1", "A"), ("r2", "B")]
    assert list(converted(("i", "n"), rows, {"n": "full_name"}, id="i").people.ids) == ["r1", "r2"]
    assert list(converted(("i", "n"), rows, {"n": "full_name"}).people.ids) == ["2", "3"]


def test_double_and_empty_ids_are_refused_by_row() -> None:
    with pytest.raises(Unusable, match=r"the same id twice: rows 4 \('r1' as in row 2\)"):
        converted(("i", "n"), [("r1", "A"), ("r2", "B"), ("r1", "C")], {"n": "full_name"}, id="i")
    with pytest.raises(Unusable, match="rows 3 have no id"):
        converted(("i", "n"), [("r1", "A"), ("", "B")], {"n": "full_name"}, id="i")


def both(left: ConvertedList, right: ConvertedList, *uses: Mapping[str, MappedColumn]) -> ConvertedList:
    mappings = [ColumnMapping(None, columns, by_user=True) for columns in uses or ({}, {})]
    return join_lists(left, right, mappings)


def test_other_texts_are_compared_with_their_like() -> None:
    left = converted(
        ("n", "job", "born in"),
        [("A", "cook", "Solo")],
        {"n": "full_name", "job": "other_text", "born in": "other_text"},
    )
    right = converted(
        ("n", "p", "Job"), [("A", "Solo", "x")], {"n": "full_name", "p": "other_text", "Job": "other_text"}
    )
    found = both(left, right)
    assert [(c.name, list(c.values)) for c in found.people.of("other_text")] == [
        ("job", ["cook", "x"]),
        ("born in", ["Solo", "Solo"]),
    ]


def test_other_texts_without_their_like_are_left_out_unless_told() -> None:
    left = converted(("n", "x"), [("A", "cook")], {"n": "full_name", "x": "other_text"})
    right = converted(("n", "y"), [("A", "smith")], {"n": "full_name", "y": "other_text"})
    found = both(left, right)
    assert not list(found.people.of("other_text"))
    assert any("column 'x' (other_text): the other list has none like it" in remark for remark in found.remarks)
    told = both(left, right, {"x": MappedColumn("other_text", same_as="y")}, {"y": MappedColumn("other_text")})
    assert len(list(told.people.of("other_text"))) == 1


def test_lists_without_a_common_column_are_refused() -> None:
    with pytest.raises(Unusable, match="no column in common"):
        both(converted(("n",), [("A",)], {"n": "full_name"}), converted(("d",), [("1990",)], {"d": "birth_date"}))
