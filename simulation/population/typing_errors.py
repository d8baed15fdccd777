"""Errors that people, keyboards, scanners and ears make: in words, dates and numbers of any country.

Each function makes one error and takes its chance from the `Random` it is given. Where a text leaves no room for the
error it comes back as it was.
"""

from collections.abc import Callable, Sequence
from datetime import date
from random import Random
from typing import NamedTuple

Error = Callable[[Random, str], str]

_NEIGHBOURS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl",
    "p": "ol", "a": "qsz", "s": "awdx", "d": "sefc", "f": "drgv", "g": "fthb", "h": "gyjn", "j": "hukm", "k": "jil",
    "l": "kop", "z": "asx", "x": "zsdc", "c": "xdfv", "v": "cfgb", "b": "vghn", "n": "bhjm", "m": "njk",
    "1": "2", "2": "13", "3": "24", "4": "35", "5": "46", "6": "57", "7": "68", "8": "79", "9": "80", "0": "9",
}  # fmt: skip

_LOOKALIKES = (
    ("rn", "m"), ("m", "rn"), ("cl", "d"), ("vv", "w"), ("w", "vv"), ("ri", "n"), ("li", "h"), ("h", "li"),
    ("i", "l"), ("l", "i"), ("i", "1"), ("l", "1"), ("o", "0"), ("0", "o"), ("1", "l"), ("s", "5"), ("5", "s"),
    ("b", "8"), ("8", "b"), ("g", "9"), ("g", "q"), ("z", "2"), ("2", "z"), ("e", "c"), ("c", "e"), ("u", "v"),
    ("v", "y"), ("f", "t"), ("t", "f"), ("a", "o"), ("n", "h"),
)  # fmt: skip

SOUNDALIKES: tuple[tuple[str, str], ...] = (
    ("f", "p"), ("v", "f"), ("ph", "f"), ("f", "ph"), ("z", "s"), ("s", "z"), ("sy", "s"), ("kh", "k"), ("ch", "k"),
    ("k", "q"), ("q", "k"), ("c", "k"), ("ck", "k"), ("x", "ks"), ("y", "i"), ("i", "y"), ("ie", "i"), ("ee", "i"),
    ("ai", "ae"), ("ae", "ai"), ("ei", "ay"), ("o", "u"), ("u", "o"), ("e", "i"), ("th", "t"), ("t", "th"),
    ("dh", "d"), ("d", "t"), ("ll", "l"), ("l", "ll"), ("nn", "n"), ("n", "nn"), ("ss", "s"), ("tt", "t"), ("t", "tt"),
    ("rr", "r"), ("mm", "m"), ("ah", "a"), ("iyah", "iah"), ("iah", "iyah"), ("ou", "u"), ("gh", "g"), ("wr", "r"),
)  # fmt: skip
"""What is heard alike and written otherwise: English, Arabic in Latin letters, Indonesian."""


def keyboard(rng: Random, text: str) -> str:
    """The key beside the right one; the first letter stays, as it mostly does."""
    places = [n for n, letter in enumerate(text) if n and letter.lower() in _NEIGHBOURS]
    if not places:
        return text
    place = rng.choice(places)
    return _with(text, place, rng.choice(_NEIGHBOURS[text[place].lower()]))


def transpose(rng: Random, text: str) -> str:
    """Two neighbouring letters or digits change places."""
    places = [
        n for n in range(1, len(text) - 1) if text[n] != text[n + 1] and text[n].isalnum() and text[n + 1].isalnum()
    ]
    if not places:
        return text
    place = rng.choice(places)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def drop(rng: Random, text: str) -> str:
    """A letter or digit after the first is left out."""
    places = [n for n, letter in enumerate(text) if n and letter.isalnum()]
    if not places:
        return text
    place = rng.choice(places)
    return text[:place] + text[place + 1 :]


def double(rng: Random, text: str) -> str:
    """A letter or digit is written twice."""
    places = [n for n, letter in enumerate(text) if letter.isalnum()]
    if not places:
        return text
    place = rng.choice(places)
    return text[:place] + text[place] + text[place:]


def ocr(rng: Random, text: str) -> str:
    """A scanner takes a shape for another: rn for m, 1 for l."""
    return _replaced(rng, text, _LOOKALIKES)


