"""Links one list, or two: blocking, model, match weights, thresholds, clusters."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.blocking import CandidatePairs, propose_pairs
from linkage.clustering.clusters import cluster
from linkage.clustering.contradictions import REASONS, Contradictions, Reason
from linkage.clustering.one_to_one import assign
from linkage.comparing import Comparer
from linkage.comparing.level_arrays import Bools, Floats
from linkage.feature_extraction import extract_features
from linkage.features import Ints
from linkage.model import Model
from linkage.model.estimation import learn
from linkage.model.parameters import Thresholds
from linkage.model.thresholds import AcceptedErrors, choose_thresholds
from linkage.people import People
from linkage.progress import Progress, silent
from linkage.result import DECISIONS, Contradiction, DecidedPairs, Linkage, LinkageWarning, Pairs
from linkage.scoring.deterministic_rules import NO_RULE, SHARED_IDENTIFIER, Rules, apply_rules
from linkage.scoring.match_weights import probability, score
from linkage.scoring.scored_pairs import (
    DIFFERENT,
    KEPT,
    SAME,
    UNDECIDED,
    ScoredPairs,
    score_candidates,
    with_decisions,
)

NO, REVIEW, LINK = (DECISIONS.index(decision) for decision in ("no", "review", "link"))
ASSIGNMENT_BITS = 20.0
"""Added to the weights before the one-to-one assignment, which keeps no pair of negative weight."""

DECIDED_BITS = 1e6
"""The weight in the one-to-one assignment of a pair that a person has decided is one person."""

SURE = 0.9
SHARE_OF_DUPLICATES = 0.01
"""Two lists are taken to be free of duplicates if no more than this share of the surely linked records has two
partners."""

CONTRADICTING_BITS = -8.0
"""Match weight below which two records cannot be one person, whatever chain of links joins them."""


class NothingToCompare(Exception):
    """No column of the list tells people apart."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a user may choose.

    `false_links` and `missed_links` are shares accepted, 0 to 1. `one_to_one`: each list is free of duplicates; None:
    decide by the pairs. `budget`: candidate pairs per record.
    """

    false_links: float = 0.03
    missed_links: float = 0.02
    one_to_one: bool | None = None
    seed: int = 0
    budget: int = 40


DEFAULTS = Settings()


def link(
    people: People,
    *,
    settings: Settings = DEFAULTS,
    model: Model | None = None,
    labels: tuple[Ints, Ints] | None = None,
    decided: DecidedPairs | None = None,
    progress: Progress = silent,
) -> Linkage:
    """Tell which records are of one person. Raises NothingToCompare.

    `labels` are matches from which the model is learned. `decided` pairs are linked or kept apart as a person has
    decided, whatever they weigh. The same arguments give the same linkage.
    """
    progress("Reading names and dates", 0, 1)
    features = extract_features(people)
    comparer = Comparer(features, model.frequencies if model else None)
    if not comparer.fields:
        raise NothingToCompare("no column holds anything that tells people apart")
    progress("Reading names and dates", 1, 1)
    candidates = propose_pairs(
        features, budget=settings.budget, progress=lambda done: progress("Looking for pairs", int(100 * done), 100)
    )
    if model is None:
        progress("Learning weights", 0, 1)
        model = learn(comparer, candidates.left, candidates.right, seed=settings.seed, labels=labels)
        progress("Learning weights", 1, 1)
    return _decide(people, comparer, model, candidates, decided, settings, progress)


def _decide(
    people: People,
    comparer: Comparer,
    model: Model,
    candidates: CandidatePairs,
    decided: DecidedPairs | None,
    settings: Settings,
    progress: Progress,
) -> Linkage:
    """Decisions of the pairs, and clusters.

    Thresholds are chosen as if nobody had decided any pair: who decides all pairs left for review is not given new
    ones.
    """
    scored = score_candidates(comparer, model, candidates, progress)
    one_to_one = settings.one_to_one
    if one_to_one is None:
        one_to_one = _free_of_duplicates(people, scored)
    one_to_one = one_to_one and people.second is not None
    likely = _likely(scored, one_to_one)
    accepted = AcceptedErrors(settings.false_links, settings.missed_links)
    thresholds = choose_thresholds(likely[likely > 0], accepted, len(people))
    probable = _of_candidates(candidates, scored, likely >= 0.5)
    if decided is not None and len(decided.left):
        scored = with_decisions(scored, comparer, model, decided)
        likely = _likely(scored, one_to_one)
    labels, decision, contradictions = _cluster(comparer, model, scored, _decisions(scored, likely, thresholds))
    order = np.lexsort((scored.right, scored.left, -scored.weight))
    rank = np.argsort(order)
    weight = scored.weight[order]
    return Linkage(
        people=people,
        model=model,
        pairs=Pairs(scored.left[order], scored.right[order], weight, probability(weight), decision[order]),
        thresholds=thresholds,
        clusters=labels,
        keys=candidates.reports(probable),
        compared=len(candidates),
        weights=scored.histogram,
        warnings=tuple(_warnings(scored.rule, one_to_one, candidates)),
        contradictions={int(rank[pair]): contradiction for pair, contradiction in contradictions.items()},
        decided={int(rank[pair]): bool(scored.decided[pair]) for pair in np.flatnonzero(scored.decided != UNDECIDED)},
        comparer=comparer,
    )


def _likely(scored: ScoredPairs, one_to_one: bool) -> Floats:
    """How likely each pair is one person; 0 for what the one-to-one assignment leaves out."""
    likely = scored.likely
    return np.where(_assigned(scored, likely), likely, 0.0) if one_to_one else likely


def _decisions(scored: ScoredPairs, likely: Floats, thresholds: Thresholds) -> NDArray[np.uint8]:
    """By the thresholds, but for what a rule leaves for review and what a person has decided."""
    decision = np.full(len(likely), NO, dtype=np.uint8)
    decision[likely >= thresholds.review] = REVIEW
    decision[likely >= thresholds.link] = LINK
    decision[scored.rule == SHARED_IDENTIFIER] = REVIEW
    decision[scored.decided == SAME] = LINK
    decision[scored.decided == DIFFERENT] = NO
    return decision


def _assigned(scored: ScoredPairs, likely: Floats) -> Bools:
    """The pairs of the one-to-one assignment. A pair that a rule decides weighs no less than nothing, one that a person
    has decided is sure to be kept, or to be left out."""
    assigned = np.zeros(len(likely), dtype=np.bool_)
    possible = np.flatnonzero(((likely >= KEPT) | (scored.decided == SAME)) & (scored.decided != DIFFERENT))
    weight = np.where(scored.rule == NO_RULE, scored.weight, np.maximum(scored.weight, 0.0)) + ASSIGNMENT_BITS
    weight = np.where(scored.decided == SAME, DECIDED_BITS, weight)
    assigned[possible[assign(scored.left[possible], scored.right[possible], weight[possible])]] = True
    return assigned


def _cluster(
    comparer: Comparer, model: Model, scored: ScoredPairs, decision: NDArray[np.uint8]
) -> tuple[Ints, NDArray[np.uint8], dict[int, Contradiction]]:
    """Clusters of the links, the decisions after them, and by pair the contradiction that kept it from being a link.

    A link that would join records that contradict each other is left for review; a pair within a cluster needs none.
    """
    features, contradictions = comparer.features, Contradictions(comparer.features)
    left, right = scored.left, scored.right

    def reasons(first: Ints, second: Ints) -> NDArray[np.uint8]:
        comparisons = comparer.compare(first, second)
        bits, rules = score(comparisons, model).total, apply_rules(comparer, comparisons, model)
        by_weight = np.where(bits < CONTRADICTING_BITS, REASONS.index("weight"), 0)
        by_values = np.where(bits < 0, contradictions.between(first, second), 0)
        not_matched = (rules == NO_RULE) | (rules == SHARED_IDENTIFIER)
        return np.where(not_matched, np.where(by_values > 0, by_values, by_weight), 0).astype(np.uint8)

    links, apart = np.flatnonzero(decision == LINK), np.flatnonzero(scored.decided == DIFFERENT)
    different = set(zip(left[apart].tolist(), right[apart].tolist(), strict=True))
    clustering = cluster(
        features.size,
        left[links],
        right[links],
        scored.weight[links],
        lambda first, second: reasons(first, second) > 0,
        forced=scored.decided[links] == SAME,
        different=sorted(different),
    )
    refused = links[clustering.refused]
    decision[refused] = REVIEW
    within = clustering.labels[left] == clustering.labels[right]
    if features.second is None:
        decision[within & (decision == REVIEW)] = LINK
    ends = np.array(clustering.contradicting, dtype=np.int32).reshape(-1, 2)
    numbers = reasons(ends[:, 0], ends[:, 1]) if len(ends) else np.zeros(0, dtype=np.uint8)
    because = {}
    for pair, (a, b), number in zip(refused.tolist(), clustering.contradicting, numbers.tolist(), strict=True):
        reason: Reason = "decided" if (min(a, b), max(a, b)) in different else REASONS[number]
        because[pair] = Contradiction(a, b, reason)
    return clustering.labels, decision, because


def _free_of_duplicates(people: People, scored: ScoredPairs) -> bool:
    """Whether hardly any record of two lists is surely linked with two records of the other list."""
    if people.second is None:
        return False
    sure = scored.likely >= SURE
    if not sure.any():
        return False
    sides = scored.left[sure], scored.right[sure]
    return all(len(np.unique(side)) >= (1 - SHARE_OF_DUPLICATES) * len(side) for side in sides)


def _of_candidates(candidates: CandidatePairs, scored: ScoredPairs, chosen: Bools) -> Bools:
    """The chosen pairs as a mask over all candidates."""
    mask = np.zeros(len(candidates), dtype=np.bool_)
    mask[scored.at[chosen]] = True
    return mask


def _warnings(rules: Rules, one_to_one: bool, candidates: CandidatePairs) -> Iterator[LinkageWarning]:
    if shared := int((rules == SHARED_IDENTIFIER).sum()):
        yield LinkageWarning("shared identifier", count=shared)
    if one_to_one:
        yield LinkageWarning("one to one")
    for key in candidates.unused:
        yield LinkageWarning(key.reason, key=key.name)
