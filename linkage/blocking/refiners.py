"""What tells the records of a large block apart: features that split it, and a sort order of similar records."""

from collections.abc import Iterator

import numpy as np

from linkage.blocking.key_hashes import rarest_words, value_numbers
from linkage.features import Features, Ints, Words

_CODES = ("sex", "regency", "district", "village", "province", "postcode", "house")
_SORTED_BY = ("postcode", "village", "district", "house", "street", "phone", "nik")


def refiners(features: Features) -> dict[str, Ints]:
    """Features that seldom change in a person's life, one number per record, -1 where it lacks it."""
    numbers: dict[str, Ints] = {}
    if birth := features.dates():
        numbers |= {"birth year": birth.year - 1, "birth month": birth.month - 1, "birth day": birth.day - 1}
    numbers |= {name: codes.ids for name in _CODES if (codes := features.codes(name))}
    for name in ("given", "surname", "name", "mother", "street"):
        if words := features.words(name):
            numbers |= {f"{name} initial": _initial(words), f"{name} sound": _rarest_sound(words)}
    return numbers


def _initial(words: Words) -> Ints:
    letters = np.array([ord(word[0]) for word in words.words] + [-1], dtype=np.int32)
    return letters[words.ids[:, 0]]


def _rarest_sound(words: Words) -> Ints:
    return np.append(words.sounds, np.int32(-1))[rarest_words(words, 1)[:, 0]]


def sort_ranks(features: Features) -> Ints:
    """Each record's place in the order of birth dates, then names, places and numbers.

    Records of two lists that are equal in all of these alternate.
    """
    order = np.lexsort([*_sort_columns(features), _relative_place(features)][::-1])
    ranks = np.empty(features.size, dtype=np.int32)
    ranks[order] = np.arange(features.size, dtype=np.int32)
    return ranks


def _sort_columns(features: Features) -> Iterator[Ints]:
    if birth := features.dates():
        yield from (birth.year, birth.month, birth.day)
    if words := features.words("name"):
        yield from _alphabetic_places(words)[rarest_words(words, 2)].T
    for name in _SORTED_BY:
        if (numbers := value_numbers(features, name)) is not None:
            yield numbers
    for name, feature in features.by_name.items():
        if name.startswith("text:") and isinstance(feature, Words):
            yield _alphabetic_places(feature)[rarest_words(feature, 1)[:, 0]]


def _relative_place(features: Features) -> Ints:
    """How far down its own list a record stands, in shares of 2 to the 30th."""
    first = features.size if features.second is None else features.second
    second = features.size - first
    place = np.append(np.arange(first) / max(1, first), np.arange(second) / max(1, second))
    return (place * 2**30).astype(np.int32)


def _alphabetic_places(words: Words) -> Ints:
    """The place of each word in the alphabet, and -1 at the end for no word."""
    places = np.empty(len(words.words) + 1, dtype=np.int32)
    order = np.argsort(np.array(words.words or [""]))[: len(words.words)]
    places[order] = np.arange(len(words.words), dtype=np.int32)
    places[-1] = -1
    return places
