"""Birth dates of a list: in one column, in three, or estimated from an age."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from linkage.lists.column_profile import date_part
from linkage.lists.table import MISSING_VALUES, Table, first_few
from linkage.people import Column
from linkage.values import dates

PARTS = ("birth_year", "birth_month", "birth_day")
_SHOWN = 20
_OLDEST = 130


@dataclass(frozen=True, slots=True)
class BirthDates:
    """A column of dates as YYYY-MM-DD, YYYY-MM or YYYY; "" for none.

    `unreadable` is the share of values that are no dates, `message` says which rows have them ("" where all are dates).
    """

    column: Column
    unreadable: float
    message: str = ""


def dates_in_one_column(table: Table, header: str, order: dates.Order | None, this_year: int) -> BirthDates:
    """Birth dates in one column. Without `order` they are read in the order in which most of them are dates."""
    values = table.column(header)
    order = order or dates.guess_order([date_part(value) for value in values]).order
    read = {value: _read(value, order, this_year) for value in set(values)}
    filled = sum(1 for value in values if value.lower() not in MISSING_VALUES)
    wrong = [n for n, value in enumerate(values) if read[value] is None]
    rows = first_few((f"{table.rows[n]} ({values[n]!r})" for n in wrong[:_SHOWN]), len(wrong), shown=_SHOWN)
    message = f"column {header!r}: {len(wrong):,} of {filled:,} values are no dates: rows {rows}" if wrong else ""
    column = Column("birth_date", header, [read[value] or "" for value in values])
    return BirthDates(column, len(wrong) / (filled or 1), message)


def dates_in_three_columns(table: Table, parts: Mapping[str, str], this_year: int) -> BirthDates:
    """Birth dates from their parts. `parts` maps birth_year, and birth_month and birth_day where there are such
    columns, to headers."""
    columns: list[Sequence[str]] = [table.column(parts[part]) if part in parts else [""] * len(table) for part in PARTS]
    read: dict[tuple[str, str, str], str | None] = {}
    values = []
    for year, month, day in zip(*columns, strict=True):
        if (year, month, day) not in read:
            read[year, month, day] = _read_parts(year, month, day, this_year)
        values.append(read[year, month, day])
    wrong = [n for n, value in enumerate(values) if value is None]
    name = "/".join(parts[part] for part in PARTS if part in parts)
    rows = first_few((table.rows[n] for n in wrong[:_SHOWN]), len(wrong), shown=_SHOWN)
    message = f"columns {name!r}: {len(wrong):,} are no dates: rows {rows}" if wrong else ""
    column = Column("birth_date", name, [value or "" for value in values])
    return BirthDates(column, len(wrong) / max(1, len(values)), message)


def years_from_ages(table: Table, header: str, this_year: int) -> BirthDates:
    """Birth years estimated from ages. Nobody knows when the age was asked, so they are often a year or more off."""
    years = [
        str(this_year - int(age)) if age.isdecimal() and int(age) < _OLDEST else "" for age in table.column(header)
    ]
    return BirthDates(Column("birth_date", header, years), 0.0)


def _read(value: str, order: dates.Order, this_year: int) -> str | None:
    """The date as YYYY-MM-DD, YYYY-MM or YYYY; "" for a missing value, None for a text that is no date."""
    if value.lower() in MISSING_VALUES:
        return ""
    date = dates.parse(date_part(value), order, today_year=this_year)
    return None if date is None else dates.iso(date)


def _read_parts(year: str, month: str, day: str, this_year: int) -> str | None:
    """The same of a date in parts. Months may be words and years have two digits; missing parts are not known."""
    if not year or year.lower() in MISSING_VALUES:
        return ""
    if not _is_present(month):
        return _read(year, "ymd", this_year) if len(year) == 4 else _read(f"{year}-00-00", "ymd", this_year)
    four_digits, two_digits = _four_digits(year, this_year), day.zfill(2) if _is_present(day) else "00"
    return _read(f"{four_digits}-{month.zfill(2)}-{two_digits}", "ymd", this_year)


def _is_present(text: str) -> bool:
    return bool(text.strip("0")) and text.lower() not in MISSING_VALUES


def _four_digits(year: str, this_year: int) -> str:
    if len(year) != 2 or not year.isdecimal():
        return year
    century = this_year // 100 * 100
    return str(century + int(year) - (100 if int(year) > this_year % 100 else 0))
