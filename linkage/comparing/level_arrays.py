"""What a comparison says of pairs, in arrays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.features import Ints

MISSING = 0
"""Level number of a field that one of two records lacks; 1 is the lowest level of agreement."""

Levels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]
Frequencies = Mapping[str, Mapping[str, float]]

Compare = Callable[[Ints, Ints], tuple[Levels, Floats]]
"""Levels and rarities (bits) of the pairs (left[i], right[i]) in one field."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Per field the level of each pair (0 missing, then SPECS' levels from 1), and how rare what agrees is, in bits."""

    levels: dict[str, Levels]
    told: dict[str, Floats]


def started(count: int, level: int = 1) -> Levels:
    """That many pairs at one level."""
    return np.full(count, level, dtype=np.uint8)


def nothing_told(count: int) -> Floats:
    """No rarity in that many pairs."""
    return np.zeros(count, dtype=np.float32)
