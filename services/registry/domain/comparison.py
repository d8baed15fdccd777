"""Comparison: under which keys people are found, and how likely two of them are one, by the matching engine."""

from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from linkage.blocking.newcomer_blocking import registry_keys
from linkage.feature_extraction import extract_features
from linkage.judge_pairs import explain_pair, judge
from linkage.model import Model
from linkage.people import People, from_rows
from linkage.result import DECISIONS, Decision, Explanation, Line
from linkage.scoring.deterministic_rules import RULES, SHARED_IDENTIFIER
from services.registry.domain.matching_traits import Traits


class NoThresholds(Exception):
    """The model does not say from which probability on two are one."""


class Step(NamedTuple):
    """A line of an explanation without the values compared. `weight` is in bits."""

    field: str
    level: str
    weight: float


class Likeness(NamedTuple):
    """How alike two are: bits, probability, and on which side of the thresholds that is, a rule's word included."""

    weight: float
    probability: float
    side: Decision

    def facts(self, model: Model) -> dict[str, Any]:
        """Why a rule merged, for the merge record."""
        return {"weight": round(self.weight, 3), "probability": round(self.probability, 6), "model": model.version}


def keys_of(people: Sequence[Traits]) -> list[list[str]]:
    """Up to six texts for each, the strongest first; two records of one person share some as a rule. Takes long: of
    250 people about 15 ms."""
    return registry_keys(extract_features(_columns(people)))


def likenesses(people: Sequence[Traits], pairs: Sequence[tuple[int, int]], model: Model) -> list[Likeness]:
    """How alike the pairs of people are, by their rows, the smaller first. Takes long, as `keys_of` does.

    Raises NoThresholds.
    """
    if model.thresholds is None:
        raise NoThresholds
    if not pairs:
        return []
    rows, places = np.unique(np.array(pairs, dtype=np.int32), return_inverse=True)
    left, right = places.reshape(-1, 2).astype(np.int32).T
    judged = judge(_columns([people[row] for row in rows]), left, right, model)
    chance = np.where(judged.rule == SHARED_IDENTIFIER, 0.0, judged.probability)
    sides = np.where(
        judged.certain() | (chance >= model.thresholds.link), 2, np.where(chance >= model.thresholds.review, 1, 0)
    )
    return [
        Likeness(weight, probability, DECISIONS[side])
        for weight, probability, side in zip(
            judged.weight.tolist(), judged.probability.tolist(), sides.tolist(), strict=True
        )
    ]


def explain(first: Traits, second: Traits, model: Model) -> Explanation:
    """Why two weigh what they weigh together, with the values compared."""
    return explain_pair(_columns([first, second]), 0, 1, model)


def most_alike(ours: Sequence[Traits], theirs: Sequence[Traits], model: Model) -> Explanation | None:
    """Why those two weigh what they weigh together who are most alike, one of each side; None where a side is empty.

    Raises NoThresholds.
    """
    people, rows = [*ours, *theirs], range(len(ours), len(ours) + len(theirs))
    pairs = list(product(range(len(ours)), rows))
    if not pairs:
        return None
    _, (left, right) = max(
        zip(likenesses(people, pairs, model), pairs, strict=True), key=lambda scored: scored[0].weight
    )
    return explain(people[left], people[right], model)


def steps_of(explanation: Explanation) -> tuple[Step, ...]:
    """The explanation without values; a rule that decided comes first."""
    rule = rule_of(explanation)
    return (*((Step("rule", rule, 0.0),) if rule else ()), *(_step(line) for line in explanation.lines))


def rule_of(explanation: Explanation) -> str | None:
    """The rule that decided beside the weight, if any."""
    return explanation.rule if explanation.rule in RULES[1:] else None


def _step(line: Line) -> Step:
    return Step(line.field, line.level, round(line.weight, 3))


def _columns(people: Sequence[Traits]) -> People:
    return from_rows([str(n) for n in range(len(people))], people)
