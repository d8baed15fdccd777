"""Judges given pairs by a model made before: what the registry does at intake."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.registry.matching.aligning import Floats
from services.registry.matching.building import built
from services.registry.matching.comparing import Comparer
from services.registry.matching.explaining import explained
from services.registry.matching.features import Ints
from services.registry.matching.linkage import Explanation
from services.registry.matching.model import Model
from services.registry.matching.people import People
from services.registry.matching.rules import SHARED, Rule, decided
from services.registry.matching.scoring import score


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
