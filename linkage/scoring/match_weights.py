"""Match weights of pairs: the weight of each field's level, less what a household or twins would explain as well."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.comparing import Comparisons, Levels
from linkage.comparing.level_arrays import Floats
from linkage.model import LARGEST_RARITY, FieldModel, Model

LARGEST_WEIGHT = 60.0
"""Bits at which a weight is cut off, so that 2 to its power stays a number."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Match weights in bits, one per pair.

    `total` = `prior` + the sum of `fields` + `household`, which is never positive: how far the agreement is explained
    by one household or by twins.
    """

    total: Floats
    fields: dict[str, Floats]
    household: Floats
    prior: float

    def probability(self) -> Floats:
        """That the two records are of one person, 0 to 1."""
        return probability(self.total)


def probability(bits: Floats) -> Floats:
    """The probability (0 to 1) of a match weight in bits, which is the log2 of the odds."""
    return np.asarray(1.0 / (1.0 + np.exp2(-np.clip(bits, -LARGEST_WEIGHT, LARGEST_WEIGHT))), dtype=np.float32)


def score(comparisons: Comparisons, model: Model) -> Scores:
    """The match weights of compared pairs. A field that the model does not have weighs nothing."""
    count = len(comparisons)
    fields: dict[str, Floats] = {}
    household, twins = np.zeros(count, dtype=np.float32), np.zeros(count, dtype=np.float32)
    for field in model.fields:
        if field.name not in comparisons.levels:
            continue
        levels, rarity = comparisons.levels[field.name], comparisons.rarity[field.name]
        fields[field.name] = field_weights(field, levels, rarity)
        household += _weights_of_class(field, field.between_household_members(), levels, fields[field.name])
        twins += _weights_of_class(field, field.between_twins(), levels, fields[field.name])
    strangers = 1.0 - model.prior - model.prior_household - model.prior_twins
    prior = float(np.log2(model.prior / strangers))
    relatives = np.logaddexp2(
        household + np.log2(model.prior_household / strangers), twins + np.log2(model.prior_twins / strangers)
    )
    reduction = -np.logaddexp2(0.0, relatives).astype(np.float32)
    total = (prior + sum(fields.values(), np.zeros(count, dtype=np.float32)) + reduction).astype(np.float32)
    return Scores(total, fields, reduction, prior)


def field_weights(field: FieldModel, levels: Levels, rarity: Floats) -> Floats:
    """The weight of each pair's level in bits: log2(m/u), raised or lowered by the rarity of the value; missing is 0.

    No level weighs less than a lower one would with the same values.
    """
    rarity = np.minimum(rarity, LARGEST_RARITY)
    weights = np.full(len(levels), -np.inf, dtype=np.float32)
    for level, log_ratio in enumerate(log2_ratios(field.m, field.u), 1):
        share = field.rarity_weight[level - 1]
        with_rarity = log_ratio + share * (rarity - field.rarity[level - 1])
        weights = np.where(levels >= level, np.maximum(weights, with_rarity), weights)
    limited = np.clip(weights, -LARGEST_WEIGHT, LARGEST_WEIGHT)
    return np.asarray(np.where(levels == 0, 0.0, limited), dtype=np.float32)


def log2_ratios(over: tuple[float, ...], under: tuple[float, ...]) -> NDArray[np.float32]:
    return np.asarray(np.log2(np.array(over) / np.array(under)), dtype=np.float32)


def _weights_of_class(
    field: FieldModel, probabilities: tuple[float, ...], levels: Levels, weights: Floats
) -> Floats | float:
    """The field's weights if pairs of relatives, not of one person, were set against strangers. Rarity counts in the
    same way: relatives share a rare family name as one person does."""
    if probabilities == field.u:
        return 0.0
    if probabilities == field.m:
        return weights
    difference = np.concatenate([[np.float32(0.0)], log2_ratios(probabilities, field.m)])
    return np.asarray(weights + difference[levels], dtype=np.float32)
