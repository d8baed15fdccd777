"""Scores the candidate pairs, and marks those of which a person has decided whether they are one person."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.blocking import CandidatePairs
from linkage.comparing import Comparer
from linkage.comparing.level_arrays import Floats
from linkage.features import Ints
from linkage.model import Model
from linkage.progress import Progress
from linkage.result import DecidedPairs, Histogram
from linkage.scoring.deterministic_rules import NO_RULE, SHARED_IDENTIFIER, Rules, apply_rules
from linkage.scoring.match_weights import probability, score

UNDECIDED, DIFFERENT, SAME = -1, 0, 1
"""What a person has decided of a pair."""

KEPT = 0.01
"""Probability from which on a pair is kept, though it may be below both thresholds."""

_CHUNK = 250_000
_HISTOGRAM_EDGES = np.arange(-60.0, 61.0, 2.0)


@dataclass(frozen=True, slots=True)
class ScoredPairs:
    """The candidate pairs that are worth keeping, with their scores, and the histogram of all weights.

    `at` indexes the candidates, -1 for a decided pair that is none. `decided` is SAME,
    DIFFERENT or UNDECIDED.
    """

    at: NDArray[np.intp]
    left: Ints
    right: Ints
    weight: Floats
    rule: Rules
    decided: NDArray[np.int8]
    histogram: Histogram

    @property
    def likely(self) -> Floats:
        """The probability of each pair to be one person: by its weight, or by the rule that decides it."""
        by_rule = np.where(self.rule == SHARED_IDENTIFIER, 0.0, 1.0)
        return np.where(self.rule == NO_RULE, probability(self.weight), by_rule)


def score_candidates(comparer: Comparer, model: Model, candidates: CandidatePairs, progress: Progress) -> ScoredPairs:
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
        at, weight, rule = empty.astype(np.intp), empty.astype(np.float32), empty.astype(np.uint8)
        histogram = Histogram((), ())
    else:
        counts = np.sum([part[3] for part in parts], axis=0)
        histogram = Histogram([float(edge) for edge in _HISTOGRAM_EDGES], [int(count) for count in counts])
        at, weight, rule = (np.concatenate([part[k] for part in parts]) for k in range(3))
    undecided = np.full(len(at), UNDECIDED, dtype=np.int8)
    return ScoredPairs(at, candidates.left[at], candidates.right[at], weight, rule, undecided, histogram)


def with_decisions(scored: ScoredPairs, comparer: Comparer, model: Model, decided: DecidedPairs) -> ScoredPairs:
    """Marks the decided pairs, and adds those of them that are no candidates or not worth keeping."""
    size = comparer.features.size
    numbers = scored.left.astype(np.int64) * size + scored.right
    wanted = decided.left.astype(np.int64) * size + decided.right
    new = ~np.isin(wanted, numbers)
    left, right = decided.left[new], decided.right[new]
    comparisons = comparer.compare(left, right)
    marks = np.full(len(numbers) + len(left), UNDECIDED, dtype=np.int8)
    order = np.argsort(wanted)
    place = np.minimum(np.searchsorted(wanted[order], numbers), len(wanted) - 1)
    is_decided = wanted[order][place] == numbers
    marks[: len(numbers)][is_decided] = decided.same[order][place][is_decided]
    marks[len(numbers) :] = decided.same[new]
    return ScoredPairs(
        at=np.append(scored.at, np.full(len(left), -1, dtype=np.intp)),
        left=np.append(scored.left, left),
        right=np.append(scored.right, right),
        weight=np.append(scored.weight, score(comparisons, model).total),
        rule=np.append(scored.rule, apply_rules(comparer, comparisons, model)),
        decided=marks,
        histogram=scored.histogram,
    )
