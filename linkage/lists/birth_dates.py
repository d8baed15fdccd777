"""Birth dates of a list: written whole, in three columns, or told by an age."""

from collections.abc import Mapping
from dataclasses import dataclass

from linkage.lists.column_profile import date_in
from linkage.lists.table import NOTHING, Table, some
from linkage.people import Column
from linkage.values import dates

PARTS = ("birth_year", "birth_month", "birth_day")
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Births:
    """Dates as YYYY-MM-DD, YYYY-MM or YYYY; "" for none. `bad` is the share of values that are no date, `told` says
    which rows have them."""

    column: Column
    bad: float
    told: str = ""


def whole(table: Table, header: str, order: dates.Order | None, this_year: int) -> Births:
    """A column of dates; in the order that makes most of them dates, unless told."""
    values = table.column(header)
    order = order or dates.guess_order([date_in(value) for value in values]).order
    read = {value: _read(value, order, this_year) for value in set(values)}
    filled = sum(1 for value in values if value.lower() not in NOTHING)
    bad = [n for n, value in enumerate(values) if read[value] is None]
    rows = some((f"{table.rows[n]} ({values[n]!r})" for n in bad[:_SHOWN]), len(bad), shown=_SHOWN)
    told = f"column {header!r}: {len(bad):,} of {filled:,} values are no dates: rows {rows}" if bad else ""
    return Births(Column("birth_date", header, [read[value] or "" for value in values]), len(bad) / (filled or 1), told)


def joined(table: Table, parts: Mapping[str, str], this_year: int) -> Births:
    """A date of its parts: `parts` has the header for birth_year, and for birth_month and birth_day where there are
    such columns."""
    columns = [table.column(parts[part]) if part in parts else [""] * len(table) for part in PARTS]
    known: dict[tuple[str, str, str], str | None] = {}
    values = []
    for year, month, day in zip(*columns, strict=True):
        if (year, month, day) not in known:
            known[year, month, day] = _together(year, month, day, this_year)
        values.append(known[year, month, day])
    bad = [n for n, value in enumerate(values) if value is None]
    name = "/".join(parts[part] for part in PARTS if part in parts)
    rows = some((table.rows[n] for n in bad[:_SHOWN]), len(bad), shown=_SHOWN)
    told = f"columns {name!r}: {len(bad):,} are no dates: rows {rows}" if bad else ""
    return Births(Column("birth_date", name, [value or "" for value in values]), len(bad) / max(1, len(values)), told)


def from_age(table: Table, header: str, this_year: int) -> Births:
    """The year of birth by an age; nobody knows when it was asked, so it is a year off at best."""
    years = [
        str(this_year - int(text)) if text.isdecimal() and int(text) < 130 else "" for text in table.column(header)
    ]
    return Births(Column("birth_date", header, years), 0.0)


def _read(value: str, order: dates.Order, this_year: int) -> str | None:
    if value.lower() in NOTHING:
        return ""
    found = dates.parse(date_in(value), order, today_year=this_year)
    return None if found is None else dates.iso(found)


def _together(year: str, month: str, day: str, this_year: int) -> str | None:
    """Missing parts stay unknown; None where what is there is no date. Months may be words, years two digits."""
    if not year or year.lower() in NOTHING:
        return ""
    if not _there(month):
        return _read(year, "ymd", this_year) if len(year) == 4 else _read(f"{year}-00-00", "ymd", this_year)
    return _read(
        f"{_padded(year, this_year)}-{month.zfill(2)}-{day.zfill(2) if _there(day) else '00'}", "ymd", this_year
    )


def _there(text: str) -> bool:
    return bool(text.strip("0")) and text.lower() not in NOTHING


def _padded(year: str, this_year: int) -> str:
    if len(year) != 2 or not year.isdecimal():
        return year
    century = this_year // 100 * 100
    return str(century + int(year) - (100 if int(year) > this_year % 100 else 0))
