"""Comparison levels of birth dates."""

import numpy as np

from linkage.comparing.level_arrays import MISSING, Bools, Compare, Floats, Levels, no_rarity, same_level
from linkage.features import Dates, Ints

FAR, DIFFERENT, NEAR_YEAR, YEAR, TWO_PARTS, SLIP, SAME = range(1, 8)

GENERATION_YEARS = 12
"""Years between two birth dates from which they are FAR apart."""

_LeftRight = tuple[Ints, Ints]


def birth_dates(dates: Dates) -> Compare:
    """Compares birth dates. 1 January and 30 June stand for a day that is not known, so they agree by year at most."""

    def compare(left: Ints, right: Ints) -> tuple[Levels, Floats]:
        return _levels(dates, left, right), no_rarity(len(left))

    return compare


def _levels(dates: Dates, left: Ints, right: Ints) -> Levels:
    years, months, days = ((part[left], part[right]) for part in (dates.year, dates.month, dates.day))
    years_apart = np.abs(years[0] - years[1])
    coarse = dates.coarse[left] | dates.coarse[right]
    levels = same_level(len(left), DIFFERENT)
    levels[years_apart >= GENERATION_YEARS] = FAR
    levels[coarse & (years_apart <= 1)] = NEAR_YEAR
    levels[coarse & (years_apart == 0)] = YEAR
    _compare_months(levels, coarse & (years_apart == 0), months, days)
    parts_equal = (years_apart == 0).astype(np.int8) + (months[0] == months[1]) + (days[0] == days[1])
    levels[~coarse & (parts_equal == 2)] = TWO_PARTS
    levels[~coarse & _one_slip(years, months, days, years_apart)] = SLIP
    levels[~coarse & (parts_equal == 3)] = SAME
    levels[(years[0] == 0) | (years[1] == 0)] = MISSING
    return levels


def _compare_months(levels: Levels, same_year: Bools, months: _LeftRight, days: _LeftRight) -> None:
    """Dates of which both month and neither day is known."""
    months_only = same_year & (months[0] > 0) & (months[1] > 0) & (days[0] == 0) & (days[1] == 0)
    levels[months_only & (months[0] != months[1])] = DIFFERENT
    levels[months_only & (months[0] == months[1])] = TWO_PARTS


def _one_slip(years: _LeftRight, months: _LeftRight, days: _LeftRight, years_apart: Ints) -> Bools:
    """Day and month exchanged; the year one, a decade or a century off, or its last two digits exchanged; or one digit
    of the day or the month wrong."""
    year, month, day = (pair[0] == pair[1] for pair in (years, months, days))
    exchanged = year & (months[0] == days[1]) & (days[0] == months[1])
    digits_exchanged = (years[0] // 100 == years[1] // 100) & (_last_digits_exchanged(years[0]) == years[1] % 100)
    near = (years_apart <= 1) | ((years_apart % 10 == 0) & (years_apart <= 100)) | digits_exchanged
    day_slip = year & month & (_differing_digits(*days) == 1)
    month_slip = year & day & (_differing_digits(*months) == 1)
    return np.asarray(exchanged | (month & day & near) | day_slip | month_slip)


def _last_digits_exchanged(year: Ints) -> Ints:
    return np.asarray(year % 10 * 10 + year // 10 % 10)


def _differing_digits(left: Ints, right: Ints) -> Ints:
    return np.asarray((left // 10 != right // 10).astype(np.int32) + (left % 10 != right % 10), dtype=np.int32)
