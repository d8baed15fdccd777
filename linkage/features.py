"""Features: columns of people made comparable, as arrays over all records."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Words:
    """Names, addresses, texts. `ids[i, k]` is the k-th word of record i as index into `words`, -1 where there is none.

    Words are canonical (Mochamad and Muhammad are one). `sounds` gives each word's phonetic class, `counts` in how many
    records it stands. `whole[i]` numbers the distinct sets of words; -1 where a record has none.
    """

    ids: Ints
    words: list[str]
    sounds: Ints
    counts: Ints
    whole: Ints


@dataclass(frozen=True, slots=True)
class Codes:
    """Values compared as a whole: `ids[i]` is an index into `values`, -1 where there is none."""

    ids: Ints
    values: list[str]
    counts: Ints


@dataclass(frozen=True, slots=True)
class Dates:
    """Dates by part, 0 where it is not known; they need not be in the calendar. `coarse`: 1 January or 30 June, which
    offices write for "unknown", and dates without a day."""

    year: Ints
    month: Ints
    day: Ints
    coarse: NDArray[np.bool_]


Feature = Words | Codes | Dates


@dataclass(frozen=True, slots=True)
class Features:
    """All features of one or two lists.

    Names: `name` (all words of all name columns but the mother's), and where the list has them apart `given` and
    `surname`; `mother`; `birth`; `sex` (L, P); `nik`, `passport`, `phone`, `email`; `street` (words), `house`,
    `village`, `district`, `regency`, `province`, `postcode`; `id:<column>` and `text:<column>`.
    """

    size: int
    second: int | None
    by_name: Mapping[str, Feature]

    def words(self, name: str) -> Words | None:
        """The feature if it is there and made of words."""
        found = self.by_name.get(name)
        return found if isinstance(found, Words) else None

    def codes(self, name: str) -> Codes | None:
        """The feature if it is there and made of codes."""
        found = self.by_name.get(name)
        return found if isinstance(found, Codes) else None

    def dates(self, name: str = "birth") -> Dates | None:
        """The feature if it is there and made of dates."""
        found = self.by_name.get(name)
        return found if isinstance(found, Dates) else None
