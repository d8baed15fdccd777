"""Judges given pairs by a model made before: what the registry does at intake."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.comparing import Comparer
from linkage.comparing.word_alignment import Floats
from linkage.feature_extraction import built
from linkage.features import Ints
from linkage.model import Model
from linkage.people import People
from linkage.result import Explanation
from linkage.scoring.deterministic_rules import SHARED, Rule, decided
from linkage.scoring.explanations import explained
from linkage.scoring.match_weights import score


@dataclass(frozen=True, slots=True)
class Judged:
    """Per pair: bits, probability (0 to 1), and the rule that decides (an index of rules.RULES, 0 for none)."""

    weight: Floats
    probability: Floats
    rule: Rule

    def certain(self) -> NDArray[np.bool_]:
        """Pairs that a deterministic rule links."""
        return np.asarray((self.rule > 0) & (self.rule != SHARED))


def judge(people: People, left: Ints, right: Ints, model: Model) -> Judged:
    """Weigh pairs of people. Rarities come from the model, since a batch says nothing of how common a name is."""
    comparer = Comparer(built(people), model.frequencies)
    compared = comparer.compare(left, right)
    scored = score(compared, model)
    return Judged(scored.total, scored.probability(), decided(comparer, compared, model))


def explain_pair(people: People, left: int, right: int, model: Model) -> Explanation:
    """Why two people weigh what they weigh together."""
    comparer = Comparer(built(people), model.frequencies)
    at = (np.array([left], dtype=np.int32), np.array([right], dtype=np.int32))
    return next(explained(people, comparer, model, *at))