def phonetic(rng: Random, text: str, alike: Sequence[tuple[str, str]] = SOUNDALIKES) -> str:
    """Written as it was heard, by one of the pairs (right, heard)."""
    return _replaced(rng, text, alike)


def typo(rng: Random, text: str) -> str:
    """One slip of the fingers."""
    return rng.choice(_SLIPS)(rng, text)


_SLIPS: tuple[Error, ...] = (keyboard, transpose, drop, double)


def in_one_word(rng: Random, text: str, error: Error) -> str:
    """The error in a word of at least three letters, in the same place of the same text."""
    words = text.split(" ")
    long = [n for n, word in enumerate(words) if len(word) >= 3]
    if not long:
        return text
    place = rng.choice(long)
    words[place] = error(rng, words[place])
    return " ".join(words)


class Day(NamedTuple):
    """A date as somebody wrote it: 0 where a part is not known, and not always one of the calendar."""

    year: int
    month: int
    day: int


def day_of(written: date) -> Day:
    return Day(written.year, written.month, written.day)


def day_and_month_swapped(day: Day) -> Day:
    """As an American writes it; a day after the 12th leaves no room for it."""
    return day._replace(month=day.day, day=day.month) if 1 <= day.day <= 12 else day


def year_off(rng: Random, day: Day) -> Day:
    """The year before or after."""
    return day._replace(year=day.year + rng.choice((-1, 1)))


def month_off(rng: Random, day: Day) -> Day:
    """The month before or after, in the same year."""
    return day._replace(month=rng.choice([other for other in (day.month - 1, day.month + 1) if 1 <= other <= 12]))


def day_off(rng: Random, day: Day) -> Day:
    """Another day of the month, one digit of it misread; the 28th at most, so that every month has it."""
    tens, ones = divmod(day.day, 10)
    near = (tens * 10 + (ones + 1) % 10, tens * 10 + (ones + 9) % 10, (tens + 1) % 3 * 10 + ones)
    return day._replace(day=rng.choice([other for other in near if 1 <= other <= 28 and other != day.day]))


def decade_off(rng: Random, day: Day) -> Day:
    """The year's tens misread: 1978 for 1988."""
    return day._replace(year=day.year + rng.choice((-10, 10)))


def first_of_january(day: Day) -> Day:
    """What offices write when only the year is known."""
    return day._replace(month=1, day=1)


def thirtieth_of_june(day: Day) -> Day:
    """The middle of the year, the other way to write that only the year is known."""
    return day._replace(month=6, day=30)


def year_alone(day: Day) -> Day:
    return day._replace(month=0, day=0)


def digit_off(rng: Random, number: str, start: int = 0) -> str:
    """One digit, from place `start` on, is another one."""
    places = [n for n in range(start, len(number)) if number[n].isdigit()]
    if not places:
        return number
    place = rng.choice(places)
    return _with(number, place, str((int(number[place]) + rng.randint(1, 9)) % 10))


def digits_transposed(rng: Random, number: str, start: int = 0) -> str:
    """Two neighbouring digits, from place `start` on, change places."""
    places = [n for n in range(start, len(number) - 1) if number[n] != number[n + 1] and number[n : n + 2].isdigit()]
    if not places:
        return number
    place = rng.choice(places)
    return number[:place] + number[place + 1] + number[place] + number[place + 2 :]


def _with(text: str, place: int, letter: str) -> str:
    return text[:place] + (letter.upper() if text[place].isupper() else letter) + text[place + 1 :]


def _replaced(rng: Random, text: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Replaces one occurrence of the first part of one of the pairs by its second part, in the same case."""
    lower = text.lower()
    if len(lower) != len(text):
        return text
    possible = [pair for pair in pairs if pair[0] in lower]
    if not possible:
        return text
    right, wrong = rng.choice(possible)
    places = [n for n in range(len(lower)) if lower.startswith(right, n)]
    place = rng.choice(places)
    return text[:place] + _in_case(text, place, wrong) + text[place + len(right) :]


def _in_case(text: str, place: int, wrong: str) -> str:
    if text.isupper():
        return wrong.upper()
    return wrong.capitalize() if text[place].isupper() else wrong
