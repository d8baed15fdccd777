"""Scores pairs: what each field's level weighs, less what a household or twins would explain as well."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.comparing import Compared, Levels
from linkage.comparing.word_alignment import Floats
from linkage.model import UNIQUE, FieldModel, Model

SURE = 60.0
"""Bits at which a weight is cut, so that one field never outweighs all arithmetic."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Bits per pair. The total is prior + the fields' weights + kinship, which is never positive."""

    total: Floats
    fields: dict[str, Floats]
    kinship: Floats
    prior: float

    def probability(self) -> Floats:
        """That the two records are one person, 0 to 1."""
        return probability(self.total)


def probability(bits: Floats) -> Floats:
    """From log2 odds."""
    return np.asarray(1.0 / (1.0 + np.exp2(-np.clip(bits, -SURE, SURE))), dtype=np.float32)


def score(compared: Compared, model: Model) -> Scored:
    """The weights of compared pairs; fields that the model does not know weigh nothing."""
    count = len(next(iter(compared.levels.values()), np.zeros(0)))
    fields: dict[str, Floats] = {}
    kin, twins = np.zeros(count, dtype=np.float32), np.zeros(count, dtype=np.float32)
    for field in model.fields:
        if field.name not in compared.levels:
            continue
        levels, told = compared.levels[field.name], compared.told[field.name]
        fields[field.name] = weigh(field, levels, told)
        kin += _instead(field, field.between_kin(), levels, fields[field.name])
        twins += _instead(field, field.between_twins(), levels, fields[field.name])
    strangers = 1.0 - model.prior - model.household - model.twins
    prior = float(np.log2(model.prior / strangers))
    alike = np.logaddexp2(kin + np.log2(model.household / strangers), twins + np.log2(model.twins / strangers))
    kinship = -np.logaddexp2(0.0, alike).astype(np.float32)
    total = (prior + sum(fields.values(), np.zeros(count, dtype=np.float32)) + kinship).astype(np.float32)
    return Scored(total, fields, kinship, prior)


def weigh(field: FieldModel, levels: Levels, told: Floats) -> Floats:
    """The weight of each pair's level in bits; a missing one weighs nothing.

    The rarity of what agrees raises or lowers it. No level weighs less than a lower one would with the same values.
    """
    rarity = np.minimum(told, UNIQUE)
    weights = np.full(len(levels), -np.inf, dtype=np.float32)
    for number, base in enumerate(bits(field.m, field.u), 1):
        damped = field.damped[number - 1]
        reached = levels >= number
        own = base + damped * (rarity - field.told[number - 1])
        weights = np.where(reached, np.maximum(weights, own), weights)
    return np.asarray(np.where(levels == 0, 0.0, np.clip(weights, -SURE, SURE)), dtype=np.float32)


def bits(over: tuple[float, ...], under: tuple[float, ...]) -> NDArray[np.float32]:
    """Log2 ratios, level by level."""
    return np.asarray(np.log2(np.array(over) / np.array(under)), dtype=np.float32)


def _instead(field: FieldModel, instead: tuple[float, ...], levels: Levels, weight: Floats) -> Floats | float:
    """What the level would weigh for kin against strangers: a rare family name is no surprise among them either."""
    if instead == field.u:
        return 0.0
    if instead == field.m:
        return weight
    table = np.concatenate([[np.float32(0.0)], bits(instead, field.m)])
    return np.asarray(weight + table[levels], dtype=np.float32)
