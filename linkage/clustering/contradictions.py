"""Contradictions: why two records cannot be of one person, whatever chain of links joins them."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import JaroWinkler

from linkage.comparing.birth_date_levels import GENERATION_YEARS
from linkage.comparing.level_arrays import Bools
from linkage.features import Codes, Features, Ints, Words
from linkage.values.identifiers import one_slip

Reason = Literal["", "weight", "nik", "generation", "sex", "twins", "twin niks", "decided"]
"""Why two records contradict each other: nothing; their match weight is far below zero; two valid NIKs; birth dates a
generation apart; two sexes and no given name in common; twins by birth date and home or mother; by their NIKs; a person
has decided that they are different."""

REASONS: tuple[Reason, ...] = get_args(Reason)
Reasons = NDArray[np.uint8]
"""Per pair an index of REASONS; 0 where there is no contradiction."""

_SIMILAR_WORDS = 0.8
"""Jaro-Winkler similarity from which two words may be one given name."""

_COMMON_SHARE, _COMMON_RECORDS = 0.01, 20
"""A word that more records have, and a larger share of them, does not show that two given names are one."""

_WOMENS_DAYS = 40
"""What an NIK adds to a woman's day of birth."""


class Contradictions:
    """Which records of one set of features contradict each other."""

    def __init__(self, features: Features) -> None:
        self._features = features
        self._nik = features.codes("nik")
        self._valid = np.array([_is_valid(value) for value in self._nik.values] + [False]) if self._nik else None
        self._given = features.words("given") or features.words("name")
        self._common = _common_words(self._given, features.size) if self._given else set()

    def between(self, left: Ints, right: Ints) -> Reasons:
        """Why left[i] and right[i] contradict each other."""
        reasons = np.zeros(len(left), dtype=np.uint8)
        if not len(left):
            return reasons
        other_sex = self._differ("sex", left, right)
        born_as_twins = self._born_as_twins(left, right) & ~self._equal("nik", left, right)
        two_niks, generation = self._two_niks(left, right), self._generation_apart(left, right)
        at = np.flatnonzero((other_sex | born_as_twins) & ~two_niks & ~generation)
        other_name = at[self._other_given_name(left[at], right[at])]
        reasons[self._twin_niks(left, right)] = REASONS.index("twin niks")
        reasons[other_name] = np.where(other_sex[other_name], REASONS.index("sex"), REASONS.index("twins"))
        reasons[generation] = REASONS.index("generation")
        reasons[two_niks] = REASONS.index("nik")
        return reasons

    def _equal(self, name: str, left: Ints, right: Ints) -> Bools:
        """Both records have the value, and it is the same; of words, the same set of them."""
        a, b = self._values(name, left), self._values(name, right)
        return np.asarray((a == b) & (a >= 0))

    def _differ(self, name: str, left: Ints, right: Ints) -> Bools:
        """Both records have the value, and it differs."""
        a, b = self._values(name, left), self._values(name, right)
        return np.asarray((a != b) & (a >= 0) & (b >= 0))

    def _values(self, name: str, records: Ints) -> Ints:
        match self._features.by_name.get(name):
            case Codes(ids=numbers) | Words(sets=numbers):
                return numbers[records]
            case _:
                return np.full(len(records), -1, dtype=np.int32)

    def _two_niks(self, left: Ints, right: Ints) -> Bools:
        """Two valid NIKs more than one slip apart."""
        differ = self._differ("nik", left, right)
        if self._nik is None or self._valid is None:
            return differ
        a, b = self._nik.ids[left], self._nik.ids[right]
        differ &= self._valid[a] & self._valid[b]
        for n in np.flatnonzero(differ):
            differ[n] = not one_slip(self._nik.values[a[n]], self._nik.values[b[n]])
        return differ

    def _twin_niks(self, left: Ints, right: Ints) -> Bools:
        """One birth date, one serial after the other, and names that are not the same."""
        twins = self._differ("nik", left, right) & self._differ("name", left, right) & self._same_birth(left, right)
        if self._nik is None:
            return twins
        for n in np.flatnonzero(twins):
            niks = (self._nik.values[self._nik.ids[record]] for record in (left[n], right[n]))
            twins[n] = _consecutive(*niks)
        return twins

    def _born_as_twins(self, left: Ints, right: Ints) -> Bools:
        same_home = self._equal("street", left, right) & self._equal("house", left, right)
        return self._same_birth(left, right) & (same_home | self._equal("mother", left, right))

    def _same_birth(self, left: Ints, right: Ints) -> Bools:
        birth = self._features.dates()
        if birth is None:
            return np.zeros(len(left), dtype=np.bool_)
        same = ~(birth.coarse[left] | birth.coarse[right])
        for part in (birth.year, birth.month, birth.day):
            same &= (part[left] == part[right]) & (part[left] > 0)
        return same

    def _generation_apart(self, left: Ints, right: Ints) -> Bools:
        """Where month and day agree, or the NIK, the year is taken to be the error."""
        birth = self._features.dates()
        if birth is None:
            return np.zeros(len(left), dtype=np.bool_)
        left_year, right_year = birth.year[left], birth.year[right]
        apart = (np.abs(left_year - right_year) >= GENERATION_YEARS) & (left_year > 0) & (right_year > 0)
        same_day = (birth.month[left] == birth.month[right]) & (birth.day[left] == birth.day[right])
        exact = ~(birth.coarse[left] | birth.coarse[right])
        return np.asarray(apart & ~(same_day & exact) & ~self._equal("nik", left, right))

    def _other_given_name(self, left: Ints, right: Ints) -> Bools:
        """No word of the given names is alike; common words do not count where there are others."""
        if self._given is None:
            return np.zeros(len(left), dtype=np.bool_)
        left_words, right_words = self._given.ids[left].tolist(), self._given.ids[right].tolist()
        pairs = zip(left_words, right_words, strict=True)
        return np.array([self._unlike(left_ids, right_ids) for left_ids, right_ids in pairs], dtype=np.bool_)

    def _unlike(self, left_ids: list[int], right_ids: list[int]) -> bool:
        assert self._given is not None
        words, sounds = self._given.words, self._given.sounds
        left_words, right_words = self._distinctive(left_ids), self._distinctive(right_ids)
        alike = (sounds[a] == sounds[b] or _similar(words[a], words[b]) for a in left_words for b in right_words)
        return bool(left_words and right_words) and not any(alike)

    def _distinctive(self, ids: list[int]) -> list[int]:
        """The words that few records have, else all."""
        words = [word for word in ids if word >= 0]
        return [word for word in words if word not in self._common] or words


def _common_words(words: Words, size: int) -> set[int]:
    return set(np.flatnonzero(words.counts > max(_COMMON_RECORDS, _COMMON_SHARE * size)).tolist())


def _similar(left: str, right: str) -> bool:
    """A single letter may stand for a word."""
    if min(len(left), len(right)) == 1:
        return left[0] == right[0]
    return JaroWinkler.normalized_similarity(left, right) >= _SIMILAR_WORDS


def _is_valid(nik: str) -> bool:
    if len(nik) != 16 or not nik.isdecimal():
        return False
    day, month = int(nik[6:8]) % _WOMENS_DAYS, int(nik[8:10])
    return 1 <= day <= 31 and int(nik[6:8]) <= _WOMENS_DAYS + 31 and 1 <= month <= 12 and nik[12:] != "0000"


def _consecutive(left: str, right: str) -> bool:
    serials = left[12:], right[12:]
    return left[:12] == right[:12] and all(map(str.isdecimal, serials)) and abs(int(serials[0]) - int(serials[1])) == 1
