from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.values.dates import ORDERS, UNKNOWN, Date, Order, guess_order, iso, parse

orders = st.sampled_from(ORDERS)
births = st.dates(date(1900, 1, 1), date(2026, 12, 31))
parts = st.builds(Date, st.integers(0, 9999), st.integers(0, 99), st.integers(0, 99))
MAY_12 = Date(1990, 5, 12)


@given(parts, orders)
def test_what_is_written_is_read_again(when: Date, order: Order) -> None:
    assert parse(iso(when), order) == when


@given(births, orders)
def test_a_date_in_its_order_is_read(when: date, order: Order) -> None:
    written = {"dmy": "%d/%m/%Y", "mdy": "%m-%d-%Y", "ymd": "%Y%m%d"}[order]
    assert parse(when.strftime(written), order) == (when.year, when.month, when.day)


@pytest.mark.parametrize(
    "text",
    [
        "1990-05-12",
        "12/05/1990",
        "12.5.90",
        "12 - 05 - 1990",
        "19900512",
        "12051990",
        "120590",
        "12 Mei 1990",
        "Sabtu, 12 Mei 1990",
        "May 12, 1990",
        "12-Mei-90",
        "12th May 1990",
        "12 de mayo de 1990",
        "1990 May 12",
        "1990-05-12T00:00:00Z",
        "1990-05-12 00:00:00.000",
        "12/05/1990 0:00",
        "'12/05/1990",
        "19900512.0",
    ],
)
def test_one_day_in_many_ways(text: str) -> None:
    assert parse(text, "dmy") == MAY_12


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1990", Date(1990, 0, 0)),
        ("1990-05", Date(1990, 5, 0)),
        ("05/1990", Date(1990, 5, 0)),
        ("Mei 1990", Date(1990, 5, 0)),
        ("00/05/1990", Date(1990, 5, 0)),
        ("00/00/1990", Date(1990, 0, 0)),
        ("1990-00-00", Date(1990, 0, 0)),
    ],
)
def test_what_is_not_known_is_zero(text: str, expected: Date) -> None:
    assert parse(text, "dmy") == expected


@pytest.mark.parametrize("text", ["", " ", "-", "nan", "0000-00-00", "00/00/0000", "00000000", "tidak ada"])
def test_an_empty_date_is_unknown_rather_than_unreadable(text: str) -> None:
    assert parse(text, "dmy") == UNKNOWN


@pytest.mark.parametrize("text", ["abc", "12:30", "123", "1234567", "12/5", "5/6/7/8", "Aminah 12", "May"])
def test_what_is_no_date_is_unreadable(text: str) -> None:
    assert parse(text, "dmy") is None


def test_dates_outside_the_calendar_keep_their_parts() -> None:
    assert parse("1990-31-05", "ymd") == Date(1990, 31, 5)
    assert parse("19453102", "ymd") == Date(1945, 31, 2)
    assert parse("1945-02-31", "dmy") == Date(1945, 2, 31)
    assert parse("31/02/1990", "dmy") == Date(1990, 2, 31)
    assert iso(Date(1990, 31, 5)) == "1990-31-05"


def test_day_and_month_that_fit_only_the_other_way_round_are_taken_so() -> None:
    assert parse("05/31/1990", "dmy") == Date(1990, 5, 31)
    assert parse("31/05/1990", "mdy") == Date(1990, 5, 31)


def test_two_digit_years_are_past() -> None:
    assert parse("12/05/25", "dmy", today_year=2026) == Date(2025, 5, 12)
    assert parse("12/05/26", "dmy", today_year=2026) == Date(2026, 5, 12)
    assert parse("12/05/27", "dmy", today_year=2026) == Date(1927, 5, 12)


def test_spreadsheet_days_are_read_only_when_asked() -> None:
    assert parse("32874", "ymd") is None
    assert parse("32874", "ymd", serial=True) == Date(1990, 1, 1)


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["12/05/1990", "31/01/1990"], "dmy"),
        (["12/05/1990", "01/31/1990"], "mdy"),
        (["19900512", "19901231"], "ymd"),
        (["31121990", "05061990"], "dmy"),
        (["1990-05-12"], "ymd"),
        (["90/05/12", "85/12/31"], "ymd"),
        (["01/02/1990", "03/04/1990"], "dmy"),
    ],
)
def test_a_column_tells_its_order(values: list[str], order: Order) -> None:
    assert guess_order(values) == (order, 1.0)


def test_the_guess_says_how_much_it_explains() -> None:
    assert guess_order(["", "-"]).share == 0.0
    assert guess_order(["Siti", "Aminah", "12/05/1990", "13/05/1990", ""]).share == 0.5


@given(st.lists(births, min_size=30, max_size=60, unique=True), st.sampled_from(["%d.%m.%Y", "%m/%d/%Y", "%Y%m%d"]))
def test_a_column_of_real_dates_is_read_wholly(days: list[date], written: str) -> None:
    values = [day.strftime(written) for day in days]
    guess = guess_order(values)
    assert guess.share == 1.0
    if any(day.day > 12 for day in days):
        assert [parse(value, guess.order) for value in values] == [(day.year, day.month, day.day) for day in days]
