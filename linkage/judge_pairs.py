"""Judges single pairs by a model made before, as the registry does with each new record."""

from dataclasses import dataclass

import numpy as np

from linkage.comparing import Comparer
from linkage.comparing.level_arrays import Bools, Floats
from linkage.feature_extraction import extract_features
from linkage.features import Ints
from linkage.model import Model
from linkage.people import People
from linkage.result import Explanation
from linkage.scoring.deterministic_rules import NO_RULE, SHARED_IDENTIFIER, Rules, apply_rules
from linkage.scoring.explanations import explain_pairs
from linkage.scoring.match_weights import score


@dataclass(frozen=True, slots=True)
class Judgements:
    """Per pair: match weight in bits, probability (0 to 1), and the rule that decides it (an index of RULES)."""

    weight: Floats
    probability: Floats
    rule: Rules

    def certain(self) -> Bools:
        """Pairs that a deterministic rule links."""
        return np.asarray((self.rule != NO_RULE) & (self.rule != SHARED_IDENTIFIER))


def judge(people: People, left: Ints, right: Ints, model: Model) -> Judgements:
    """Score the pairs (left[i], right[i]). Rarity comes from the model: a few records do not show how common a name
    is."""
    comparer = Comparer(extract_features(people), model.frequencies)
    comparisons = comparer.compare(left, right)
    scores = score(comparisons, model)
    return Judgements(scores.total, scores.probability(), apply_rules(comparer, comparisons, model))


def explain_pair(people: People, left: int, right: int, model: Model) -> Explanation:
    """Why the records `left` and `right` have their match weight."""
    comparer = Comparer(extract_features(people), model.frequencies)
    pair = (np.array([left], dtype=np.int32), np.array([right], dtype=np.int32))
    return next(explain_pairs(people, comparer, model, *pair))
