"""The parameters of a model: m and u probabilities of every comparison level, priors and thresholds."""

from collections.abc import Mapping
from dataclasses import dataclass

from linkage.comparing.fields import Kind, SharedWith

LARGEST_RARITY = 24.0
"""Bits: no value counts as rarer than one in 17 million, since names are not drawn independently of each other."""


@dataclass(frozen=True, slots=True)
class FieldModel:
    """The parameters of one field. Every tuple has one figure per comparison level, from disagreement upwards.

    `m` and `u` are how likely a level is between two records of one person, and of two strangers. `m_household` and
    `m_twins` are the same between two members of one household, and two twins; where they are empty, `shared_with` says
    whether m or u stands for them. `rarity` is the mean rarity in bits of the values on which strangers agree at a
    level, `rarity_weight` how far the rarity of a pair's own value counts against that (0 to 1).
    """

    name: str
    kind: Kind
    levels: tuple[str, ...]
    m: tuple[float, ...]
    u: tuple[float, ...]
    rarity: tuple[float, ...]
    rarity_weight: tuple[float, ...]
    shared_with: SharedWith = "nobody"
    m_household: tuple[float, ...] = ()
    m_twins: tuple[float, ...] = ()

    def between_household_members(self) -> tuple[float, ...]:
        """How likely each level is between two members of one household."""
        return self.m_household or (self.m if self.shared_with == "household" else self.u)

    def between_twins(self) -> tuple[float, ...]:
        """How likely each level is between two twins of one household."""
        return self.m_twins or self.m_household or (self.u if self.shared_with == "nobody" else self.m)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Pairs of probability `link` or more are linked, those of `review` or more are left for a person to decide.

    All are 0 to 1. `false_links` is the estimated share of wrong links among the links, `missed_links` that of matches
    whose probability is below `review`.
    """

    link: float
    review: float
    false_links: float
    missed_links: float


@dataclass(frozen=True, slots=True)
class Model:
    """A versioned model.

    `prior` is the probability that two records drawn at random are of one person, `prior_household` and `prior_twins`
    that they are of one household, or of twins. `frequencies` maps field to value to the share of records that have it,
    "" to that of any value not listed; it is empty where the list itself is counted. `thresholds` is set where the
    model judges one record at a time.
    """

    version: str
    fields: tuple[FieldModel, ...]
    prior: float
    prior_household: float
    prior_twins: float
    frequencies: Mapping[str, Mapping[str, float]]
    thresholds: Thresholds | None = None
