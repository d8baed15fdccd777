"""Birth dates: the same, a slip apart, as far as they are known."""

import numpy as np

from linkage.comparing.level_arrays import MISSING, Bools, Compare, Floats, Levels, nothing_told, started
from linkage.features import Dates, Ints

FAR, DIFFERENT, NEAR_YEAR, YEAR, TWO_PARTS, SLIP, SAME = range(1, 8)
"""Levels of birth dates."""

Sides = tuple[Ints, Ints]

GENERATION = 12
"""Years between two birth dates from which they are far apart."""


def births(dates: Dates) -> Compare:
    """The levels of birth dates. 1 January and 30 June stand for a day that is not known."""

    def compare(left: Ints, right: Ints) -> tuple[Levels, Floats]:
        return _levels(dates, left, right), nothing_told(len(left))

    return compare


def _levels(dates: Dates, left: Ints, right: Ints) -> Levels:
    years, months, days = ((part[left], part[right]) for part in (dates.year, dates.month, dates.day))
    apart = np.abs(years[0] - years[1])
    coarse = dates.coarse[left] | dates.coarse[right]
    levels = started(len(left), DIFFERENT)
    levels[apart >= GENERATION] = FAR
    levels[coarse & (apart <= 1)] = NEAR_YEAR
    levels[coarse & (apart == 0)] = YEAR
    _compare_months(levels, coarse & (apart == 0), months, days)
    agree = (apart == 0).astype(np.int8) + (months[0] == months[1]) + (days[0] == days[1])
    levels[~coarse & (agree == 2)] = TWO_PARTS
    levels[~coarse & _slipped(years, months, days, apart)] = SLIP
    levels[~coarse & (agree == 3)] = SAME
    levels[(years[0] == 0) | (years[1] == 0)] = MISSING
    return levels


def _compare_months(levels: Levels, same_year: Bools, months: Sides, days: Sides) -> None:
    """Months that are known without their days."""
    known = same_year & (months[0] > 0) & (months[1] > 0) & (days[0] == 0) & (days[1] == 0)
    levels[known & (months[0] != months[1])] = DIFFERENT
    levels[known & (months[0] == months[1])] = TWO_PARTS


def _slipped(years: Sides, months: Sides, days: Sides, apart: Ints) -> Bools:
    """Day and month exchanged; the next year, a decade or a century off, or its last digits turned; one digit of a day
    or month."""
    year, month, day = (side[0] == side[1] for side in (years, months, days))
    exchanged = year & (months[0] == days[1]) & (days[0] == months[1])
    turned = (years[0] // 100 == years[1] // 100) & (_turned(years[0]) == years[1] % 100)
    near = (apart <= 1) | ((apart % 10 == 0) & (apart <= 100)) | turned
    day_slip = year & month & (_digits_off(*days) == 1)
    month_slip = year & day & (_digits_off(*months) == 1)
    return np.asarray(exchanged | (month & day & near) | day_slip | month_slip)


def _turned(year: Ints) -> Ints:
    return np.asarray(year % 10 * 10 + year // 10 % 10)


def _digits_off(one: Ints, other: Ints) -> Ints:
    return np.asarray((one // 10 != other // 10).astype(np.int32) + (one % 10 != other % 10), dtype=np.int32)
