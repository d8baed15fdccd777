"""What tells records of one block apart: features that split it, and a line in which like stands beside like."""

from collections.abc import Iterator

import numpy as np

from linkage.blocking.key_hashes import one_each, rarest
from linkage.features import Features, Ints, Words

_CODES = ("sex", "regency", "district", "village", "province", "postcode", "house")


def refiners_of(features: Features) -> dict[str, Ints]:
    """Features that hold for a person for long, one number per record, -1 where it lacks it."""
    found: dict[str, Ints] = {}
    if birth := features.dates():
        found |= {"birth year": birth.year - 1, "birth month": birth.month - 1, "birth day": birth.day - 1}
    found |= {name: codes.ids for name in _CODES if (codes := features.codes(name))}
    for name in ("given", "surname", "name", "mother", "street"):
        if words := features.words(name):
            found |= {f"{name} initial": _initial(words), f"{name} sound": _rarest_sound(words)}
    return found


def _initial(words: Words) -> Ints:
    letters = np.array([ord(word[0]) for word in words.words] + [-1], dtype=np.int32)
    return letters[words.ids[:, 0]]


def _rarest_sound(words: Words) -> Ints:
    return np.append(words.sounds, np.int32(-1))[rarest(words, 1)[:, 0]]


def line(features: Features) -> Ints:
    """Each record's place in one line, by birth date, names, place and numbers, one after the other.

    Of two lists, records that are the same in all this mingle.
    """
    order = np.lexsort([*_columns(features), _mingled(features)][::-1])
    place = np.empty(features.size, dtype=np.int32)
    place[order] = np.arange(features.size, dtype=np.int32)
    return place


def _columns(features: Features) -> Iterator[Ints]:
    if birth := features.dates():
        yield from (birth.year, birth.month, birth.day)
    if words := features.words("name"):
        found = rarest(words, 2)
        yield from _alphabetic(words)[found].T
    for name in ("postcode", "village", "district", "house", "street", "phone", "nik"):
        if (ids := one_each(features, name)) is not None:
            yield ids
    for name, feature in features.by_name.items():
        if name.startswith("text:") and isinstance(feature, Words):
            yield _alphabetic(feature)[rarest(feature, 1)[:, 0]]


def _mingled(features: Features) -> Ints:
    """How far down its list a record stands, in shares of 2 to the 30th."""
    first = features.size if features.second is None else features.second
    place = np.append(
        np.arange(first) / max(1, first), np.arange(features.size - first) / max(1, features.size - first)
    )
    return (place * 2**30).astype(np.int32)


def _alphabetic(words: Words) -> Ints:
    place = np.empty(len(words.words) + 1, dtype=np.int32)
    place[np.argsort(np.array(words.words or [""]))[: len(words.words)]] = np.arange(len(words.words), dtype=np.int32)
    place[-1] = -1
    return place
