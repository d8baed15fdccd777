"""Reads dates as lists write them: in any order, with two-digit years, month names, or parts that are not known."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple, get_args

from linkage.values.text_folding import fold, is_missing

Order = Literal["dmy", "mdy", "ymd"]
ORDERS: tuple[Order, ...] = get_args(Order)

_SAMPLE = 10_000
_EARLIEST, _LATEST = 1800, 2100
_SPREADSHEET_EPOCH = date(1899, 12, 30)
_SERIALS = range(10_000, 75_000)


class Date(NamedTuple):
    """A date by part, 0 for a part that is not known. It need not be in the calendar: 31 February is kept."""

    year: int
    month: int
    day: int


class OrderGuess(NamedTuple):
    """The order in which most values are dates of the calendar, and the share of all values that are."""

    order: Order
    share: float


UNKNOWN = Date(0, 0, 0)

_TIME = re.compile(r"(?<=\d)(?:t|[ ,]+)\d{1,2}[:.]\d{2}(?:[:.]\d{2})?[^/]*$")
_PARTED = re.compile(r"(\d{1,4})\s*[-/. ,]\s*(\d{1,2})\s*[-/. ,]\s*(\d{1,4})\.?")
_TWO_PARTS = re.compile(r"(\d{4})[-/. ](\d{1,2})|(\d{1,2})[-/. ](\d{4})")
_DIGITS = re.compile(r"\d+(?=(?:\.0+)?$)")
_NUMBER = re.compile(r"\d+")
_LETTERS = re.compile(r"[a-z]{3,}")

# The beginnings of Indonesian, English, Spanish, French, Portuguese, Italian, German and Dutch months.
_MONTHS = {
    start: month
    for month, starts in enumerate(
        (
            ("jan", "ene", "gen"),
            ("feb", "peb", "fev"),
            ("mar", "mrt", "maer"),
            ("apr", "abr", "avr"),
            ("mei", "may", "mai", "mag"),
            ("jun", "juin", "giu"),
            ("jul", "juil", "lug"),
            ("agu", "aug", "ago", "agt", "ags", "aou"),
            ("sep", "set"),
            ("okt", "oct", "ott", "out"),
            ("nov", "nop"),
            ("des", "dec", "dez", "dic"),
        ),
        start=1,
    )
    for start in starts
}


def parse(text: str, order: Order, *, today_year: int = 2026, serial: bool = False) -> Date | None:
    """The date that a text states; `UNKNOWN` for a missing value, None where the text is no date.

    A leading year of four digits goes before `order`. Day and month are exchanged where they only fit that way, except
    after a leading year. Two-digit years up to that of `today_year` are of its century, later ones of the century
    before. `serial`: numbers of five digits are a spreadsheet's days since 1900.
    """
    return _read(text, order, today_year=today_year, serial=serial, strict=False)


def guess_order(values: Sequence[str]) -> OrderGuess:
    """The order of a column of dates, day first where both could be. The share is of the values that are not
    missing."""
    sample = [value for value in values[:: 1 + len(values) // _SAMPLE] if not is_missing(fold(value))]
    if not sample:
        return OrderGuess("dmy", 0.0)
    valid = {order: sum(_is_valid(_read_strictly(value, order)) for value in sample) for order in ORDERS}
    year_first = sum(_year_first(value) for value in sample) * 2 > len(sample)
    preferred: tuple[Order, ...] = ("ymd", "dmy", "mdy") if year_first else ("dmy", "mdy", "ymd")
    order = max(preferred, key=lambda candidate: valid[candidate])
    return OrderGuess(order, valid[order] / len(sample))


def iso(when: Date) -> str:
    """YYYY-MM-DD, YYYY-MM or YYYY as far as the date is known, "" if it is not; an unknown part before a known one is
    00."""
    if when.day:
        return f"{when.year:04}-{when.month:02}-{when.day:02}"
    if when.month:
        return f"{when.year:04}-{when.month:02}"
    return f"{when.year:04}" if when.year else ""


def _read_strictly(text: str, order: Order) -> Date | None:
    return _read(text, order, today_year=2026, serial=False, strict=True)


def _read(text: str, order: Order, *, today_year: int, serial: bool, strict: bool) -> Date | None:
    folded = fold(text).strip().lstrip("'")
    if is_missing(folded):
        return UNKNOWN
    written = _TIME.sub("", folded)
    if digits := _DIGITS.match(written):
        return _from_digits(digits[0], order, today_year, serial=serial, strict=strict)
    if parted := _PARTED.fullmatch(written):
        return _from_parts(parted[1], parted[2], parted[3], order, today_year, strict=strict)
    if two := _TWO_PARTS.fullmatch(written):
        return Date(int(two[1] or two[4]), int(two[2] or two[3]), 0)
    return _from_words(written, today_year)


def _from_parts(first: str, second: str, third: str, order: Order, today_year: int, *, strict: bool) -> Date | None:
    if len(first) > 2:
        return Date(int(first), int(second), int(third)) if len(first) == 4 and len(third) < 3 else None
    if len(third) == 3 or (order == "ymd" and len(third) == 4 and strict):
        return None
    if order == "ymd" and len(third) < 3:
        return Date(_year(first, today_year), int(second), int(third))
    day, month = (second, first) if order == "mdy" else (first, second)
    return _in_order(Date(_year(third, today_year), int(month), int(day)), strict=strict)


def _in_order(read: Date, *, strict: bool) -> Date:
    """Exchanges day and month where they fit only that way."""
    if not strict and read.month > 12 >= read.day > 0:
        return Date(read.year, read.day, read.month)
    return read


def _from_digits(digits: str, order: Order, today_year: int, *, serial: bool, strict: bool) -> Date | None:
    match len(digits):
        case 8:
            return _from_eight(digits, order, strict=strict)
        case 6:
            return _from_six(digits, order, today_year)
        case 5 if serial and int(digits) in _SERIALS:
            when = _SPREADSHEET_EPOCH + timedelta(days=int(digits))
            return Date(when.year, when.month, when.day)
        case 4:
            return Date(int(digits), 0, 0)
        case _:
            return None


def _from_eight(digits: str, order: Order, *, strict: bool) -> Date:
    readings = {
        "ymd": Date(int(digits[:4]), int(digits[4:6]), int(digits[6:])),
        "dmy": Date(int(digits[4:]), int(digits[2:4]), int(digits[:2])),
        "mdy": Date(int(digits[4:]), int(digits[:2]), int(digits[2:4])),
    }
    wanted = readings[order]
    if strict or _is_valid(wanted) or (order == "ymd" and _EARLIEST <= wanted.year <= _LATEST):
        return wanted
    return next((reading for reading in readings.values() if _is_valid(reading)), wanted)


def _from_six(digits: str, order: Order, today_year: int) -> Date | None:
    a, b, c = digits[:2], digits[2:4], digits[4:]
    year, month, day = {"ymd": (a, b, c), "dmy": (c, b, a), "mdy": (c, a, b)}[order]
    read = Date(_year(year, today_year), int(month), int(day))
    by_month = Date(int(digits[:4]), int(c), 0)
    return by_month if not _is_valid(read) and _is_valid(by_month) else read


def _from_words(written: str, today_year: int) -> Date | None:
    month = next((number for word in _LETTERS.findall(written) if (number := _month(word))), 0)
    numbers = _NUMBER.findall(written)
    if not month or not 1 <= len(numbers) <= 2 or any(len(number) not in (1, 2, 4) for number in numbers):
        return None
    if len(numbers) == 1:
        return Date(_year(numbers[0], today_year), month, 0)
    day, year = reversed(numbers) if len(numbers[0]) == 4 else numbers
    return Date(_year(year, today_year), month, int(day)) if len(day) < 3 else None


def _month(word: str) -> int:
    return _MONTHS.get(word[:4]) or _MONTHS.get(word[:3], 0)


def _year(digits: str, today_year: int) -> int:
    if len(digits) > 2:
        return int(digits)
    century = today_year - today_year % 100
    return century + int(digits) - (100 if int(digits) > today_year % 100 else 0)


def _year_first(text: str) -> bool:
    first = _NUMBER.match(text.strip())
    return bool(first and (len(first[0]) == 4 or (len(first[0]) == 8 and first[0][:2] in ("18", "19", "20"))))


def _is_valid(read: Date | None) -> bool:
    """Whether the calendar has it, as far as it is known."""
    if read is None or not _EARLIEST <= read.year <= _LATEST:
        return False
    try:
        date(read.year, read.month or 1, read.day or 1)
    except ValueError:
        return False
    return True
