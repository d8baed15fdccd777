"""What one person cannot be: records that contradict each other, whatever chain of links joins them."""

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import JaroWinkler

from linkage.comparing.birth_date_levels import GENERATION
from linkage.features import Codes, Features, Ints, Words
from linkage.values.identifiers import one_slip

Bools = NDArray[np.bool_]

_ALIKE = 0.8
_COMMON = 0.01
_SINGLES = 20
_WOMEN = 40


class Contradictions:
    """Which pairs of records cannot be one person.

    Two valid NIKs more than one slip apart; two sexes and no given name in common; birth dates a generation apart, but
    for a year written wrong; twins, who share birth date and home or have neighbouring NIKs.
    """

    def __init__(self, features: Features) -> None:
        self._features = features
        self._nik = features.codes("nik")
        self._valid = np.array([_is_valid(value) for value in self._nik.values] + [False]) if self._nik else None
        self._given = features.words("given") or features.words("name")
        self._common = _common(self._given, features.size) if self._given else set()

    def between(self, left: Ints, right: Ints) -> Bools:
        """Whether left[i] and right[i] contradict each other."""
        if not len(left):
            return np.zeros(0, dtype=np.bool_)
        found = self._two_niks(left, right) | self._generation_apart(left, right)
        maybe = self._differ("sex", left, right) | (self._twins(left, right) & ~self._same("nik", left, right))
        at = np.flatnonzero(maybe & ~found)
        found[at] = self._other_given(left[at], right[at])
        return found | self._next_serial(left, right)

    def _same(self, name: str, left: Ints, right: Ints) -> Bools:
        """Both have the value, and it is one. Of words: the same set of them."""
        a, b = self._values(name, left), self._values(name, right)
        return np.asarray((a == b) & (a >= 0))

    def _differ(self, name: str, left: Ints, right: Ints) -> Bools:
        a, b = self._values(name, left), self._values(name, right)
        return np.asarray((a != b) & (a >= 0) & (b >= 0))

    def _values(self, name: str, records: Ints) -> Ints:
        match self._features.by_name.get(name):
            case Codes(ids=ids) | Words(whole=ids):
                return ids[records]
            case _:
                return np.full(len(records), -1, dtype=np.int32)

    def _two_niks(self, left: Ints, right: Ints) -> Bools:
        found = self._differ("nik", left, right)
        if self._nik is None or self._valid is None:
            return found
        a, b = self._nik.ids[left], self._nik.ids[right]
        found &= self._valid[a] & self._valid[b]
        for n in np.flatnonzero(found):
            found[n] = not one_slip(self._nik.values[a[n]], self._nik.values[b[n]])
        return found

    def _next_serial(self, left: Ints, right: Ints) -> Bools:
        """NIKs of twins: one serial after the other, and names that are not the same."""
        found = self._differ("nik", left, right) & self._differ("name", left, right) & self._born_together(left, right)
        if self._nik is None:
            return found
        for n in np.flatnonzero(found):
            one, other = (self._nik.values[self._nik.ids[record]] for record in (left[n], right[n]))
            found[n] = _follows(one, other)
        return found

    def _twins(self, left: Ints, right: Ints) -> Bools:
        home = self._same("street", left, right) & self._same("house", left, right)
        return self._born_together(left, right) & (home | self._same("mother", left, right))

    def _born_together(self, left: Ints, right: Ints) -> Bools:
        birth = self._features.dates()
        if birth is None:
            return np.zeros(len(left), dtype=np.bool_)
        same = ~(birth.coarse[left] | birth.coarse[right])
        for part in (birth.year, birth.month, birth.day):
            same &= (part[left] == part[right]) & (part[left] > 0)
        return same

    def _generation_apart(self, left: Ints, right: Ints) -> Bools:
        """Not when month and day agree, or the NIK: then the year is the error."""
        birth = self._features.dates()
        if birth is None:
            return np.zeros(len(left), dtype=np.bool_)
        one, other = birth.year[left], birth.year[right]
        apart = (np.abs(one - other) >= GENERATION) & (one > 0) & (other > 0)
        same_day = (birth.month[left] == birth.month[right]) & (birth.day[left] == birth.day[right])
        whole = ~(birth.coarse[left] | birth.coarse[right])
        return np.asarray(apart & ~(same_day & whole) & ~self._same("nik", left, right))

    def _other_given(self, left: Ints, right: Ints) -> Bools:
        """No word of the given names is alike; words that many bear do not count where there are others."""
        if self._given is None:
            return np.zeros(len(left), dtype=np.bool_)
        ones, others = self._given.ids[left].tolist(), self._given.ids[right].tolist()
        pairs = zip(ones, others, strict=True)
        return np.array([self._unlike(one, other) for one, other in pairs], dtype=np.bool_)

    def _unlike(self, one: list[int], other: list[int]) -> bool:
        assert self._given is not None
        words, sounds = self._given.words, self._given.sounds
        ones, others = self._telling(one), self._telling(other)
        alike = (sounds[a] == sounds[b] or _alike(words[a], words[b]) for a in ones for b in others)
        return bool(ones and others) and not any(alike)

    def _telling(self, ids: list[int]) -> list[int]:
        there = [word for word in ids if word >= 0]
        return [word for word in there if word not in self._common] or there


def _common(words: Words, size: int) -> set[int]:
    return set(np.flatnonzero(words.counts > max(_SINGLES, _COMMON * size)).tolist())


def _alike(one: str, other: str) -> bool:
    """A letter may stand for a word."""
    if min(len(one), len(other)) == 1:
        return one[0] == other[0]
    return JaroWinkler.normalized_similarity(one, other) >= _ALIKE


def _is_valid(nik: str) -> bool:
    if len(nik) != 16 or not nik.isdecimal():
        return False
    day, month = int(nik[6:8]) % _WOMEN, int(nik[8:10])
    return 1 <= day <= 31 and int(nik[6:8]) <= _WOMEN + 31 and 1 <= month <= 12 and nik[12:] != "0000"


def _follows(one: str, other: str) -> bool:
    tails = one[12:], other[12:]
    return one[:12] == other[:12] and all(map(str.isdecimal, tails)) and abs(int(tails[0]) - int(tails[1])) == 1
