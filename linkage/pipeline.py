"""Links one list, or two: blocking, model, match weights, thresholds, clusters."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
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
from linkage.model.thresholds import AcceptedErrors, choose_thresholds
from linkage.people import People
from linkage.result import DECISIONS, Contradiction, Histogram, Linkage, LinkageWarning, Pairs
from linkage.scoring.deterministic_rules import NO_RULE, SHARED_IDENTIFIER, Rules, apply_rules
from linkage.scoring.match_weights import probability, score

NO, REVIEW, LINK = (DECISIONS.index(decision) for decision in ("no", "review", "link"))
KEPT = 0.01
"""Probability from which on a pair is kept, though it may be below both thresholds."""

ASSIGNMENT_BITS = 20.0
"""Added to the weights before the one-to-one assignment, which keeps no pair of negative weight."""

SURE = 0.9
SHARE_OF_DUPLICATES = 0.01
"""Two lists are taken to be free of duplicates if no more than this share of the surely linked records has two
partners."""

CONTRADICTING_BITS = -8.0
"""Match weight below which two records cannot be one person, whatever chain of links joins them."""

_CHUNK = 250_000
_HISTOGRAM_EDGES = np.arange(-60.0, 61.0, 2.0)

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


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


def silent(what: str, done: int, total: int) -> None:
    """A Progress that shows nothing."""


def link(
    people: People,
    *,
    settings: Settings = DEFAULTS,
    model: Model | None = None,
    labels: tuple[Ints, Ints] | None = None,
    progress: Progress = silent,
) -> Linkage:
    """Tell which records are of one person. `labels` are pairs known to be. Raises NothingToCompare.

    The same people, settings and model give the same linkage.
    """
    progress("Reading names and dates", 0, 1)
    features = extract_features(people)
    comparer = Comparer(features, model.frequencies if model else None)
    if not comparer.fields:
        raise NothingToCompare("no column says anything that tells people apart")
    progress("Reading names and dates", 1, 1)
    candidates = propose_pairs(
        features, budget=settings.budget, progress=lambda done: progress("Looking for pairs", int(100 * done), 100)
    )
    if model is None:
        progress("Learning weights", 0, 1)
        model = learn(comparer, candidates.left, candidates.right, seed=settings.seed, labels=labels)
        progress("Learning weights", 1, 1)
    return _decide(people, comparer, model, candidates, settings, progress)


@dataclass(frozen=True, slots=True)
class _Scored:
    """The candidate pairs that are worth keeping (`at` indexes the candidates), and the histogram of all weights."""

    at: NDArray[np.intp]
    weight: Floats
    rule: Rules
    histogram: Histogram


def _score(comparer: Comparer, model: Model, candidates: CandidatePairs, progress: Progress) -> _Scored:
    """Scores all candidates, by chunks on two threads, so that few arrays of pairs are in memory at once."""

    def score_chunk(start: int) -> tuple[NDArray[np.intp], Floats, Rules, NDArray[np.int64]]:
        chunk = slice(start, start + _CHUNK)
        comparisons = comparer.compare(candidates.left[chunk], candidates.right[chunk])
        weights = score(comparisons, model).total
        rules = apply_rules(comparer, comparisons, model)
        kept = np.flatnonzero((probability(weights) >= KEPT) | (rules != NO_RULE))
        inside = np.clip(weights, _HISTOGRAM_EDGES[0], _HISTOGRAM_EDGES[-1])
        return kept + start, weights[kept], rules[kept], np.histogram(inside, _HISTOGRAM_EDGES)[0]

    starts = range(0, len(candidates), _CHUNK)
    parts = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for number, part in enumerate(pool.map(score_chunk, starts), 1):
            parts.append(part)
            progress("Comparing pairs", min(number * _CHUNK, len(candidates)), len(candidates))
    if not parts:
        empty = np.zeros(0)
        return _Scored(empty.astype(np.intp), empty.astype(np.float32), empty.astype(np.uint8), Histogram((), ()))
    counts = np.sum([part[3] for part in parts], axis=0)
    histogram = Histogram([float(edge) for edge in _HISTOGRAM_EDGES], [int(count) for count in counts])
    at, weight, rule = (np.concatenate([part[k] for part in parts]) for k in range(3))
    return _Scored(at, weight, rule, histogram)


def _decide(
    people: People,
    comparer: Comparer,
    model: Model,
    candidates: CandidatePairs,
    settings: Settings,
    progress: Progress,
) -> Linkage:
    scored = _score(comparer, model, candidates, progress)
    pair_probability = probability(scored.weight)
    by_rule = np.where(scored.rule == SHARED_IDENTIFIER, 0.0, 1.0)
    likely = np.where(scored.rule == NO_RULE, pair_probability, by_rule)
    left, right = candidates.left[scored.at], candidates.right[scored.at]
    one_to_one = settings.one_to_one
    if one_to_one is None:
        one_to_one = _free_of_duplicates(people, left, right, likely)
    if one_to_one and people.second is not None:
        likely = np.where(_assigned(left, right, scored, likely), likely, 0.0)
    accepted = AcceptedErrors(settings.false_links, settings.missed_links)
    thresholds = choose_thresholds(likely[likely > 0], accepted, len(people))
    decision = np.full(len(left), NO, dtype=np.uint8)
    decision[likely >= thresholds.review] = REVIEW
    decision[likely >= thresholds.link] = LINK
    decision[scored.rule == SHARED_IDENTIFIER] = REVIEW
    labels, decision, contradictions = _cluster(comparer, model, left, right, scored.weight, decision)
    order = np.lexsort((right, left, -scored.weight))
    rank = np.argsort(order)
    return Linkage(
        people=people,
        model=model,
        pairs=Pairs(left[order], right[order], scored.weight[order], pair_probability[order], decision[order]),
        thresholds=thresholds,
        clusters=labels,
        keys=candidates.reports(_of_candidates(candidates, scored, likely >= 0.5)),
        compared=len(candidates),
        weights=scored.histogram,
        warnings=tuple(_warnings(scored.rule, one_to_one, people, candidates)),
        contradictions={int(rank[pair]): contradiction for pair, contradiction in contradictions.items()},
        comparer=comparer,
    )


def _assigned(left: Ints, right: Ints, scored: _Scored, likely: Floats) -> Bools:
    """The pairs of the one-to-one assignment. A pair that a rule decides weighs no less than nothing."""
    assigned = np.zeros(len(left), dtype=np.bool_)
    possible = np.flatnonzero(likely >= KEPT)
    weight = np.where(scored.rule == NO_RULE, scored.weight, np.maximum(scored.weight, 0.0)) + ASSIGNMENT_BITS
    assigned[possible[assign(left[possible], right[possible], weight[possible])]] = True
    return assigned


def _cluster(
    comparer: Comparer, model: Model, left: Ints, right: Ints, weight: Floats, decision: NDArray[np.uint8]
) -> tuple[Ints, NDArray[np.uint8], dict[int, Contradiction]]:
    """Clusters of the links, the decisions after them, and by pair the contradiction that kept it from being a link.

    A link that would join records that contradict each other is left for review; a pair within a cluster needs none.
    """
    features, contradictions = comparer.features, Contradictions(comparer.features)

    def reasons(first: Ints, second: Ints) -> NDArray[np.uint8]:
        comparisons = comparer.compare(first, second)
        bits, rules = score(comparisons, model).total, apply_rules(comparer, comparisons, model)
        by_weight = np.where(bits < CONTRADICTING_BITS, REASONS.index("weight"), 0)
        by_values = np.where(bits < 0, contradictions.between(first, second), 0)
        not_matched = (rules == NO_RULE) | (rules == SHARED_IDENTIFIER)
        return np.where(not_matched, np.where(by_values > 0, by_values, by_weight), 0).astype(np.uint8)

    links = np.flatnonzero(decision == LINK)
    clustering = cluster(
        features.size, left[links], right[links], weight[links], lambda first, second: reasons(first, second) > 0
    )
    refused = links[clustering.refused]
    decision[refused] = REVIEW
    within = clustering.labels[left] == clustering.labels[right]
    if features.second is None:
        decision[within & (decision == REVIEW)] = LINK
    ends = np.array(clustering.contradicting, dtype=np.int32).reshape(-1, 2)
    names = [_reason(number) for number in reasons(ends[:, 0], ends[:, 1])] if len(ends) else []
    because = {
        int(pair): Contradiction(int(a), int(b), name)
        for pair, (a, b), name in zip(refused, clustering.contradicting, names, strict=True)
    }
    return clustering.labels, decision, because


def _reason(number: np.uint8) -> Reason:
    return REASONS[int(number)]


def _free_of_duplicates(people: People, left: Ints, right: Ints, likely: Floats) -> bool:
    """Whether hardly any record of two lists is surely linked with two records of the other list."""
    if people.second is None:
        return False
    sure = likely >= SURE
    if not sure.any():
        return False
    return all(len(np.unique(side)) >= (1 - SHARE_OF_DUPLICATES) * len(side) for side in (left[sure], right[sure]))


def _of_candidates(candidates: CandidatePairs, scored: _Scored, chosen: Bools) -> Bools:
    mask = np.zeros(len(candidates), dtype=np.bool_)
    mask[scored.at[chosen]] = True
    return mask


def _warnings(rules: Rules, one_to_one: bool, people: People, candidates: CandidatePairs) -> Iterator[LinkageWarning]:
    if shared := int((rules == SHARED_IDENTIFIER).sum()):
        yield LinkageWarning("shared identifier", count=shared)
    if people.second is not None and one_to_one:
        yield LinkageWarning("one to one")
    for key in candidates.unused:
        yield LinkageWarning(key.reason, key=key.name)
