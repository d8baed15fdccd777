"""Comparison levels of addresses: the finest part that agrees decides, since parts of one address are not
independent."""

import numpy as np

from linkage.comparing.identifier_levels import OneSlip
from linkage.comparing.level_arrays import MISSING, Bools, Compare, Floats, Levels, no_rarity
from linkage.comparing.name_levels import WordComparer
from linkage.comparing.rarity import Rarity
from linkage.features import Features, Ints

DIFFERENT, PROVINCE, REGENCY, DISTRICT, VILLAGE, STREET, HOUSE = range(1, 8)

PLACES = {"province": PROVINCE, "regency": REGENCY, "district": DISTRICT, "village": VILLAGE, "postcode": VILLAGE}
"""Feature to the level at which it agrees; a postcode is as fine as a village."""

_SLIP_ALLOWED = frozenset({"regency", "district", "village"})
_STREET_BITS, _HOUSE_BITS = 3.0, 5.0
"""Bits of rarity that the words in common must have, for the street and for the house to agree."""

_HOUSE_NUMBER_BITS = 4.0
"""Bits of rarity that the same house number adds to its street."""


def addresses(features: Features, rarity: Rarity, words: WordComparer) -> Compare:
    """Compares addresses by the parts that the list has."""
    slips = {name: OneSlip(codes) for name in _SLIP_ALLOWED if (codes := features.codes(name)) is not None}

    def compare(left: Ints, right: Ints) -> tuple[Levels, Floats]:
        levels = np.zeros(len(left), dtype=np.uint8)
        bits = no_rarity(len(left))
        for name, level in PLACES.items():
            codes = features.codes(name)
            if codes is None:
                continue
            left_values, right_values = codes.ids[left], codes.ids[right]
            both_present = (left_values >= 0) & (right_values >= 0)
            agree = both_present & (left_values == right_values)
            if name in slips:
                at = np.flatnonzero(both_present & ~agree)
                agree[at] = slips[name].between(left_values[at], right_values[at])
            levels[both_present & (levels == MISSING)] = DIFFERENT
            levels[agree] = np.maximum(levels[agree], level)
            value_bits = rarity.bits[name]
            agreed_bits = np.minimum(value_bits[left_values[agree]], value_bits[right_values[agree]])
            bits[agree] = np.maximum(bits[agree], agreed_bits)
        if features.words("street") is not None:
            _compare_streets(features, words, levels, bits, left, right)
        return levels, bits

    return compare


def _compare_streets(
    features: Features, words: WordComparer, levels: Levels, bits: Floats, left: Ints, right: Ints
) -> None:
    """Street and house agree only where the place does not contradict them: many towns have a main street."""
    aligned = words.align("street", "street", left, right)
    both_present = aligned.fewer > 0
    levels[both_present & (levels == MISSING)] = DIFFERENT
    matched = aligned.same + aligned.alike
    same_street = both_present & (matched * 2 >= aligned.fewer) & (aligned.rarity >= _STREET_BITS)
    same_house = both_present & (matched >= aligned.fewer) & (aligned.rarity >= _HOUSE_BITS)
    street_bits = aligned.rarity
    house = features.codes("house")
    if house is not None:
        left_house, right_house = house.ids[left], house.ids[right]
        same_house &= (left_house == right_house) | (left_house < 0) | (right_house < 0)
        numbered = same_house & (left_house >= 0) & (right_house >= 0)
        street_bits = np.where(numbered, street_bits + np.float32(_HOUSE_NUMBER_BITS), street_bits)
    elsewhere = (levels == DIFFERENT) | _fine_place_differs(features, levels, left, right)
    same_street &= same_house | ~elsewhere
    levels[same_street] = np.maximum(levels[same_street], STREET)
    levels[same_house & ~elsewhere] = HOUSE
    bits[same_street] = np.maximum(bits[same_street], street_bits[same_street])


def _fine_place_differs(features: Features, levels: Levels, left: Ints, right: Ints) -> Bools:
    """Whether both records have a village, or both a postcode, and they agree in neither."""
    differs = np.zeros(len(left), dtype=np.bool_)
    for name in ("village", "postcode"):
        codes = features.codes(name)
        if codes is not None:
            differs |= (levels < VILLAGE) & (codes.ids[left] >= 0) & (codes.ids[right] >= 0)
    return differs
