"""The model: how likely each level of agreement is for one person, and for two."""

from collections.abc import Mapping
from dataclasses import dataclass

from linkage.comparing.fields import Bond, Kind

UNIQUE = 24.0
"""Bits: no agreement of names counts as rarer than one in 17 million, since names are not drawn by lot."""


@dataclass(frozen=True, slots=True)
class FieldModel:
    """Levels of one field from disagreement upwards, and how likely each is for the same person (m) and for two (u).

    `told` is the mean rarity, in bits, of what agrees by chance at a level, and `damped` how far a pair's own rarity
    counts against it. `bond` says who shares the value beside the person; `kin` and `twin` are what stands in the place
    of u between members of one household and between twins, empty where that is u (or, by the bond, m).
    """

    name: str
    kind: Kind
    levels: tuple[str, ...]
    m: tuple[float, ...]
    u: tuple[float, ...]
    told: tuple[float, ...]
    damped: tuple[float, ...]
    bond: Bond = "self"
    kin: tuple[float, ...] = ()
    twin: tuple[float, ...] = ()

    def between_kin(self) -> tuple[float, ...]:
        """How likely each level is for two members of one household."""
        return self.kin or (self.m if self.bond == "family" else self.u)

    def between_twins(self) -> tuple[float, ...]:
        """How likely each level is for two twins of one household."""
        return self.twin or self.kin or (self.m if self.bond in ("family", "twin") else self.u)


@dataclass(frozen=True, slots=True)
class Limits:
    """From `link` upwards a pair is linked, from `review` upwards a steward sees it: probabilities, 0 to 1.

    `false_links` is the estimated share of wrong ones among the linked, `missed_links` that of matches under `review`.
    """

    link: float
    review: float
    false_links: float
    missed_links: float


@dataclass(frozen=True, slots=True)
class Model:
    """A versioned model. `prior` is the probability that two records drawn by chance are one person; `household` and
    `twins` that they are of one household, or twins. `frequencies`: field to value to share of records with it, ""
    for values not listed; empty where the list itself tells. `limits`: those that were chosen with it, where a
    model is used on one record at a time."""

    version: str
    fields: tuple[FieldModel, ...]
    prior: float
    household: float
    twins: float
    frequencies: Mapping[str, Mapping[str, float]]
    limits: Limits | None = None
