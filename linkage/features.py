"""Features: the columns of people made comparable, as arrays over all records."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Words:
    """Names, addresses, texts. `ids[i, k]` is the k-th word of record i as an index into `words`, -1 for none.

    Words are canonical (Mochamad and Muhammad are one). Per word, `sounds` is its phonetic class and `counts` the
    number of records that have it. `sets[i]` numbers the distinct sets of words, -1 where a record has none.
    """

    ids: Ints
    words: list[str]
    sounds: Ints
    counts: Ints
    sets: Ints


@dataclass(frozen=True, slots=True)
class Codes:
    """Values that are compared as a whole: `ids[i]` is an index into `values`, -1 for none; `counts` is per value."""

    ids: Ints
    values: list[str]
    counts: Ints


@dataclass(frozen=True, slots=True)
class Dates:
    """Dates by part, 0 where a part is not known; they need not be in the calendar.

    `coarse`: the day is missing, or is 1 January or 30 June, which offices write where only the year is known.
    """

    year: Ints
    month: Ints
    day: Ints
    coarse: NDArray[np.bool_]


Feature = Words | Codes | Dates


@dataclass(frozen=True, slots=True)
class Features:
    """All features of one list, or of two lists one after the other (`second`: where the second begins).

    Names: `name` (all words of all name columns but the mother's), and where the list has them apart `given` and
    `surname`; `mother`; `birth`; `sex` (L, P); `nik`, `passport`, `phone`, `email`; `street` (words), `house`,
    `village`, `district`, `regency`, `province`, `postcode`; `id:<column>` and `text:<column>`.
    """

    size: int
    second: int | None
    by_name: Mapping[str, Feature]

    def words(self, name: str) -> Words | None:
        """None where the list lacks the feature, or it is not made of words."""
        feature = self.by_name.get(name)
        return feature if isinstance(feature, Words) else None

    def codes(self, name: str) -> Codes | None:
        """None where the list lacks the feature, or it is not made of codes."""
        feature = self.by_name.get(name)
        return feature if isinstance(feature, Codes) else None

    def dates(self, name: str = "birth") -> Dates | None:
        """None where the list lacks the feature, or it is not made of dates."""
        feature = self.by_name.get(name)
        return feature if isinstance(feature, Dates) else None
