"""The model: how likely each level of agreement is for one person, and for two."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldModel:
    """Levels of one field from disagreement upwards, and how likely each is for the same person (m) and for two (u)."""

    name: str
    levels: tuple[str, ...]
    m: tuple[float, ...]
    u: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A versioned model. `prior` is the probability that two records drawn by chance are one person; `household` and
    `twins` that they are of one household, or twins."""

    version: str
    fields: tuple[FieldModel, ...]
    prior: float
    household: float
    twins: float
    frequencies: Mapping[str, Mapping[str, float]]
