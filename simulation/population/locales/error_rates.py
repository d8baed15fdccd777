"""Errors by rate: which kind of error how many records have in which field."""

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from simulation.population import typing_errors
from simulation.population.typing_errors import Day

Row = dict[str, str]


class Rate(NamedTuple):
    """`share` of the records have error `kind` in `field`; two fields joined by "|" change places."""

    field: str
    kind: str
    share: float


def spoil(rng: Random, row: Row, rates: Sequence[Rate], factor: float) -> Row:
    """The row with errors in it. Dates are YYYY-MM-DD, unknown parts 00."""
    spoiled = dict(row)
    for field, kind, share in rates:
        if rng.random() >= share * factor:
            continue
        if kind == "swapped":
            first, second = field.split("|")
            spoiled[first], spoiled[second] = spoiled.get(second, ""), spoiled.get(first, "")
        elif spoiled.get(field):
            spoiled[field] = KINDS[kind](rng, spoiled[field])
    return spoiled


def _date(change: Callable[[Random, Day], Day]) -> typing_errors.Error:
    def changed(rng: Random, text: str) -> str:
        year, month, day = (int(part) for part in text.split("-"))
        if not month or not day:
            return text
        return "{:04d}-{:02d}-{:02d}".format(*change(rng, Day(year, month, day)))

    return changed


def _late_digit_off(rng: Random, text: str) -> str:
    """In the last two places, so that the number stays in a range that is issued to nobody."""
    return typing_errors.digit_off(rng, text, start=len(text) - 2)


def _last_digit_off(rng: Random, text: str) -> str:
    return typing_errors.digit_off(rng, text, start=len(text) - 1)


def _name_of_mail(rng: Random, text: str) -> str:
    """A slip before the @, so that the domain stays one that belongs to nobody."""
    name, _, domain = text.partition("@")
    return f"{typing_errors.typo(rng, name)}@{domain}"


def _initial(_: Random, text: str) -> str:
    return text[0]


def _first_word(_: Random, text: str) -> str:
    return text.split(" ")[0]


def _word_lost(rng: Random, text: str) -> str:
    words = text.split(" ")
    if len(words) > 1:
        del words[rng.randrange(len(words))]
    return " ".join(words)


def _words_turned(_: Random, text: str) -> str:
    first, *rest = text.split(" ")
    return " ".join((*rest, first))


KINDS: dict[str, typing_errors.Error] = {
    "missing": lambda rng, text: "",
    "typo": lambda rng, text: typing_errors.in_one_word(rng, text, typing_errors.typo),
    "ocr": lambda rng, text: typing_errors.in_one_word(rng, text, typing_errors.ocr),
    "phonetic": lambda rng, text: typing_errors.in_one_word(rng, text, typing_errors.phonetic),
    "initial": _initial,
    "first word": _first_word,
    "word lost": _word_lost,
    "words turned": _words_turned,
    "digit off": typing_errors.digit_off,
    "late digit off": _late_digit_off,
    "last digit off": _last_digit_off,
    "name of mail": _name_of_mail,
    "digits transposed": typing_errors.digits_transposed,
    "day and month swapped": _date(lambda _, day: typing_errors.day_and_month_swapped(day)),
    "year off": _date(typing_errors.year_off),
    "month off": _date(typing_errors.month_off),
    "day off": _date(typing_errors.day_off),
    "decade off": _date(typing_errors.decade_off),
    "first of January": _date(lambda _, day: typing_errors.first_of_january(day)),
    "year alone": _date(lambda _, day: typing_errors.year_alone(day)),
}
