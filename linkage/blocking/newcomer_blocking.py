"""The keys under which the registry keeps a person, to be found by when no identifier leads to her."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from linkage.features import Codes, Dates, Features, Words
from linkage.values.phonetics import sound

T = TypeVar("T")

MOST_WORDS = 2
PHONE_DIGITS = 8

_COMMON = {"muhammad", "ahmad", "abdul", "siti", "nur", "sri"}


def registry_keys(features: Features) -> list[list[str]]:
    """Up to six keys of each record, the strongest first. A key depends on its record alone, not on others at hand.

    For batches of up to some thousand. Whoever changes `sound` makes all stored keys anew.
    """
    names, mothers = _sounds(features.words("name")), _sounds(features.words("mother"))
    births, phones = _births(features.dates()), _values(features.codes("phone"))
    regencies = _values(features.codes("regency"))
    return [
        [*dict.fromkeys(_keys(_at(names, n), _at(births, n), _at(phones, n), _at(mothers, n), _at(regencies, n)))]
        for n in range(features.size)
    ]


def _keys(
    words: Sequence[str] | None,
    birth: tuple[str, str] | None,
    phone: str | None,
    mother: Sequence[str] | None,
    regency: str | None,
) -> Iterator[str]:
    """Each is shared by less than one other in a million as a rule: whoever is found costs a comparison."""
    told = (words or ())[:MOST_WORDS]
    two, initial = "+".join(sorted(told)), told[0][0] if told else ""
    year, day = birth or ("", "")
    if phone and len(phone) >= PHONE_DIGITS:
        yield f"phone:{phone[-PHONE_DIGITS:]}"
    if day and told:
        yield f"birth+word+regency:{day}:{told[0]}:{regency or ''}"
    if day and len(told) > 1:
        yield f"birth+word+initial:{day}:{told[1]}:{initial}"
    if day and mother and initial:
        yield f"birth+mother+initial:{day}:{mother[0]}:{initial}"
    if year and ((day and len(told) > 1) or (two and regency and not day)):
        yield f"words+year+regency:{two}:{year}:{regency or ''}"
    if two and mother:
        yield f"words+mother+regency:{two}:{mother[0]}:{regency or ''}"


def _at(values: Sequence[T] | None, n: int) -> T | None:
    return None if values is None else values[n]


def _sounds(words: Words | None) -> list[list[str]] | None:
    """The sounds of each record's words, those that tell most first: long ones, and not what thousands are called."""
    if words is None:
        return None
    known = [sound(word) if len(word) > 1 else "" for word in words.words]
    order = sorted(range(len(known)), key=lambda k: (words.words[k] in _COMMON, -len(words.words[k]), words.words[k]))
    place = {k: n for n, k in enumerate(order)}
    rows = (sorted((k for k in row if k >= 0), key=place.__getitem__) for row in words.ids.tolist())
    return [[*dict.fromkeys(known[k] for k in row if known[k])] for row in rows]


def _births(dates: Dates | None) -> list[tuple[str, str] | None] | None:
    """The year of each birth date and the date itself, "" where it is coarse."""
    if dates is None:
        return None
    rows = zip(dates.year.tolist(), dates.month.tolist(), dates.day.tolist(), dates.coarse.tolist(), strict=True)
    return [(f"{y:04}", "" if coarse else f"{y:04}-{m:02}-{d:02}") if y else None for y, m, d, coarse in rows]


def _values(codes: Codes | None) -> list[str | None] | None:
    return None if codes is None else [codes.values[k] if k >= 0 else None for k in codes.ids.tolist()]
