"""Comparison levels of identifiers and other codes: NIK, phone, e-mail, sex, numbers of any issuer."""

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from linkage.comparing.level_arrays import MISSING, Bools, Compare, Floats, Levels, no_rarity, same_level
from linkage.features import Codes, Ints

NEXT_SERIALS = 3
"""How far apart the serials of two NIKs may be for NEXT_SERIAL: of twins registered together, as a rule."""

NEXT_SERIAL, OTHER_NIK, PLACE_SLIP, NIK_SLIP, SAME_NIK = range(1, 6)
"""Levels of NIKs."""

_SLIP, _SAME = 2, 3
"""Levels of numbers and e-mail addresses, above 1 for different."""

_SLIP_LENGTH = 4
"""Characters that both values must have for one different character to be a slip."""

_SAME_MAILBOX = 0.9
"""Jaro-Winkler similarity from which the parts before the @ are nearly the same."""

_NO_SERIAL, _LARGEST_SERIAL = -9, 10**8


class OneSlip:
    """Which values of one feature are one slip of the pen apart."""

    def __init__(self, codes: Codes) -> None:
        self._values = np.array(codes.values, dtype=object)
        self._long = np.array([len(value) >= _SLIP_LENGTH for value in codes.values], dtype=np.bool_)

    def between(self, left: Ints, right: Ints) -> Bools:
        """Whether a character is wrong, missing or too many, or two are exchanged. `left` and `right` index the values
        of the feature; left[i] and right[i] differ."""
        if not len(left):
            return np.zeros(0, dtype=np.bool_)
        pair = left.astype(np.int64) * len(self._values) + right
        _, first, inverse = np.unique(pair, return_index=True, return_inverse=True)
        left_texts, right_texts = self._values[left[first]], self._values[right[first]]
        distance = process.cpdist(
            left_texts, right_texts, scorer=DamerauLevenshtein.distance, score_cutoff=1, dtype=np.int32
        )
        long = self._long[left[first]] & self._long[right[first]]
        return np.asarray(((distance == 1) & long)[inverse])


def equality(codes: Codes) -> Compare:
    """Compares values that are the same or different."""

    def compare(left: Ints, right: Ints) -> tuple[Levels, Floats]:
        left_values, right_values, both_present = _values(codes, left, right)
        levels = np.where(left_values == right_values, 2, 1).astype(np.uint8)
        levels[~both_present] = MISSING
        return levels, no_rarity(len(left))

    return compare


def numbers(codes: Codes, value_bits: Floats) -> Compare:
    """Compares numbers: different, one slip apart, same. `value_bits[k]` is the rarity of value k in bits."""
    slips = OneSlip(codes)

    def compare(left: Ints, right: Ints) -> tuple[Levels, Floats]:
        left_values, right_values, both_present = _values(codes, left, right)
        levels = same_level(len(left))
        levels[left_values == right_values] = _SAME
        at = np.flatnonzero(both_present & (left_values != right_values))
        levels[at[slips.between(left_values[at], right_values[at])]] = _SLIP
        levels[~both_present] = MISSING
        return levels, _agreed_bits(value_bits, left_values, levels == _SAME)

    return compare


def niks(codes: Codes, sexes: Codes | None, value_bits: Floats) -> Compare:
    """Compares NIKs. Twins have the next serial. Once birth date and serial agree, a slip in the place says little.

    The same serial with the day of a man and of a woman is that of twins, unless both records state one sex.
    """
    slips = OneSlip(codes)
    heads, tails, serials = _parts_of_nik(codes.values)

    def compare(left: Ints, right: Ints) -> tuple[Levels, Floats]:
        left_values, right_values, both_present = _values(codes, left, right)
        levels = same_level(len(left), OTHER_NIK)
        levels[left_values == right_values] = SAME_NIK
        at = np.flatnonzero(both_present & (left_values != right_values))
        a, b = left_values[at], right_values[at]
        levels[at[slips.between(a, b)]] = NIK_SLIP
        levels[at[(levels[at] == NIK_SLIP) & (tails[a] == tails[b])]] = PLACE_SLIP
        serials_apart = np.abs(serials[a] - serials[b])
        serials_apart[(serials_apart == 0) & _same_sex(sexes, left[at], right[at])] = NEXT_SERIALS + 1
        levels[at[(heads[a] == heads[b]) & (serials_apart <= NEXT_SERIALS)]] = NEXT_SERIAL
        levels[~both_present] = MISSING
        return levels, _agreed_bits(value_bits, left_values, levels == SAME_NIK)

    return compare


def emails(codes: Codes, value_bits: Floats) -> Compare:
    """Compares e-mail addresses: different, the same mailbox (nearly, or at another provider), same."""
    mailboxes = np.array([value.partition("@")[0] for value in codes.values], dtype=object)

    def compare(left: Ints, right: Ints) -> tuple[Levels, Floats]:
        left_values, right_values, both_present = _values(codes, left, right)
        levels = same_level(len(left))
        levels[left_values == right_values] = _SAME
        at = np.flatnonzero(both_present & (left_values != right_values))
        if len(at):
            left_boxes, right_boxes = mailboxes[left_values[at]], mailboxes[right_values[at]]
            similarity = process.cpdist(left_boxes, right_boxes, scorer=JaroWinkler.normalized_similarity)
            levels[at[similarity >= _SAME_MAILBOX]] = _SLIP
        levels[~both_present] = MISSING
        agree = levels >= _SLIP
        bits = (_agreed_bits(value_bits, values, agree) for values in (left_values, right_values))
        return levels, np.minimum(*bits)

    return compare


def _same_sex(sexes: Codes | None, left: Ints, right: Ints) -> Bools:
    if sexes is None:
        return np.zeros(len(left), dtype=np.bool_)
    return np.asarray((sexes.ids[left] == sexes.ids[right]) & (sexes.ids[left] >= 0))


def _values(codes: Codes, left: Ints, right: Ints) -> tuple[Ints, Ints, Bools]:
    """The values of either side, and whether both are there."""
    left_values, right_values = codes.ids[left], codes.ids[right]
    return left_values, right_values, (left_values >= 0) & (right_values >= 0)


def _agreed_bits(value_bits: Floats, values: Ints, agree: Bools) -> Floats:
    bits = no_rarity(len(values))
    bits[agree] = value_bits[values[agree]]
    return bits


def _parts_of_nik(niks: list[str]) -> tuple[Ints, Ints, Ints]:
    """Of each NIK three numbers: one for place and birth date (of either sex), one for birth date and serial, and the
    serial itself, -9 where there is none. A woman's day of birth has 40 added to it."""
    heads: dict[str, int] = {}
    tails: dict[str, int] = {}
    parts = []
    for nik in niks:
        day_tens = nik[6:7]
        of_either_sex = str(int(day_tens) % 4) if day_tens.isdecimal() else day_tens
        head = heads.setdefault(nik[:6] + of_either_sex + nik[7:12], len(heads))
        serial = int(nik[12:]) if nik[12:].isdecimal() else _NO_SERIAL
        parts.append((head, tails.setdefault(nik[6:], len(tails)), min(serial, _LARGEST_SERIAL)))
    table = np.array(parts or [(0, 0, 0)], dtype=np.int32)
    return table[:, 0], table[:, 1], table[:, 2]
