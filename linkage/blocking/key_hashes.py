"""Parts of blocking keys: the hashes of a record's values in one respect, a row per record, 0 where there is none."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from linkage.features import Codes, Dates, Features, Ints, Words

Hashes = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def mixed(values: Hashes) -> Hashes:
    """Spread over all 64 bits (the finaliser of splitmix64); 0 stays 0."""
    out = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    out = (out ^ (out >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return out ^ (out >> np.uint64(31))


def numbered(values: Ints) -> Hashes:
    """Of numbers, -1 where there is none. One number per record gives one column."""
    out = mixed((values.astype(np.int64) + 1).astype(np.uint64))
    return out[:, None] if out.ndim == 1 else out


def joined(*parts: Hashes) -> Hashes:
    """Every combination of one value of each part; none where one has none. The order of parts counts."""
    out = parts[0]
    for part in parts[1:]:
        one, other = out[:, :, None], part[:, None, :]
        both = mixed(one * _GOLDEN + other)
        both[(one == 0) | (other == 0)] = 0
        out = both.reshape(len(out), out.shape[1] * part.shape[1])
    return out


def couples(part: Hashes) -> Hashes:
    """Every two values of a part, whatever their order."""
    columns = [part[:, k] for k in range(part.shape[1])]
    rows = [joined(np.minimum(a, b)[:, None], np.maximum(a, b)[:, None]) for a, b in combinations(columns, 2)]
    return np.hstack(rows) if rows else np.zeros((len(part), 0), dtype=np.uint64)


def texts(values: Sequence[str]) -> Hashes:
    """Of texts, 0 for an empty one; no more than the first 40 characters count."""
    width = min(40, max((len(value) for value in values), default=0)) or 1
    letters = np.array(values or [""], dtype=f"U{width}").view(np.uint32).reshape(-1, width)
    out = np.zeros(len(letters), dtype=np.uint64)
    for column in letters.T:
        out = np.where(column > 0, mixed(out * _GOLDEN + column), out)
    return out[: len(values)]


def pieces(codes: Codes, *columns: Sequence[str]) -> Hashes:
    """Pieces of each distinct value, "" where it has none; two pieces of different columns are never the same."""
    found = [joined(texts(pieces)[:, None], numbered(np.full(len(pieces), k))) for k, pieces in enumerate(columns)]
    table = np.vstack([np.hstack(found), np.zeros((1, len(columns)), dtype=np.uint64)])
    return table[codes.ids]


def coded(features: Features, name: str) -> Hashes | None:
    """A feature as one value per record: a code, or the set of words."""
    ids = one_each(features, name)
    return None if ids is None else numbered(ids)


def one_each(features: Features, name: str) -> Ints | None:
    """A feature as one number per record, -1 where there is none."""
    found = features.by_name.get(name)
    match found:
        case Codes():
            return found.ids
        case Words():
            return found.whole
        case Dates() | None:
            return None


def rarest(words: Words, most: int) -> Ints:
    """Of each record the words whose sounds are rarest, the rarest first: indexes into `words`, -1 where there is none.

    Single letters are left out: they stand for many words.
    """
    letters = np.array([len(word) < 2 for word in words.words] or [True])
    ids = np.where(letters[words.ids], -1, words.ids)
    often = np.bincount(words.sounds, weights=words.counts) if len(words.words) else np.zeros(1)
    of_word = np.append(often[words.sounds] if len(words.words) else np.zeros(1), np.inf)
    order = np.argsort(of_word[ids], axis=1, kind="stable")[:, :most]
    return np.take_along_axis(ids, order, axis=1)


def sounds(words: Words, most: int) -> Hashes:
    """The rarest sounds of each record."""
    return numbered(np.append(words.sounds, np.int32(-1))[rarest(words, most)])


def beginnings(words: Words, most: int, letters: int) -> Hashes:
    """The first letters of the rarest words of each record."""
    table = np.append(texts([word[:letters] for word in words.words]), np.uint64(0))
    return table[rarest(words, most)]


def initials(words: Words) -> Hashes:
    """The first letter of each word, single letters too."""
    table = np.append(texts([word[:1] for word in words.words]), np.uint64(0))
    return table[words.ids]
