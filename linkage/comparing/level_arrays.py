"""What comparing pairs gives: per field an array of comparison levels and one of rarities."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.features import Ints

MISSING = 0
"""The level of a field that one of the two records lacks. Level 1 is disagreement, the highest one full agreement."""

Levels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]
Frequencies = Mapping[str, Mapping[str, float]]
"""Field to value to the share of records that have it; "" stands for every value that is not listed."""

Compare = Callable[[Ints, Ints], tuple[Levels, Floats]]
"""Levels and rarities (bits) of the pairs (left[i], right[i]) in one field."""


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Per field: the level of each pair, as a number (`MISSING`, then those of its FieldSpec from 1), and the rarity in
    bits of the value on which the pair agrees, 0 where it does not."""

    levels: dict[str, Levels]
    rarity: dict[str, Floats]

    def __len__(self) -> int:
        return len(next(iter(self.levels.values()), ()))


def same_level(count: int, level: int = 1) -> Levels:
    """So many pairs, all at one level."""
    return np.full(count, level, dtype=np.uint8)


def no_rarity(count: int) -> Floats:
    return np.zeros(count, dtype=np.float32)
