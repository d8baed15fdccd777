"""Addresses: the finest part that agrees decides, since the parts of one address are not evidence twice."""

import numpy as np

from linkage.comparing.identifier_levels import Slips
from linkage.comparing.level_arrays import MISSING, Compare, Floats, Levels, nothing_told
from linkage.comparing.name_levels import Wordings
from linkage.comparing.rarity import Rarities
from linkage.features import Features, Ints

DIFFERENT, PROVINCE, REGENCY, DISTRICT, VILLAGE, STREET, HOUSE = range(1, 8)
"""Levels of addresses. A postcode is as fine as a village."""

PLACES = {"province": PROVINCE, "regency": REGENCY, "district": DISTRICT, "village": VILLAGE, "postcode": VILLAGE}
_SPELLED = frozenset({"regency", "district", "village"})
_TELLING_STREET, _TELLING_HOUSE = 3.0, 5.0
"""Bits that the words of a street must tell in common."""

_NUMBER = 4.0
"""Bits that the same house number tells."""


def homes(features: Features, rarities: Rarities, wordings: Wordings) -> Compare:
    """The levels of addresses, from the parts that the list has."""
    slips = {name: Slips(codes) for name in _SPELLED if (codes := features.codes(name)) is not None}

    def compare(left: Ints, right: Ints) -> tuple[Levels, Floats]:
        levels = np.zeros(len(left), dtype=np.uint8)
        told = nothing_told(len(left))
        for name, level in PLACES.items():
            codes = features.codes(name)
            if codes is None:
                continue
            one, other = codes.ids[left], codes.ids[right]
            known = (one >= 0) & (other >= 0)
            agree = known & (one == other)
            if name in slips:
                at = np.flatnonzero(known & ~agree)
                agree[at] = slips[name].between(one[at], other[at])
            levels[known & (levels == MISSING)] = DIFFERENT
            levels[agree] = np.maximum(levels[agree], level)
            rarity = rarities.of[name]
            told[agree] = np.maximum(told[agree], np.minimum(rarity[one[agree]], rarity[other[agree]]))
        if features.words("street") is not None:
            _see_street(features, wordings, levels, told, left, right)
        return levels, told

    return compare


def _see_street(features: Features, wordings: Wordings, levels: Levels, told: Floats, left: Ints, right: Ints) -> None:
    """Streets and houses agree only where the place does not say otherwise: many towns have a main street."""
    found = wordings.aligned("street", "street", left, right)
    known = found.fewer > 0
    levels[known & (levels == MISSING)] = DIFFERENT
    matched = found.same + found.alike
    street = known & (matched * 2 >= found.fewer) & (found.told >= _TELLING_STREET)
    whole = known & (matched >= found.fewer) & (found.told >= _TELLING_HOUSE)
    rarity = found.told
    house = features.codes("house")
    if house is not None:
        one, other = house.ids[left], house.ids[right]
        whole &= (one == other) | (one < 0) | (other < 0)
        rarity = np.where(whole & (one >= 0) & (other >= 0), rarity + np.float32(_NUMBER), rarity)
    elsewhere = levels == DIFFERENT
    for name in ("village", "postcode"):
        codes = features.codes(name)
        if codes is not None:
            elsewhere |= (levels < VILLAGE) & (codes.ids[left] >= 0) & (codes.ids[right] >= 0)
    street &= whole | ~elsewhere
    levels[street] = np.maximum(levels[street], STREET)
    levels[whole & ~elsewhere] = HOUSE
    told[street] = np.maximum(told[street], rarity[street])
