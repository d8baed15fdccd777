"""Identifiers and other codes: the same, or a slip apart."""

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from linkage.comparing.level_arrays import MISSING, Bools, Compare, Floats, Levels, nothing_told, started
from linkage.features import Codes, Ints

NEXT_SERIALS = 3
"""How far apart the serials are of people registered at one place who were born on one day: twins, mostly."""

NEXT_SERIAL, OTHER_NIK, PLACE_SLIP, NIK_SLIP, SAME_NIK = range(1, 6)
"""Levels of NIKs."""

_LONG = 4
"""Characters that both must have for one that differs to be a slip."""

_SAME_MAILBOX = 0.9
"""Jaro-Winkler similarity of the names of two mailboxes from which they are near."""


class Slips:
    """Which values of one feature are a slip apart."""

    def __init__(self, codes: Codes) -> None:
        self._values = np.array(codes.values, dtype=object)
        self._long = np.array([len(value) >= _LONG for value in codes.values], dtype=np.bool_)

    def between(self, one: Ints, other: Ints) -> Bools:
        """A character wrong, missing, too many, or two exchanged, between different values given by number."""
        if not len(one):
            return np.zeros(0, dtype=np.bool_)
        code = one.astype(np.int64) * len(self._values) + other
        _, first, back = np.unique(code, return_index=True, return_inverse=True)
        ours, theirs = self._values[one[first]], self._values[other[first]]
        apart = process.cpdist(ours, theirs, scorer=DamerauLevenshtein.distance, score_cutoff=1, dtype=np.int32)
        long = self._long[one[first]] & self._long[other[first]]
        return np.asarray(((apart == 1) & long)[back])


def equal(codes: Codes) -> Compare:
    """Different or same."""

    def compare(left: Ints, right: Ints) -> tuple[Levels, Floats]:
        one, other, known = _values(codes, left, right)
        levels = np.where(one == other, 2, 1).astype(np.uint8)
        levels[~known] = MISSING
        return levels, nothing_told(len(left))

    return compare


def slipping(codes: Codes, rarity: Floats) -> Compare:
    """Different, a slip apart, same."""
    slips = Slips(codes)

    def compare(left: Ints, right: Ints) -> tuple[Levels, Floats]:
        one, other, known = _values(codes, left, right)
        levels = started(len(left))
        levels[one == other] = 3
        at = np.flatnonzero(known & (one != other))
        levels[at[slips.between(one[at], other[at])]] = 2
        levels[~known] = MISSING
        return levels, _told(rarity, one, levels == 3)

    return compare


def niks(codes: Codes, sexes: Codes | None, rarity: Floats) -> Compare:
    """The levels of NIKs: twins have the next serial; once birth date and serial agree, the place tells little.

    The same serial with the day of a man and of a woman is that of twins, unless both records say one sex.
    """
    slips = Slips(codes)
    head, tail, serial = _parts_of_nik(codes.values)

    def compare(left: Ints, right: Ints) -> tuple[Levels, Floats]:
        one, other, known = _values(codes, left, right)
        levels = started(len(left), OTHER_NIK)
        levels[one == other] = SAME_NIK
        at = np.flatnonzero(known & (one != other))
        a, b = one[at], other[at]
        levels[at[slips.between(a, b)]] = NIK_SLIP
        levels[at[(levels[at] == NIK_SLIP) & (tail[a] == tail[b])]] = PLACE_SLIP
        apart = np.abs(serial[a] - serial[b])
        apart[(apart == 0) & _same_sex(sexes, left[at], right[at])] = NEXT_SERIALS + 1
        levels[at[(head[a] == head[b]) & (apart <= NEXT_SERIALS)]] = NEXT_SERIAL
        levels[~known] = MISSING
        return levels, _told(rarity, one, levels == SAME_NIK)

    return compare


def emails(codes: Codes, rarity: Floats) -> Compare:
    """Different, the same mailbox elsewhere or nearly, same."""
    mailbox = np.array([value.partition("@")[0] for value in codes.values], dtype=object)

    def compare(left: Ints, right: Ints) -> tuple[Levels, Floats]:
        one, other, known = _values(codes, left, right)
        levels = started(len(left))
        levels[one == other] = 3
        at = np.flatnonzero(known & (one != other))
        if len(at):
            ours, theirs = mailbox[one[at]], mailbox[other[at]]
            close = process.cpdist(ours, theirs, scorer=JaroWinkler.normalized_similarity)
            levels[at[close >= _SAME_MAILBOX]] = 2
        levels[~known] = MISSING
        agree = levels >= 2
        return levels, np.minimum(_told(rarity, one, agree), _told(rarity, other, agree))

    return compare


def _same_sex(sexes: Codes | None, left: Ints, right: Ints) -> Bools:
    if sexes is None:
        return np.zeros(len(left), dtype=np.bool_)
    return np.asarray((sexes.ids[left] == sexes.ids[right]) & (sexes.ids[left] >= 0))


def _values(codes: Codes, left: Ints, right: Ints) -> tuple[Ints, Ints, Bools]:
    one, other = codes.ids[left], codes.ids[right]
    return one, other, (one >= 0) & (other >= 0)


def _told(rarity: Floats, values: Ints, agree: Bools) -> Floats:
    told = nothing_told(len(values))
    told[agree] = rarity[values[agree]]
    return told


def _parts_of_nik(values: list[str]) -> tuple[Ints, Ints, Ints]:
    """Place and birth date (of either sex), birth date and serial, both numbered, and the serial, -9 without one."""
    heads: dict[str, int] = {}
    tails: dict[str, int] = {}
    parts = []
    for value in values:
        tens = value[6:7]
        born = str(int(tens) % 4) if tens.isdecimal() else tens
        head = heads.setdefault(value[:6] + born + value[7:12], len(heads))
        serial = int(value[12:]) if value[12:].isdecimal() else -9
        parts.append((head, tails.setdefault(value[6:], len(tails)), min(serial, 10**8)))
    found = np.array(parts or [(0, 0, 0)], dtype=np.int32)
    return found[:, 0], found[:, 1], found[:, 2]
