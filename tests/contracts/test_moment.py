import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.model import MOMENT, MOMENT_FORM, Moment, Precision, date_precision, first_day, known_date

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
OFFSETS = st.integers(-12 * 60, 14 * 60)
AWARE = st.builds(
    lambda seconds, minutes: EPOCH.astimezone(timezone(timedelta(minutes=minutes))) + timedelta(seconds=seconds),
    st.floats(0, 10**9).map(lambda seconds: round(seconds, 6)),
    OFFSETS,
)


@given(
    st.one_of(st.from_regex(MOMENT_FORM, fullmatch=True), st.from_regex(MOMENT, fullmatch=True), st.text(max_size=12))
)
def test_the_form_in_the_schema_is_the_one_that_is_read(text: str) -> None:
    """But for digits that are none of ASCII, which no calendar date is made of."""
    if text.isascii():
        assert (re.fullmatch(MOMENT_FORM, text) is None) == (MOMENT.fullmatch(text) is None)


@pytest.mark.parametrize(
    ("text", "at", "until", "precision"),
    [
        ("2026-03-01T08:30:00+07:00", "2026-03-01T01:30:00Z", "2026-03-01T01:30:00Z", "instant"),
        ("2026-03-01T08:30Z", "2026-03-01T08:30:00Z", "2026-03-01T08:30:00Z", "instant"),
        ("2026-03-01T08:30:00.25Z", "2026-03-01T08:30:00.25Z", "2026-03-01T08:30:00.25Z", "instant"),
        ("2026-03-01", "2026-02-28T17:00:00Z", "2026-03-01T17:00:00Z", "day"),
        ("2026-03-01+09:00", "2026-02-28T15:00:00Z", "2026-03-01T15:00:00Z", "day"),
        ("2028-02", "2028-01-31T17:00:00Z", "2028-02-29T17:00:00Z", "month"),
        ("2026-12Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z", "month"),
        ("2026", "2025-12-31T17:00:00Z", "2026-12-31T17:00:00Z", "year"),
    ],
)
def test_a_coarse_date_is_the_first_instant_of_its_span(text: str, at: str, until: str, precision: str) -> None:
    moment = Moment.parse(text)
    assert moment.at == datetime.fromisoformat(at)
    assert moment.until == datetime.fromisoformat(until)
    assert moment.precision == precision


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-13", "2026-02-30", "2026-3-1", "2026-03-01T25:00Z", "2026-03-01T08:30:00+24:00",
     "01-03-2026", "2026-03-01 08:30", "2026-03-01T08:30:00+07:00 ", "0000",
     "2026\n", "0001-01-01T00:00+14:00", "0001", "9999-12-31T23:59-14:00"],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Moment.parse(text)


def test_without_an_offset_the_time_is_western_indonesian() -> None:
    assert Moment.parse("2026-03-01T08:30:00") == Moment.parse("2026-03-01T08:30:00+07:00")


@given(AWARE)
def test_an_instant_keeps_its_utc_time_to_the_millisecond_and_its_own_offset(at: datetime) -> None:
    moment = Moment.parse(at.isoformat())
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert moment.at == at
    assert moment.at.tzinfo == UTC
    assert moment.local.replace(tzinfo=None) == at.replace(tzinfo=None)


@given(AWARE, st.sampled_from(["%Y-%m-%d", "%Y-%m", "%Y"]))
def test_a_span_holds_every_instant_written_with_it(at: datetime, form: str) -> None:
    text = at.isoformat()
    moment = Moment.parse(at.strftime(form) + text[-6:])
    assert moment.at <= at < moment.until


def test_who_knows_less_of_a_time_comes_first_where_both_begin_together() -> None:
    texts = ["2026-01-01T00:00:00+07:00", "2026-01-01", "2026", "2026-01", "2025-12-31T23:59:59.999+07:00"]
    assert sorted(texts, key=lambda text: Moment.parse(text).order) == [
        texts[4],
        texts[2],
        texts[3],
        texts[1],
        texts[0],
    ]


@pytest.mark.parametrize(
    ("text", "precision", "day"),
    [
        ("1998", "year", date(1998, 1, 1)),
        ("1998-12", "month", date(1998, 12, 1)),
        ("1998-12-05", "day", date(1998, 12, 5)),
    ],
)
def test_a_date_is_as_precise_as_it_is_written(text: str, precision: Precision, day: date) -> None:
    assert (date_precision(text), first_day(text), known_date("1998-12-05", precision)) == (precision, day, text)


@pytest.mark.parametrize("text", ["", "98", "1998-13", "1998-02-30", "19981205", "1998-W01-1", "1998-12-05T00:00"])
def test_what_is_no_date_has_no_first_day(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        first_day(text)
