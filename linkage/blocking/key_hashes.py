"""Hashes of which blocking keys are made: a row per record, a column per value, 0 where a record has none."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from linkage.features import Codes, Dates, Features, Ints, Words

Hashes = NDArray[np.uint64]

_GOLDEN_RATIO = np.uint64(0x9E3779B97F4A7C15)
_LONGEST_TEXT = 40


def mix(values: Hashes) -> Hashes:
    """Spreads values over all 64 bits (the finaliser of splitmix64); 0 stays 0."""
    mixed = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def hash_numbers(values: Ints) -> Hashes:
    """Hashes of numbers, 0 for -1. An array of one number per record gives one column."""
    hashes = mix((values.astype(np.int64) + 1).astype(np.uint64))
    return hashes[:, None] if hashes.ndim == 1 else hashes


def combine(*parts: Hashes) -> Hashes:
    """Every combination of one value of each part; none where a record lacks a part. The order of parts matters."""
    combined = parts[0]
    for part in parts[1:]:
        first, second = combined[:, :, None], part[:, None, :]
        both = mix(first * _GOLDEN_RATIO + second)
        both[(first == 0) | (second == 0)] = 0
        combined = both.reshape(len(combined), combined.shape[1] * part.shape[1])
    return combined


def value_pairs(part: Hashes) -> Hashes:
    """Every two values of a part, in either order."""
    columns = [part[:, k] for k in range(part.shape[1])]
    pairs = [combine(np.minimum(a, b)[:, None], np.maximum(a, b)[:, None]) for a, b in combinations(columns, 2)]
    return np.hstack(pairs) if pairs else np.zeros((len(part), 0), dtype=np.uint64)


def hash_texts(values: Sequence[str]) -> Hashes:
    """Hashes of the first 40 characters of texts, 0 for an empty one; one dimension."""
    width = min(_LONGEST_TEXT, max((len(value) for value in values), default=0)) or 1
    letters = np.array(values or [""], dtype=f"U{width}").view(np.uint32).reshape(-1, width)
    hashes = np.zeros(len(letters), dtype=np.uint64)
    for column in letters.T:
        hashes = np.where(column > 0, mix(hashes * _GOLDEN_RATIO + column), hashes)
    return hashes[: len(values)]


def hash_fragments(codes: Codes, *columns: Sequence[str]) -> Hashes:
    """Hashes of fragments of values. Each column has one fragment per distinct value, "" for none; fragments of
    different columns never have the same hash."""
    hashed = [
        combine(hash_texts(column)[:, None], hash_numbers(np.full(len(column), k))) for k, column in enumerate(columns)
    ]
    table = np.vstack([np.hstack(hashed), np.zeros((1, len(columns)), dtype=np.uint64)])
    return table[codes.ids]


def hash_values(features: Features, name: str) -> Hashes | None:
    """One hash per record of a feature: of its code, or of its set of words. None without the feature."""
    numbers = value_numbers(features, name)
    return None if numbers is None else hash_numbers(numbers)


def value_numbers(features: Features, name: str) -> Ints | None:
    """A feature as one number per record, -1 where there is none. None for dates, and without the feature."""
    feature = features.by_name.get(name)
    match feature:
        case Codes():
            return feature.ids
        case Words():
            return feature.sets
        case Dates() | None:
            return None


def rarest_words(words: Words, most: int) -> Ints:
    """Of each record the words whose phonetic classes are rarest, the rarest first: indices into `words`, -1 for none.

    Single letters are left out: they stand for many words.
    """
    is_letter = np.array([len(word) < 2 for word in words.words] or [True])
    ids = np.where(is_letter[words.ids], -1, words.ids)
    class_counts = np.bincount(words.sounds, weights=words.counts) if len(words.words) else np.zeros(1)
    word_counts = np.append(class_counts[words.sounds] if len(words.words) else np.zeros(1), np.inf)
    order = np.argsort(word_counts[ids], axis=1, kind="stable")[:, :most]
    return np.take_along_axis(ids, order, axis=1)


def hash_sounds(words: Words, most: int) -> Hashes:
    """Hashes of the rarest phonetic classes of each record."""
    return hash_numbers(np.append(words.sounds, np.int32(-1))[rarest_words(words, most)])


def hash_prefixes(words: Words, most: int, letters: int) -> Hashes:
    """Hashes of the first letters of the rarest words of each record."""
    table = np.append(hash_texts([word[:letters] for word in words.words]), np.uint64(0))
    return table[rarest_words(words, most)]


def hash_initials(words: Words) -> Hashes:
    """Hashes of the first letter of each word, single letters too."""
    table = np.append(hash_texts([word[:1] for word in words.words]), np.uint64(0))
    return table[words.ids]
