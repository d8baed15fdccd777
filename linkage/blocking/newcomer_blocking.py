"""The blocking keys under which the registry stores a person, to find her when no identifier leads to her."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from linkage.features import Codes, Dates, Features, Words
from linkage.values.phonetics import sound

T = TypeVar("T")

WORDS = 2
PHONE_DIGITS = 8

_COMMON = {"muhammad", "ahmad", "abdul", "siti", "nur", "sri"}


def registry_keys(features: Features) -> list[list[str]]:
    """Up to six keys of each record, the strongest first. A key depends on its record alone, not on the others at hand.

    For batches of up to some thousand records. Whoever changes `sound` must make all stored keys anew.
    """
    names, mothers = _sounds(features.words("name")), _sounds(features.words("mother"))
    births, phones = _birth_dates(features.dates()), _values(features.codes("phone"))
    regencies = _values(features.codes("regency"))
    return [
        [*dict.fromkeys(_keys(_at(names, n), _at(births, n), _at(phones, n), _at(mothers, n), _at(regencies, n)))]
        for n in range(features.size)
    ]


def _keys(
    sounds: Sequence[str] | None,
    birth: tuple[str, str] | None,
    phone: str | None,
    mother: Sequence[str] | None,
    regency: str | None,
) -> Iterator[str]:
    """As a rule fewer than one other person in a million shares a key: everybody who does costs a comparison."""
    words = (sounds or ())[:WORDS]
    both_words, initial = "+".join(sorted(words)), words[0][0] if words else ""
    year, date = birth or ("", "")
    if phone and len(phone) >= PHONE_DIGITS:
        yield f"phone:{phone[-PHONE_DIGITS:]}"
    if date and words:
        yield f"birth+word+regency:{date}:{words[0]}:{regency or ''}"
    if date and len(words) > 1:
        yield f"birth+word+initial:{date}:{words[1]}:{initial}"
    if date and mother and initial:
        yield f"birth+mother+initial:{date}:{mother[0]}:{initial}"
    if year and ((date and len(words) > 1) or (both_words and regency and not date)):
        yield f"words+year+regency:{both_words}:{year}:{regency or ''}"
    if both_words and mother:
        yield f"words+mother+regency:{both_words}:{mother[0]}:{regency or ''}"


def _at(values: Sequence[T] | None, n: int) -> T | None:
    return None if values is None else values[n]


def _sounds(words: Words | None) -> list[list[str]] | None:
    """The phonetic classes of each record's words, the most distinctive first: long words, and not the commonest."""
    if words is None:
        return None
    sounds = [sound(word) if len(word) > 1 else "" for word in words.words]
    order = sorted(range(len(sounds)), key=lambda k: (words.words[k] in _COMMON, -len(words.words[k]), words.words[k]))
    place = {k: n for n, k in enumerate(order)}
    rows = (sorted((k for k in row if k >= 0), key=place.__getitem__) for row in words.ids.tolist())
    return [[*dict.fromkeys(sounds[k] for k in row if sounds[k])] for row in rows]


def _birth_dates(dates: Dates | None) -> list[tuple[str, str] | None] | None:
    """The year of each birth date and the date itself, "" where it is coarse; None where there is none."""
    if dates is None:
        return None
    rows = zip(dates.year.tolist(), dates.month.tolist(), dates.day.tolist(), dates.coarse.tolist(), strict=True)
    return [(f"{y:04}", "" if coarse else f"{y:04}-{m:02}-{d:02}") if y else None for y, m, d, coarse in rows]


def _values(codes: Codes | None) -> list[str | None] | None:
    return None if codes is None else [codes.values[k] if k >= 0 else None for k in codes.ids.tolist()]
